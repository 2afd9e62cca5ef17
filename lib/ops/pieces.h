/* SPDX-License-Identifier: MIT */
/* The pieces of a segment that arrived after a gap: sorted, and not overlapping. */
#ifndef OPS_PIECES_H
#define OPS_PIECES_H

#include "base/common.h"

/* Offsets of files are at most 2^63-1. */
struct piece {
	uint64_t begin;
	uint64_t end : 63;
	uint64_t is_hole : 1; /* it arrived as zeros */
};

/* All zero: no pieces. Two pieces that touch are of different kinds. */
struct pieces {
	struct piece *at;
	size_t count, capacity;
	size_t taken; /* free places before `at`, of pieces that were taken out */
};

void pieces_free(struct pieces *pieces);

/*
 * Remember a piece, in place of what was remembered of its range. The count may grow by `room`.
 * False if there is no room or no memory. Then neither this piece is remembered nor any that it
 * overlaps, because the bytes of those in the file have been overwritten.
 */
bool pieces_add(struct pieces *pieces, struct piece piece, size_t room);

/* Forget every piece that has bytes in a range. */
void pieces_forget(struct pieces *pieces, uint64_t begin, uint64_t end);

/* Take out the first piece if it begins at the offset or before it. */
bool pieces_take_first(struct pieces *pieces, uint64_t offset, struct piece *piece);

/* The index of the first piece that ends after the offset; count if there is none. */
size_t pieces_find(const struct pieces *pieces, uint64_t offset);

#endif
