/* SPDX-License-Identifier: MIT */
/*
 * A segment of a receiver: its received bytes, hashing in order, and its verdict.
 *
 *              first piece                last byte               equal to the checkpoint
 *     EMPTY ----------------> PARTIAL ----------------> COMPLETE ------------------------> GOOD
 *       ^                                                  |
 *       +--------------------------------------------------+
 *            differs from the checkpoint, or cannot be read
 *
 *     EMPTY     no struct partial
 *     PARTIAL   a struct partial, its prefix ends before the segment does
 *     COMPLETE  its prefix ends with the segment
 *     GOOD      judgement.holds is true, no struct partial; whatever arrives again is ignored
 *
 * segment_receive() makes all of these steps. A segment usually leaves COMPLETE in the call that
 * completed it. It stays there if that call was cancelled, and if its bytes come from a saved
 * state; then ssum_receiver_finish() judges it.
 *
 * A piece that begins where the stream has stopped is hashed from memory. A piece after a gap is
 * remembered in partial->pieces, and hashed from the file when the gap is filled.
 */
#include <errno.h>
#include <stdlib.h>

#include "engine/pool.h"
#include "engine/span.h"
#include "io/read_write.h"
#include "ops/receiver.h"

/* Zeros that are hashed between two checks for cancellation. */
#define ZEROS_AT_ONCE (64 * MIB)

/* More pieces of one segment would make each insertion slow. */
#define PIECES_OF_SEGMENT 65536

/* ---- Holding a segment ---- */

/* Wait until no thread holds the segment, then hold it. Returns false, without holding it, if it is
   proven. */
static bool segment_hold(struct ssum_receiver *receiver, size_t index)
{
	struct receiver_segment *segment = &receiver->segments[index];

	pthread_mutex_lock(&receiver->lock);
	while (segment->is_held || receiver->is_closed)
		pthread_cond_wait(&receiver->released, &receiver->lock);
	bool hold = !receiver->judgement.holds[index];
	segment->is_held = hold;
	segment->is_loading = false;
	receiver->held += hold;
	pthread_mutex_unlock(&receiver->lock);
	return hold;
}

/* Hold a segment that ssum_receiver_load() has read. Returns false, without holding it, if a piece
   has arrived for it since the reading began. */
