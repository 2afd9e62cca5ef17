/* SPDX-License-Identifier: MIT */
#include "ops/pieces.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

void pieces_free(struct pieces *pieces)
{
	if (pieces->at)
		free(pieces->at - pieces->taken);
	*pieces = (struct pieces){0};
}

size_t pieces_find(const struct pieces *pieces, uint64_t offset)
{
	size_t low = 0, high = pieces->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (pieces->at[middle].end > offset)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Make room for `count` pieces. The places of removed pieces are used again only if more pieces
   were removed than are left. So each piece is moved only a few times. */
static bool pieces_reserve(struct pieces *pieces, size_t count)
{
	bool suffices = pieces->taken > pieces->count && count <= pieces->capacity + pieces->taken;

	if (count <= pieces->capacity)
		return true;
	if (pieces->taken) {
		memmove(pieces->at - pieces->taken, pieces->at,
			pieces->count * sizeof(*pieces->at));
		pieces->at -= pieces->taken;
		pieces->capacity += pieces->taken;
		pieces->taken = 0;
	}
	return suffices ||
	       !array_reserve(&pieces->at, &pieces->capacity, count, sizeof(*pieces->at));
}

/* Replace the pieces from `first` to before `end` by others, for which there is capacity. */
static void pieces_replace(struct pieces *pieces, size_t first, size_t end,
			   const struct piece *with, size_t count)
{
	size_t after = pieces->count - end;

	if (after)
		memmove(pieces->at + first + count, pieces->at + end, after * sizeof(*with));
	if (count)
		memcpy(pieces->at + first, with, count * sizeof(*with));
	pieces->count = first + count + after;
}

/*
 * Join a piece with the first and the last of those that it touches: they become one if they are of
 * its kind, and are cut at its ends if not. Returns how many pieces that are, at most three.
 */
static size_t pieces_join(struct piece with[3], struct piece piece, struct piece first,
			  struct piece last)
{
	struct piece left = first, right = last;
	size_t count = 0;

	if (left.begin < piece.begin && left.is_hole == piece.is_hole)
		piece.begin = left.begin;
	if (right.end > piece.end && right.is_hole == piece.is_hole)
		piece.end = right.end;
	left.end = piece.begin;
	right.begin = piece.end;
	if (left.begin < left.end)
		with[count++] = left;
	with[count++] = piece;
	if (right.begin < right.end)
		with[count++] = right;
	return count;
}

bool pieces_add(struct pieces *pieces, struct piece piece, size_t room)
{
	size_t first = pieces_find(pieces, piece.begin ? piece.begin - 1 : 0);
	size_t end = first;
	struct piece with[3] = {piece};
	size_t count = 1;

	while (end < pieces->count && pieces->at[end].begin <= piece.end)
		end++;
	if (first < end)
		count = pieces_join(with, piece, pieces->at[first], pieces->at[end - 1]);
	if (count > end - first &&
	    (count - (end - first) > room ||
	     !pieces_reserve(pieces, pieces->count + count - (end - first)))) {
		pieces_forget(pieces, piece.begin, piece.end);
		return false;
	}
	pieces_replace(pieces, first, end, with, count);
	return true;
}

void pieces_forget(struct pieces *pieces, uint64_t begin, uint64_t end)
{
	size_t first = pieces_find(pieces, begin), last = first;

	while (last < pieces->count && pieces->at[last].begin < end)
		last++;
	if (first < last)
		pieces_replace(pieces, first, last, NULL, 0);
}

bool pieces_take_first(struct pieces *pieces, uint64_t offset, struct piece *piece)
{
	if (!pieces->count || pieces->at[0].begin > offset)
		return false;
	*piece = pieces->at[0];
	pieces->at++;
	pieces->taken++;
	pieces->count--;
	pieces->capacity--;
	return true;
}
