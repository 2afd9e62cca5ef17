/* SPDX-License-Identifier: MIT */
/* Judging what was received: segments as they become complete, and the whole at the end. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "file/reader.h"
#include "package/receiver.h"

#define READ_LENGTH (256 * KIB)

/* Zeros that are hashed between two looks at the flag that cancels. */
#define ZEROS_AT_ONCE (64 * MIB)

/* ---- Hashing ---- */

/* A stream that stands where a segment begins. */
static int begin_stream(const struct ssum_receiver *receiver, size_t index,
			struct ssum_stream *stream)
{
	struct ssum_digest value;

	if (!index)
		return stream_init(stream, &receiver->algorithm);
	checkpoints_value(&receiver->checkpoints, index, &value);
	return stream_restore(stream, &receiver->algorithm, segment_begin(receiver, index), &value);
}

static int hash_zeros(const struct ssum_receiver *receiver, struct ssum_stream *stream,
		      uint64_t length)
{
	int rc = 0;

	while (length && !rc) {
		uint64_t piece = min_u64(length, ZEROS_AT_ONCE);

		rc = context_cancelled(receiver->context) ? SSUM_ERR_CANCELLED
							  : ssum_stream_zeros(stream, piece);
		length -= piece;
	}
	return rc;
}

static int hash_next_read(const struct ssum_receiver *receiver, struct ssum_stream *stream,
			  void *buffer, size_t length, uint64_t offset)
{
	int rc = context_cancelled(receiver->context) ? SSUM_ERR_CANCELLED : 0;

	if (!rc)
		rc = read_exactly(receiver->fd, buffer, length, offset);
	return rc ? rc : ssum_stream_update(stream, buffer, length);
}

/* What is in the file. */
static int hash_file(const struct ssum_receiver *receiver, struct ssum_stream *stream,
		     uint64_t offset, uint64_t end)
{
	size_t room = (size_t)min_u64(READ_LENGTH, end - offset);
	void *buffer = room ? malloc(room) : NULL;
	int rc = room && !buffer ? -ENOMEM : 0;

	while (offset < end && !rc) {
		size_t length = (size_t)min_u64(room, end - offset);

		rc = hash_next_read(receiver, stream, buffer, length, offset);
		offset += length;
	}
	free(buffer);
	return rc;
}

/* Go on with a piece that begins where the hash stands; its bytes are known to be zeros, or are in
   memory, or else in the file alone. */
static int hash_piece(const struct ssum_receiver *receiver, size_t index, struct piece piece,
		      const unsigned char *data)
{
	struct partial *partial = receiver->segments[index].partial;
	struct ssum_stream *stream = &partial->stream;
	uint64_t length = piece.end - piece.begin;
	int rc = stream->algorithm ? 0 : begin_stream(receiver, index, stream);

	if (rc)
		return rc;
	if (piece.is_hole)
		rc = hash_zeros(receiver, stream, length);
	else if (data)
		rc = ssum_stream_update(stream, data, (size_t)length);
	else
		rc = hash_file(receiver, stream, piece.begin, piece.end);
	partial->hashed = piece.end;
	return rc;
}

/* What cannot be read again has to come again. One that was cancelled can be hashed later. */
static int give_up(struct ssum_receiver *receiver, size_t index, int rc)
{
	partial_unhash(receiver, index);
	if (rc == SSUM_ERR_CANCELLED)
		return rc;
	pthread_mutex_lock(&receiver->lock);
	partial_drop(receiver, index);
	pthread_mutex_unlock(&receiver->lock);
	return rc;
}

/* Bytes that went into the hash and come again, in whatever form, make it void. */
int segment_take(struct ssum_receiver *receiver, size_t index, struct piece piece,
		 const unsigned char *data)
{
	struct partial *partial = receiver->segments[index].partial;
	struct piece next;
	int rc = 0;

	if (piece.begin < partial->hashed)
		partial_unhash(receiver, index);
	partial_note(receiver, index, piece);
	if (piece.begin == partial->hashed)
		rc = hash_piece(receiver, index, piece, data);
	while (partial_advance(receiver, index, &next))
		if (!rc && next.begin == partial->hashed)
			rc = hash_piece(receiver, index, next, NULL);
	return rc ? give_up(receiver, index, rc) : 0;
}

/* ---- Verdicts ---- */

/* Whether a stream that stands behind `index` segments has come to what is expected there. At the
   end of the content there is no going on with it. */
static int is_expected(const struct ssum_receiver *receiver, size_t index,
		       struct ssum_stream *stream, bool *is)
{
	struct ssum_digest expected = receiver->digest, found;
	int rc;

	if (index == receiver->count) {
		rc = ssum_stream_final(stream, &found);
	} else {
		checkpoints_value(&receiver->checkpoints, index, &expected);
		rc = ssum_stream_save(stream, &found);
	}
	*is = !rc && ssum_digest_equal(&expected, &found);
	return rc;
}