static bool segment_hold_loaded(struct ssum_receiver *receiver, size_t index)
{
	struct receiver_segment *segment = &receiver->segments[index];

	pthread_mutex_lock(&receiver->lock);
	while (receiver->is_closed)
		pthread_cond_wait(&receiver->released, &receiver->lock);
	bool hold = segment->is_loading;
	segment->is_loading = false;
	if (hold)
		segment->is_held = true;
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

/* ---- Received data ---- */

int segment_prepare(struct ssum_receiver *receiver, size_t index)
{
	struct receiver_segment *segment = &receiver->segments[index];

	if (segment->partial)
		return 0;
	struct partial *partial = calloc(1, sizeof(*partial));
	if (!partial)
		return -ENOMEM;
	partial->prefix = partial->hashed = segment_begin(receiver, index);
	pthread_mutex_lock(&receiver->lock);
	segment->partial = partial;
	pthread_mutex_unlock(&receiver->lock);
	return 0;
}

void segment_note(struct ssum_receiver *receiver, size_t index, struct piece piece)
{
	struct partial *partial = receiver->segments[index].partial;
	struct pieces *pieces = &partial->pieces;

	pthread_mutex_lock(&receiver->lock);
	size_t before = pieces->count;
	if (piece.begin > partial->prefix)
		/* Without room for it the piece is not remembered, and stays missing. */
		pieces_add(pieces, piece,
			   (size_t)min_u64(receiver->pieces_max - receiver->pieces,
					   PIECES_OF_SEGMENT - before));
	else if (piece.end > partial->prefix)
		partial->prefix = piece.end;
	receiver->pieces += pieces->count - before;
	pthread_mutex_unlock(&receiver->lock);
}

/* Move the prefix over the next remembered piece that touches it. True if there was one; *piece is
   what it adds to the prefix. */
static bool segment_connect(struct ssum_receiver *receiver, size_t index, struct piece *piece)
{
	struct partial *partial = receiver->segments[index].partial;
	bool found;

	pthread_mutex_lock(&receiver->lock);
	do {
		found = pieces_take_first(&partial->pieces, partial->prefix, piece);
		receiver->pieces -= found;
	} while (found && piece->end <= partial->prefix);
	if (found) {
		piece->begin = partial->prefix;
		partial->prefix = piece->end;
	}
	pthread_mutex_unlock(&receiver->lock);
	return found;
}

/* Start the hash of the segment again, because bytes that were hashed have changed. */
static void segment_unhash(struct ssum_receiver *receiver, size_t index)
{
	struct partial *partial = receiver->segments[index].partial;

	stream_clear(&partial->stream);
	partial->hashed = segment_begin(receiver, index);
}

/* Writing a piece failed. Some of its bytes may have changed, so none of them count as received. */
static void segment_spoil(struct ssum_receiver *receiver, size_t index, struct piece piece)
{
	struct partial *partial = receiver->segments[index].partial;

	pthread_mutex_lock(&receiver->lock);
	receiver->pieces -= partial->pieces.count;
	pieces_forget(&partial->pieces, piece.begin, piece.end);
	receiver->pieces += partial->pieces.count;
	if (partial->prefix > piece.begin)
		partial->prefix = piece.begin;
	pthread_mutex_unlock(&receiver->lock);
	if (partial->hashed > piece.begin)
		segment_unhash(receiver, index);
}

void segment_forget(struct ssum_receiver *receiver, size_t index)
{
	struct partial *partial = receiver->segments[index].partial;

	if (!partial)
		return;
	receiver->pieces -= partial->pieces.count;
	pieces_free(&partial->pieces);
	stream_clear(&partial->stream);
	free(partial);
	receiver->segments[index].partial = NULL;
}

bool segment_is_complete(const struct ssum_receiver *receiver, size_t index)
{
	const struct partial *partial = receiver->segments[index].partial;

	return partial && partial->prefix == segment_end(receiver, index);
}

/* Reading or hashing a segment failed. If that was a cancellation, its bytes can be hashed later;
   else they have to arrive again. */
static void segment_fail(struct ssum_receiver *receiver, size_t index, int rc)
{
	if (rc == SSUM_ERR_CANCELLED && receiver->segments[index].partial) {
		segment_unhash(receiver, index);
		return;
	}
	pthread_mutex_lock(&receiver->lock);
	segment_forget(receiver, index);
	pthread_mutex_unlock(&receiver->lock);
}

/* ---- Hashing in order ---- */

/* Hash a piece that begins at partial->hashed. Its bytes are zeros, or in memory at `data`, or with
   data NULL in the file only. 0 or a code. */
static int segment_hash(struct ssum_receiver *receiver, size_t index, struct piece piece,
			const unsigned char *data)
{
	struct partial *partial = receiver->segments[index].partial;
	struct ssum_stream *stream = &partial->stream;
	uint64_t length = piece.end - piece.begin;
	struct ssum_digest value;
	int rc = 0;

	/* The chaining value at the begin of the segment: a checkpoint. */
	if (!stream->algorithm && !index) {
		rc = stream_init(stream, &receiver->algorithm);
	} else if (!stream->algorithm) {
		checkpoints_value(&receiver->checkpoints, index, &value);
		rc = stream_restore(stream, &receiver->algorithm, segment_begin(receiver, index),
				    &value);
	}
	if (rc)
		return rc;

	if (piece.is_hole) {
		while (length && !rc) {
			uint64_t step = min_u64(length, ZEROS_AT_ONCE);

			rc = context_cancelled(receiver->context) ? SSUM_ERR_CANCELLED
								  : ssum_stream_zeros(stream, step);
			length -= step;
		}
	} else if (data) {
		rc = ssum_stream_update(stream, data, (size_t)length);
	} else {
		struct file_source file;
		struct digest_sink sink;

		file_source_unchecked(&file, receiver->fd, receiver->length);
		digest_sink_init(&sink, &receiver->algorithms, NULL);
		sink.streams = stream;
		sink.borrows_streams = true;
		rc = span_run(receiver->context,
			      &(struct span){.source = &file.source,
					     .sink = &sink.sink,
					     .start = piece.begin,
					     .end = piece.end},
			      NULL);
	}
	partial->hashed = piece.end;
	return rc;
}

/* ---- The verdict ---- */

/* A segment as a span over the file. */
struct segment_reading {
	struct segment_chain chain;
	struct file_source file;
};

/* Call chain_clear() even after a failure. 0 or -ENOMEM. */
static int segment_reading_init(struct segment_reading *reading, struct ssum_receiver *receiver,
				size_t index)
{
	file_source_unchecked(&reading->file, receiver->fd, receiver->length);
	return chain_init(&reading->chain, &receiver->judgement, &reading->file.source, index,
			  index + 1);
}

/* The segment was hashed to its end: compare with the checkpoint there, or with the digest. Discard
   the record of its received bytes, whether it is good or damaged. Returns SSUM_HOLDS or
   SSUM_DIFFERS. */
static int segment_conclude(struct ssum_receiver *receiver, const struct segment_chain *chain)
{
	pthread_mutex_lock(&receiver->lock);
	bool is_good = chain_judge(chain);
	receiver->segments[chain->first].was_whole = true;
	segment_forget(receiver, chain->first);
	pthread_mutex_unlock(&receiver->lock);
	return is_good ? SSUM_HOLDS : SSUM_DIFFERS;
}

/* Judge a complete segment: hash what is not hashed yet, then compare. 0 and *verdict, or a code.
 */
static int segment_judge(struct ssum_receiver *receiver, size_t index, int *verdict)
{
	struct partial *partial = receiver->segments[index].partial;
	struct segment_reading reading;
	int rc = segment_reading_init(&reading, receiver, index);

	/* Continue the stream. If there is none, the span covers the whole segment. */
	if (!rc && partial->stream.algorithm) {
		reading.chain.sink.streams = &partial->stream;
		reading.chain.sink.borrows_streams = true;
		reading.chain.job.span.start = partial->hashed;
	}
	if (!rc)
		rc = span_run(receiver->context, &reading.chain.job.span, NULL);
	if (rc)
		segment_fail(receiver, index, rc);
	else
		*verdict = segment_conclude(receiver, &reading.chain);
	chain_clear(&reading.chain);
	return rc;
}

int segment_report(struct ssum_receiver *receiver, size_t index, int verdict)
{
	const struct ssum_range range = {
		.offset = segment_begin(receiver, index),
		.length = segment_end(receiver, index) - segment_begin(receiver, index),
	};

	if (!receiver->segment || !range.length)
		return 0;
	return receiver->segment(receiver->user, &range, verdict) ? SSUM_ERR_CANCELLED : 0;
}

/* ---- A piece arrives ---- */

int segment_receive(struct ssum_receiver *receiver, size_t index, struct piece piece,
		    const unsigned char *data)
{
	uint64_t length = piece.end - piece.begin;
	bool is_complete = false;
	struct partial *partial;
	int verdict, rc;

	if (!segment_hold(receiver, index))
		return 0; /* proven: ignore what arrives again */
	rc = segment_prepare(receiver, index);
	if (rc)
		goto out;
	partial = receiver->segments[index].partial;

	/* Write first, so that the file has all bytes that count as received. */
	rc = data ? write_exactly(receiver->fd, data, (size_t)length, piece.begin)
		  : write_hole(receiver->fd, piece.begin, length);
	if (rc) {
		segment_spoil(receiver, index, piece);
		goto out;
	}
	/* Bytes that were hashed have been overwritten. */
	if (piece.begin < partial->hashed)
		segment_unhash(receiver, index);
	segment_note(receiver, index, piece);

	/* Hash the piece from memory if it is the next one in order, then the pieces that it
	   connects, from the file. */
	if (piece.begin == partial->hashed)
		rc = segment_hash(receiver, index, piece, data);
	while (segment_connect(receiver, index, &piece))
		if (!rc && piece.begin == partial->hashed)
			rc = segment_hash(receiver, index, piece, NULL);
	if (rc) {
		segment_fail(receiver, index, rc);
		goto out;
	}

	is_complete = segment_is_complete(receiver, index);
	if (is_complete)
		rc = segment_judge(receiver, index, &verdict);
out:
	segment_release(receiver, index);
	return is_complete && !rc ? segment_report(receiver, index, verdict) : rc;
}

/* ---- Judging many segments in parallel ---- */

/* The client of a pool: one span for each marked segment. */
struct segment_judging {
	struct ssum_receiver *receiver;
	unsigned char *marks;
	bool is_loading; /* see segment_judge_loaded() */
	size_t next;     /* segment */
};

static void segment_judging_drop(void *user, struct span *span)
{
	struct segment_reading *reading =
		container_of(span, struct segment_reading, chain.job.span);

	(void)user;
	chain_clear(&reading->chain);
	free(reading);
}

static int segment_judging_next(void *user, struct span **span)
{
	struct segment_judging *judging = user;
	struct ssum_receiver *receiver = judging->receiver;

	while (judging->next < receiver->count && judging->marks[judging->next] != MARK_TO_JUDGE)
		judging->next++;
	if (judging->next == receiver->count)
		return 0;
	struct segment_reading *reading = calloc(1, sizeof(*reading));
	if (!reading)
		return -ENOMEM;
	*span = &reading->chain.job.span;
	if (!segment_reading_init(reading, receiver, judging->next++))
		return 1;
	segment_judging_drop(NULL, *span);
	return -ENOMEM;
}

static int segment_judging_done(void *user, struct span *span, struct span **instead)
{
	struct segment_judging *judging = user;
	struct ssum_receiver *receiver = judging->receiver;
	const struct segment_chain *chain =
		&container_of(span, struct segment_reading, chain.job.span)->chain;
	size_t index = chain->first;
	int verdict = SSUM_DIFFERS, rc = span->result;

	(void)instead;
	if (judging->is_loading && !segment_hold_loaded(receiver, index)) {
		segment_judging_drop(NULL, span);
		return 0;
	}
	if (rc)
		segment_fail(receiver, index, rc);
	else
		verdict = segment_conclude(receiver, chain);
	segment_judging_drop(NULL, span);
	if (judging->is_loading)
		segment_release(receiver, index);
	if (rc)
		return rc;
	judging->marks[index] = verdict == SSUM_HOLDS ? MARK_GOOD : MARK_DAMAGED;
	return judging->is_loading ? segment_report(receiver, index, verdict) : 0;
}

static int segment_judging_run(struct segment_judging *judging)
{
	return pool_run(judging->receiver->context,
			&(struct pool_client){.next = segment_judging_next,
					      .done = segment_judging_done,
					      .drop = segment_judging_drop,
					      .user = judging});
}

int segment_judge_marked(struct ssum_receiver *receiver, unsigned char *marks)
{
	return segment_judging_run(&(struct segment_judging){.receiver = receiver, .marks = marks});
}

int segment_judge_loaded(struct ssum_receiver *receiver, unsigned char *marks)
{
	/* No other thread knows the receiver before the first report. */
	for (size_t i = 0; i < receiver->count; i++)
		receiver->segments[i].is_loading = marks[i] == MARK_TO_JUDGE;
	return segment_judging_run(&(struct segment_judging){
		.receiver = receiver, .marks = marks, .is_loading = true});
}

/* ---- Missing, received and good ranges ---- */

/* The state of the byte at an offset; *end is where its segment, its prefix, its piece or its gap
   ends. */
static enum byte_state segment_state_at(const struct ssum_receiver *receiver, uint64_t offset,
					uint64_t *end)
{
	size_t index = (size_t)(offset / receiver->interval);
	const struct partial *partial = receiver->segments[index].partial;

	*end = segment_end(receiver, index);
	if (receiver->judgement.holds[index])
		return BYTES_GOOD;
	if (!partial)
		return BYTES_MISSING;
	if (offset < partial->prefix) {
		*end = partial->prefix;
		return BYTES_RECEIVED;
	}
	size_t i = pieces_find(&partial->pieces, offset);
	if (i == partial->pieces.count)
		return BYTES_MISSING;
	const struct piece *piece = &partial->pieces.at[i];
	bool is_in_piece = piece->begin <= offset;
	*end = is_in_piece ? piece->end : piece->begin;
	return is_in_piece ? BYTES_RECEIVED : BYTES_MISSING;
}

bool segment_next_range(const struct ssum_receiver *receiver, enum byte_state wanted_state,
			uint64_t *offset, struct ssum_range *range)
{
	uint64_t end;

	*range = (struct ssum_range){0};
	while (*offset < receiver->length) {
		bool is_wanted = segment_state_at(receiver, *offset, &end) == wanted_state;

		if (!is_wanted && range->length)
			return true;
		if (is_wanted && !range->length)
			range->offset = *offset;
		if (is_wanted)
			range->length = end - range->offset;
		*offset = end;
	}
	return range->length != 0;
}

void segment_count_bytes(const struct ssum_receiver *receiver, uint64_t counts[BYTES_GOOD + 1])
{
	uint64_t end;

	for (uint64_t at = 0; at < receiver->length; at = end) {
		enum byte_state state = segment_state_at(receiver, at, &end);

		counts[state] += end - at;
	}
}
