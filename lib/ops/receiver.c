/* SPDX-License-Identifier: MIT */
#include "ops/receiver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/options.h"
#include "io/writer.h"
#include "io/interruptions.h"

#define PIECES_DEFAULT ((size_t)1 << 20)

/* ---- Segments ---- */

uint64_t segment_begin(const struct ssum_receiver *receiver, size_t index)
{
	return judgement_offset(&receiver->judgement, index);
}

uint64_t segment_end(const struct ssum_receiver *receiver, size_t index)
{
	return judgement_offset(&receiver->judgement, index + 1);
}

bool segment_hold(struct ssum_receiver *receiver, size_t index)
{
	struct receiver_segment *segment = &receiver->segments[index];

	pthread_mutex_lock(&receiver->lock);
	while (segment->is_held || receiver->is_closed)
		pthread_cond_wait(&receiver->released, &receiver->lock);
	bool hold = !receiver->judgement.holds[index];
	segment->is_held = hold;
	receiver->held += hold;
	pthread_mutex_unlock(&receiver->lock);
	return hold;
}

void segment_release(struct ssum_receiver *receiver, size_t index)
{
	pthread_mutex_lock(&receiver->lock);
	receiver->segments[index].is_held = false;
	receiver->held--;
	pthread_cond_broadcast(&receiver->released);
	pthread_mutex_unlock(&receiver->lock);
}

int segment_tell(struct ssum_receiver *receiver, size_t index, int verdict)
{
	const struct ssum_range range = {
		.offset = segment_begin(receiver, index),
		.length = segment_end(receiver, index) - segment_begin(receiver, index),
	};

	if (!receiver->segment || !range.length)
		return 0;
	return receiver->segment(receiver->user, &range, verdict) ? SSUM_ERR_CANCELLED : 0;
}

/* ---- Making one ---- */

/* Checkpoints of this very content; they are the caller's, so they are copied. */
static int take_checkpoints(struct ssum_receiver *receiver, const struct ssum_checkpoints *given,
			    const struct ssum_digest *digest)
{
	receiver->interval = UINT64_MAX;
	receiver->checkpoints.digest = *digest;
	if (!given)
		return 0;
	if (!checkpoints_are_of(given, &receiver->algorithm, digest) ||
	    given->length != receiver->length ||
	    given->count != checkpoint_count(given->length, given->interval))
		return SSUM_ERR_CHECKPOINTS;
	receiver->interval = given->interval;
	return checkpoints_copy(&receiver->checkpoints, given);
}