int segment_judge(struct ssum_receiver *receiver, size_t index, int *verdict)
{
	struct receiver_segment *segment = &receiver->segments[index];
	bool is_good;
	int rc = hash_piece(receiver, index,
			    (struct piece){.begin = segment->partial->hashed,
					   .end = segment_end(receiver, index)},
			    NULL);

	if (!rc)
		rc = is_expected(receiver, index + 1, &segment->partial->stream, &is_good);
	if (rc)
		return give_up(receiver, index, rc);
	pthread_mutex_lock(&receiver->lock);
	segment->is_good = is_good;
	segment->was_whole = true;
	partial_drop(receiver, index);
	pthread_mutex_unlock(&receiver->lock);
	*verdict = is_good ? SSUM_SAME : SSUM_DIFFERS;
	return 0;
}

/* ---- The whole ---- */

/* Segments that are complete and were not judged: their hashing was cancelled, or was that of
   another process. */
static int judge_complete(struct ssum_receiver *receiver)
{
	int rc = 0;

	for (size_t i = 0; i < receiver->count && !rc; i++) {
		int verdict;

		if (!segment_hold(receiver, i))
			continue;
		bool is_complete = segment_is_complete(receiver, i);
		if (is_complete)
			rc = segment_judge(receiver, i, &verdict);
		segment_release(receiver, i);
		if (is_complete && !rc)
			rc = segment_tell(receiver, i, verdict);
	}
	return rc;
}

static size_t first_not_good(const struct ssum_receiver *receiver)
{
	size_t index = 0;

	while (index < receiver->count && receiver->segments[index].is_good)
		index++;
	return index;
}

/* From there on all segments are good: what comes to the value there comes to the digest. */
static size_t proven_from(const struct ssum_receiver *receiver)
{
	size_t index = receiver->count;

	while (index && receiver->segments[index - 1].is_good)
		index--;
	return index;
}

static bool all_have_come(const struct ssum_receiver *receiver)
{
	for (size_t i = 0; i < receiver->count; i++)
		if (!receiver->segments[i].is_good && !receiver->segments[i].was_whole)
			return false;
	return true;
}

/*
 * Go on in one chain from the last value that is known to be true, over segments that fail, until
 * it meets an expected value: then their data are right, and checkpoints in between were wrong. If
 * it meets none up to where everything that follows is good, the data are wrong. *end is where it
 * came to.
 */
static int follow_chain(const struct ssum_receiver *receiver, struct ssum_stream *stream,
			size_t first, size_t *end, bool *met)
{
	size_t last = proven_from(receiver);
	int rc = begin_stream(receiver, first, stream);

	*met = false;
	for (*end = first; *end < last && !*met && !rc; ++*end) {
		rc = hash_file(receiver, stream, segment_begin(receiver, *end),
			       segment_end(receiver, *end));
		if (!rc)
			rc = is_expected(receiver, *end + 1, stream, met);
	}
	return rc;
}

static void close_to_others(struct ssum_receiver *receiver)
{
	pthread_mutex_lock(&receiver->lock);
	while (receiver->is_closed)
		pthread_cond_wait(&receiver->released, &receiver->lock);
	receiver->is_closed = true;
	while (receiver->held)
		pthread_cond_wait(&receiver->released, &receiver->lock);
	pthread_mutex_unlock(&receiver->lock);
}

/* With the segments that were proven meanwhile. */
static void open_to_others(struct ssum_receiver *receiver, size_t first, size_t end)
{
	pthread_mutex_lock(&receiver->lock);
	for (size_t i = first; i < end; i++) {
		receiver->segments[i].is_good = true;
		partial_drop(receiver, i);
	}
	receiver->is_closed = false;
	pthread_cond_broadcast(&receiver->released);
	pthread_mutex_unlock(&receiver->lock);
}

/* Look at the first segments that are not good once more, with those behind them, while nobody else
   writes. 0 if they are now, or if there are none, which is *all_good; or SSUM_DIFFERS or a code.
 */
static int settle_next(struct ssum_receiver *receiver, bool *all_good)
{
	struct ssum_stream stream = {0};
	bool met = false;
	int rc = 0;

	close_to_others(receiver);
	size_t first = first_not_good(receiver), end = first;
	*all_good = first == receiver->count;
	if (!*all_good)
		rc = all_have_come(receiver) ? follow_chain(receiver, &stream, first, &end, &met)
					     : SSUM_ERR_INCOMPLETE;
	open_to_others(receiver, first, !rc && met ? end : first);
	stream_clear(&stream);
	if (!rc && !met && !*all_good)
		rc = SSUM_DIFFERS;
	for (size_t i = first; i < end && !rc; i++)
		rc = segment_tell(receiver, i, SSUM_SAME);
	return rc;
}

static int check_length(const struct ssum_receiver *receiver)
{
	struct stat st;

	if (fstat(receiver->fd, &st))
		return -errno;
	return (uint64_t)st.st_size == receiver->length ? 0 : SSUM_ERR_CHANGED;
}

int ssum_receiver_finish(struct ssum_receiver *receiver)
{
	bool all_good = false;
	int rc = context_cancelled(receiver->context) ? SSUM_ERR_CANCELLED : check_length(receiver);

	if (!rc)
		rc = judge_complete(receiver);
	while (!rc && !all_good)
		rc = settle_next(receiver, &all_good);
	return rc;
}
