/* SPDX-License-Identifier: MIT */
/* What has come of a segment, and what is missing of all. */
#include <errno.h>
#include <stdlib.h>

#include "ops/receiver.h"

/* More for one segment would make each insertion slow. */
#define PIECES_OF_SEGMENT 65536

int partial_begin(struct ssum_receiver *receiver, size_t index)
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

void partial_unhash(struct ssum_receiver *receiver, size_t index)
{
	struct partial *partial = receiver->segments[index].partial;

	if (!partial)
		return;
	stream_clear(&partial->stream);
	partial->hashed = segment_begin(receiver, index);
}

void partial_drop(struct ssum_receiver *receiver, size_t index)
{
	struct receiver_segment *segment = &receiver->segments[index];

	if (!segment->partial)
		return;
	receiver->pieces -= segment->partial->pieces.count;
	pieces_free(&segment->partial->pieces);
	stream_clear(&segment->partial->stream);
	free(segment->partial);
	segment->partial = NULL;
}

bool segment_is_complete(const struct ssum_receiver *receiver, size_t index)
{
	const struct partial *partial = receiver->segments[index].partial;

	return partial && partial->prefix == segment_end(receiver, index);
}

static size_t room_for_pieces(const struct ssum_receiver *receiver, const struct pieces *pieces)
{
	return (size_t)min_u64(receiver->pieces_max - receiver->pieces,
			       PIECES_OF_SEGMENT - pieces->count);
}

/* Behind the prefix it may be too much to remember: then it is missing still. */
void partial_note(struct ssum_receiver *receiver, size_t index, struct piece piece)
{
	struct partial *partial = receiver->segments[index].partial;
	struct pieces *pieces = &partial->pieces;

	pthread_mutex_lock(&receiver->lock);
	size_t before = pieces->count;
	if (piece.begin > partial->prefix)
		pieces_add(pieces, piece, room_for_pieces(receiver, pieces));
	else if (piece.end > partial->prefix)
		partial->prefix = piece.end;
	receiver->pieces += pieces->count - before;
	pthread_mutex_unlock(&receiver->lock);
}

void partial_spoil(struct ssum_receiver *receiver, size_t index, struct piece piece)
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
		partial_unhash(receiver, index);
}

bool partial_advance(struct ssum_receiver *receiver, size_t index, struct piece *piece)
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

/* ---- What is missing ---- */

/* The state of the byte at an offset, and the end of a run of bytes in that state. */
static enum byte_state state_at(const struct ssum_receiver *receiver, uint64_t offset,
				uint64_t *end)
{
	size_t index = (size_t)(offset / receiver->interval);
	const struct receiver_segment *segment = &receiver->segments[index];
	const struct partial *partial = segment->partial;

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
	bool has_come = piece->begin <= offset;
	*end = has_come ? piece->end : piece->begin;
	return has_come ? BYTES_RECEIVED : BYTES_MISSING;
}

bool receiver_next(const struct ssum_receiver *receiver, enum byte_state wanted_state,
		   uint64_t *offset, struct ssum_range *range)
{
	uint64_t end;

	*range = (struct ssum_range){0};
	while (*offset < receiver->length) {
		bool wanted = state_at(receiver, *offset, &end) == wanted_state;

		if (!wanted && range->length)
			return true;
		if (wanted && !range->length)
			range->offset = *offset;
		if (wanted)
			range->length = end - range->offset;
		*offset = end;
	}
	return range->length != 0;
}

int ssum_receiver_missing(struct ssum_receiver *receiver, ssum_range_fn *missing, void *user)
{
	struct ssum_range range;
	uint64_t offset = 0;
	bool found;

	do {
		pthread_mutex_lock(&receiver->lock);
		found = receiver_next(receiver, BYTES_MISSING, &offset, &range);
		pthread_mutex_unlock(&receiver->lock);
		if (found && missing(user, &range))
			return SSUM_ERR_CANCELLED;
	} while (found);
	return 0;
}
