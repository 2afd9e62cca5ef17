/* SPDX-License-Identifier: MIT */
/* Judging a segment of what was received: from memory as far as it came in order, else by spans
   over the file. */
#include "engine/slot.h"
#include "ops/receiver.h"

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

/* What is in the file. */
static int hash_file(const struct ssum_receiver *receiver, struct ssum_stream *stream,
		     struct piece piece)
{
	struct open_file file;
	struct digest_sink sink;

	open_file_init(&file, receiver->fd, receiver->length);
	digest_sink_init(&sink, &receiver->algorithms, NULL);
	sink.streams = stream;
	sink.goes_on = true;
	return span_run(receiver->context, &(struct span){.source = &file.source,
							  .sink = &sink.sink,
							  .start = piece.begin,
							  .end = piece.end});
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
		rc = hash_file(receiver, stream, piece);
	partial->hashed = piece.end;
	return rc;
}

int segment_give_up(struct ssum_receiver *receiver, size_t index, int rc)
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
	return rc ? segment_give_up(receiver, index, rc) : 0;
}

/* ---- Verdicts ---- */

int reading_begin(struct reading *reading, struct ssum_receiver *receiver, size_t index)
{
	open_file_init(&reading->file, receiver->fd, receiver->length);
	return stretch_segment(&reading->stretch, &receiver->judgement, &reading->file.source,
			       index);
}

void reading_end(struct reading *reading)
{
	stretch_end(&reading->stretch);
}

int segment_settle(struct ssum_receiver *receiver, const struct stretch *stretch)
{
	pthread_mutex_lock(&receiver->lock);
	bool is_good = stretch_judge(stretch, &receiver->judgement);
	receiver->segments[stretch->first].was_whole = true;
	partial_drop(receiver, stretch->first);
	pthread_mutex_unlock(&receiver->lock);
	return is_good ? SSUM_HOLDS : SSUM_DIFFERS;
}

/* From where the hash stands. */
static void go_on_with(struct stretch *stretch, struct partial *partial)
{
	if (!partial->stream.algorithm)
		return;
	stretch->sink.streams = &partial->stream;
	stretch->sink.goes_on = true;
	stretch->job.span.start = partial->hashed;
}

int segment_judge(struct ssum_receiver *receiver, size_t index, int *verdict)
{
	struct reading reading;
	int rc = reading_begin(&reading, receiver, index);

	go_on_with(&reading.stretch, receiver->segments[index].partial);
	if (!rc)
		rc = span_run(receiver->context, &reading.stretch.job.span);
	if (!rc)
		*verdict = segment_settle(receiver, &reading.stretch);
	reading_end(&reading);
	return rc ? segment_give_up(receiver, index, rc) : 0;
}
