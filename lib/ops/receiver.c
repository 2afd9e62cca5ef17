/* SPDX-License-Identifier: MIT */
/*
 * A receiver: a file that arrives in pieces, judged segment by segment. The public functions are
 * here; receiver_segment.c has what happens to one segment, receiver_state.c saves and loads.
 */
#include "ops/receiver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/context.h"
#include "engine/span.h"
#include "io/read_write.h"

#define PIECES_DEFAULT ((size_t)1 << 20)

/* Most bytes that are written and hashed at once. */
#define COPY_LENGTH (64 * KIB)

/* Zeros are found in parts of a piece that end at multiples of this. */
#define ZEROS_UNIT 4096

/* ---- Making and freeing ---- */

/* Check and copy the options. 0 or a code. */
static int receiver_init(struct ssum_receiver *receiver,
			 const struct ssum_receiver_options *options)
{
	const struct ssum_checkpoints *checkpoints = options->checkpoints;
	struct algorithm *algorithm = &receiver->algorithm;
	struct stat st;
	int flags, rc;

	if (!options->digest)
		return SSUM_ERR_OPTIONS;
	receiver->fd = options->fd;
	receiver->length = options->length;
	receiver->segment = options->segment;
	receiver->user = options->user;
	receiver->reads_again = options->read_again;
	receiver->finds_zeros = options->find_zeros;
	receiver->pieces_max = options->pieces ? options->pieces : PIECES_DEFAULT;
	rc = algorithm_find(options->algorithm, algorithm);
	if (rc)
		return rc;
	if (options->digest->length != algorithm->digest_length)
		return SSUM_ERR_OPTIONS;
	if (receiver->length > algorithm->max_length)
		return SSUM_ERR_TOO_LONG;

	flags = fcntl(receiver->fd, F_GETFL);
	if (flags < 0 || fstat(receiver->fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return SSUM_ERR_NOT_REGULAR;
	if ((flags & O_ACCMODE) != O_RDWR || flags & O_APPEND)
		return -EBADF;
	if (receiver->length > INT64_MAX)
		return -EFBIG;

	/* The checkpoints must have the digest of this content. The caller owns them, so they are
	   copied. */
	receiver->interval = UINT64_MAX;
	receiver->checkpoints.digest = *options->digest;
	if (checkpoints) {
		if (!checkpoints_are_of(checkpoints, algorithm, options->digest) ||
		    checkpoints->length != receiver->length ||
		    checkpoints->count !=
			    checkpoint_count(checkpoints->length, checkpoints->interval))
			return SSUM_ERR_CHECKPOINTS;
		receiver->interval = checkpoints->interval;
		rc = checkpoints_copy(&receiver->checkpoints, checkpoints);
		if (rc)
			return rc;
	}

	receiver->algorithms = (struct algorithms){algorithm, 1};
	receiver->each[0] = &receiver->checkpoints;
	rc = judgement_init(&receiver->judgement, &receiver->algorithms, receiver->each,
			    receiver->length);
	if (rc)
		return rc;
	receiver->count = receiver->judgement.count;
	receiver->segments = calloc(receiver->count, sizeof(*receiver->segments));
	if (!receiver->segments)
		return -ENOMEM;
	/* The one segment of an empty content is complete without any piece, and
	   ssum_receiver_finish() judges it. */
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
	rc = options_copy_in(&taken, sizeof(taken), options);
	if (!rc)
		rc = receiver_init(receiver, &taken);
	if (rc)
		ssum_receiver_free(receiver);
	else
		*made = receiver;
	return rc;
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
		segment_forget(receiver, i);
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

/* The number of bytes at the start that are all zeros, or all data, in complete units of the
   file. */
static size_t receiver_run_length(const unsigned char *data, size_t length, uint64_t offset,
				  bool *is_zero)
{
	size_t at = 0;

	while (at < length) {
		size_t step = min_u64(length - at, ZEROS_UNIT - (offset + at) % ZEROS_UNIT);
		bool step_is_zero = bytes_are_zero(data + at, step);

		if (at && step_is_zero != *is_zero)
			break;
		*is_zero = step_is_zero;
		at += step;
	}
	return at;
}

/*
 * Divide a piece at the borders of segments; data is NULL for zeros. Data are copied first. They
 * are read more than once. If the caller's buffer changes meanwhile, the hashed bytes must still be
 * the written ones.
 */
static int receiver_receive(struct ssum_receiver *receiver, uint64_t offset, uint64_t length,
			    const unsigned char *data)
{
	unsigned char *copy = NULL;
	int rc = 0;

	if (offset > receiver->length || length > receiver->length - offset)
		return -EINVAL;
	if (data && length)
		copy = malloc((size_t)min_u64(length, COPY_LENGTH));
	if (data && length && !copy)
		return -ENOMEM;
	while (length && !rc) {
		size_t index = (size_t)(offset / receiver->interval);
		uint64_t taken = min_u64(length, segment_end(receiver, index) - offset);
		bool is_zero = !data;

		if (data) {
			taken = min_u64(taken, COPY_LENGTH - offset % COPY_LENGTH);
			memcpy(copy, data, (size_t)taken);
		}
		if (data && receiver->finds_zeros)
			taken = receiver_run_length(copy, (size_t)taken, offset, &is_zero);
		rc = context_cancelled(receiver->context)
			     ? SSUM_ERR_CANCELLED
			     : segment_receive(receiver, index,
					       (struct piece){offset, offset + taken, is_zero},
					       is_zero ? NULL : copy);
		offset += taken;
		length -= taken;
		data = data ? data + taken : NULL;
	}
	free(copy);
	return rc;
}

int ssum_receiver_write(struct ssum_receiver *receiver, uint64_t offset, const void *data,
			size_t length)
{
	return length && !data ? -EINVAL : receiver_receive(receiver, offset, length, data);
}

int ssum_receiver_hole(struct ssum_receiver *receiver, uint64_t offset, uint64_t length)
{
	return receiver_receive(receiver, offset, length, NULL);
}

int ssum_receiver_missing(struct ssum_receiver *receiver, ssum_range_fn *missing, void *user)
{
	struct ssum_range range;
	uint64_t offset = 0;
	bool found;

	do {
		pthread_mutex_lock(&receiver->lock);
		found = segment_next_range(receiver, BYTES_MISSING, &offset, &range);
		pthread_mutex_unlock(&receiver->lock);
		if (found && missing(user, &range))
			return SSUM_ERR_CANCELLED;
	} while (found);
	return 0;
}

int ssum_receiver_progress(struct ssum_receiver *receiver, struct ssum_received *received)
{
	uint64_t counts[BYTES_GOOD + 1] = {0};

	pthread_mutex_lock(&receiver->lock);
	segment_count_bytes(receiver, counts);
	pthread_mutex_unlock(&receiver->lock);
	const struct ssum_received value = {
		.size = sizeof(value),
		.good = counts[BYTES_GOOD],
		.received = counts[BYTES_RECEIVED],
		.missing = counts[BYTES_MISSING],
	};
	return options_copy_out(received, &value, sizeof(value));
}

/* ---- Finishing ---- */

/* Judge the complete segments that were not judged yet: their hashing was cancelled, or they were
   loaded from a saved state. Reports the verdicts. 0 or a code. */
static int receiver_judge_complete(struct ssum_receiver *receiver)
{
	unsigned char *marks = calloc(receiver->count, sizeof(*marks));
	bool found = false;
	int rc = 0, reported = 0;

	if (!marks)
		return -ENOMEM;

	/* Hold all of them. Segments that others hold are judged by their holders. */
	pthread_mutex_lock(&receiver->lock);
	while (receiver->is_closed)
		pthread_cond_wait(&receiver->released, &receiver->lock);
	for (size_t i = 0; i < receiver->count; i++) {
		struct receiver_segment *segment = &receiver->segments[i];

		if (segment->is_held || !segment_is_complete(receiver, i))
			continue;
		segment->is_held = found = true;
		receiver->held++;
		marks[i] = MARK_TO_JUDGE;
	}
	pthread_mutex_unlock(&receiver->lock);

	if (found)
		rc = segment_judge_marked(receiver, marks);

	/* Report when nothing is held any more: the callback may call the receiver. */
	for (size_t i = 0; i < receiver->count; i++)
		if (marks[i] != MARK_NONE)
			segment_release(receiver, i);
	for (size_t i = 0; i < receiver->count && !reported; i++)
		if (marks[i] == MARK_GOOD || marks[i] == MARK_DAMAGED)
			reported = segment_report(
				receiver, i, marks[i] == MARK_GOOD ? SSUM_HOLDS : SSUM_DIFFERS);
	free(marks);
	return rc ? rc : reported;
}

/*
 * A segment that fails has damaged data, or a wrong checkpoint at one of its ends. Hash the
 * segments from the first one that fails in one chain, until its value equals a checkpoint. Then
 * all segments of the chain are right, and the checkpoints between them were wrong. Returns 0 if
 * the segments of the chain are good now, or if none failed, in which case *all_good is set;
 * otherwise SSUM_DIFFERS or a code.
 */
static int receiver_follow_chain(struct ssum_receiver *receiver, bool *all_good)
{
	struct segment_chain chain = {.first = 0};
	struct file_source file;
	int rc = 0;

	/* Hold all segments, so that no other thread writes. */
	pthread_mutex_lock(&receiver->lock);
	while (receiver->is_closed)
		pthread_cond_wait(&receiver->released, &receiver->lock);
	receiver->is_closed = true;
	while (receiver->held)
		pthread_cond_wait(&receiver->released, &receiver->lock);
	pthread_mutex_unlock(&receiver->lock);

	*all_good = judgement_proven(&receiver->judgement) == receiver->count;
	for (size_t i = 0; i < receiver->count && !rc; i++)
		if (!receiver->judgement.holds[i] && !receiver->segments[i].was_whole)
			rc = SSUM_ERR_INCOMPLETE;
	if (!*all_good && !rc) {
		file_source_unchecked(&file, receiver->fd, receiver->length);
		rc = chain_init_failed(&chain, &receiver->judgement, &file.source);
	}
	if (!*all_good && !rc)
		rc = span_run(receiver->context, &chain.job.span, NULL);

	pthread_mutex_lock(&receiver->lock);
	if (!*all_good && !rc)
		rc = chain_judge(&chain) ? SSUM_HOLDS : SSUM_DIFFERS;
	for (size_t i = chain.first; i < chain.end && !rc; i++)
		segment_forget(receiver, i);
	receiver->is_closed = false;
	pthread_cond_broadcast(&receiver->released);
	pthread_mutex_unlock(&receiver->lock);

	for (size_t i = chain.first; i < chain.end && !rc; i++)
		rc = segment_report(receiver, i, SSUM_HOLDS);
	chain_clear(&chain);
	return rc;
}

int ssum_receiver_finish(struct ssum_receiver *receiver)
{
	bool all_good = false;
	struct stat st;
	int rc;

	if (context_cancelled(receiver->context))
		return SSUM_ERR_CANCELLED;
	if (fstat(receiver->fd, &st))
		return -errno;
	if ((uint64_t)st.st_size != receiver->length)
		return SSUM_ERR_CHANGED;
	rc = receiver_judge_complete(receiver);
	while (!rc && !all_good)
		rc = receiver_follow_chain(receiver, &all_good);
	return rc;
}