static int check_file(const struct ssum_receiver *receiver)
{
	int flags = fcntl(receiver->fd, F_GETFL);
	struct stat st;

	if (flags < 0 || fstat(receiver->fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return SSUM_ERR_NOT_REGULAR;
	if ((flags & O_ACCMODE) != O_RDWR || flags & O_APPEND)
		return -EBADF;
	return receiver->length > INT64_MAX ? -EFBIG : 0;
}

static int receiver_init(struct ssum_receiver *receiver,
			 const struct ssum_receiver_options *options)
{
	int rc;

	if (!options->digest)
		return SSUM_ERR_OPTIONS;
	receiver->fd = options->fd;
	receiver->length = options->length;
	receiver->segment = options->segment;
	receiver->user = options->user;
	receiver->reads_again = options->read_again;
	receiver->pieces_max = options->pieces ? options->pieces : PIECES_DEFAULT;
	rc = algorithm_find(options->algorithm, &receiver->algorithm);
	if (rc)
		return rc;
	if (options->digest->length != receiver->algorithm.digest_length)
		return SSUM_ERR_OPTIONS;
	if (receiver->length > receiver->algorithm.max_length)
		return SSUM_ERR_TOO_LONG;
	rc = check_file(receiver);
	return rc ? rc : take_checkpoints(receiver, options->checkpoints, options->digest);
}

static int make_segments(struct ssum_receiver *receiver)
{
	int rc;

	receiver->algorithms = (struct algorithms){&receiver->algorithm, 1};
	receiver->each[0] = &receiver->checkpoints;
	rc = judgement_init(&receiver->judgement, &receiver->algorithms, receiver->each,
			    receiver->length);
	if (rc)
		return rc;
	receiver->count = receiver->judgement.count;
	receiver->segments = calloc(receiver->count, sizeof(*receiver->segments));
	if (!receiver->segments)
		return -ENOMEM;
	/* Of nothing, everything has come; finish judges it. */
	receiver->segments[0].was_whole = !receiver->length;
	return 0;
}

int receiver_make(struct ssum_context *context, const struct ssum_receiver_options *options,
		  struct ssum_receiver **made)
{
	struct ssum_receiver *receiver = calloc(1, sizeof(*receiver));
	struct ssum_receiver_options taken;
	int rc;

	*made = NULL;
	if (!receiver)
		return -ENOMEM;
	receiver->context = context ? context : context_begin(NULL, &receiver->own);
	pthread_mutex_init(&receiver->lock, NULL);
	pthread_cond_init(&receiver->released, NULL);
	rc = options_take(&taken, sizeof(taken), options);
	if (!rc)
		rc = receiver_init(receiver, &taken);
	if (!rc)
		rc = make_segments(receiver);
	if (rc) {
		ssum_receiver_free(receiver);
		return rc;
	}
	*made = receiver;
	return 0;
}

int receiver_set_length(struct ssum_receiver *receiver)
{
	struct stat st;

	if (fstat(receiver->fd, &st))
		return -errno;
	if ((uint64_t)st.st_size == receiver->length)
		return 0;
	return uninterrupted(ftruncate(receiver->fd, (off_t)receiver->length)) ? -errno : 0;
}

int ssum_receiver_new(struct ssum_context *context, const struct ssum_receiver_options *options,
		      struct ssum_receiver **receiver)
{
	int rc = receiver_make(context, options, receiver);

	if (!rc)
		rc = receiver_set_length(*receiver);
	if (rc) {
		ssum_receiver_free(*receiver);
		*receiver = NULL;
	}
	return rc;
}

void ssum_receiver_free(struct ssum_receiver *receiver)
{
	if (!receiver)
		return;
	for (size_t i = 0; receiver->segments && i < receiver->count; i++)
		partial_drop(receiver, i);
	free(receiver->segments);
	judgement_end(&receiver->judgement);
	checkpoints_clear(&receiver->checkpoints);
	algorithm_release(&receiver->algorithm);
	pthread_cond_destroy(&receiver->released);
	pthread_mutex_destroy(&receiver->lock);
	context_end(receiver->context, &receiver->own);
	free(receiver);
}

/* ---- Receiving ---- */

static int write_piece(struct ssum_receiver *receiver, struct piece piece,
		       const unsigned char *data)
{
	uint64_t length = piece.end - piece.begin;

	return data ? write_exactly(receiver->fd, data, (size_t)length, piece.begin)
		    : write_hole(receiver->fd, piece.begin, length);
}

/* Into the file first: what counts as received is there. */
static int store(struct ssum_receiver *receiver, size_t index, struct piece piece,
		 const unsigned char *data)
{
	int rc = partial_begin(receiver, index);

	if (rc)
		return rc;
	rc = write_piece(receiver, piece, data);
	if (rc)
		partial_spoil(receiver, index, piece);
	return rc ? rc : segment_take(receiver, index, piece, data);
}

static int receive_piece(struct ssum_receiver *receiver, size_t index, struct piece piece,
			 const unsigned char *data)
{
	int verdict, rc;

	if (!segment_hold(receiver, index))
		return 0;
	rc = store(receiver, index, piece, data);
	bool is_complete = !rc && segment_is_complete(receiver, index);
	if (is_complete)
		rc = segment_judge(receiver, index, &verdict);
	segment_release(receiver, index);
	return rc || !is_complete ? rc : segment_tell(receiver, index, verdict);
}

/* Segment by segment. */
static int receive(struct ssum_receiver *receiver, uint64_t offset, uint64_t length,
		   const unsigned char *data)
{
	int rc = 0;

	if (offset > receiver->length || length > receiver->length - offset)
		return -EINVAL;
	while (length && !rc) {
		size_t index = (size_t)(offset / receiver->interval);
		uint64_t room = segment_end(receiver, index) - offset;
		uint64_t taken = min_u64(length, room);
		struct piece piece = {offset, offset + taken, !data};

		rc = context_cancelled(receiver->context)
			     ? SSUM_ERR_CANCELLED
			     : receive_piece(receiver, index, piece, data);
		offset += taken;
		length -= taken;
		data = data ? data + taken : NULL;
	}
	return rc;
}

int ssum_receiver_write(struct ssum_receiver *receiver, uint64_t offset, const void *data,
			size_t length)
{
	return length && !data ? -EINVAL : receive(receiver, offset, length, data);
}

int ssum_receiver_hole(struct ssum_receiver *receiver, uint64_t offset, uint64_t length)
{
	return receive(receiver, offset, length, NULL);
}
