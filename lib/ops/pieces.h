/* SPDX-License-Identifier: MIT */
/* The pieces of a segment that have come ahead of those before them, in order and apart. */
#ifndef OPS_PIECES_H
#define OPS_PIECES_H

#include "base/common.h"

/* Offsets of files end at 2^63-1. */
struct piece {
	uint64_t begin;
	uint64_t end : 63;
	uint64_t is_hole : 1;
};

/* All zero is none. Two that touch are of different kinds. */
struct pieces {
	struct piece *at;
	size_t count, capacity;
	size_t taken; /* room that is left of `at`, where those were that have been taken out */
};

void pieces_free(struct pieces *pieces);

/*
 * Remember a piece in place of what was there before; the count may grow by `room`. False if there
 * is no room or no memory: then neither this piece is remembered nor any that it overlaps, because
 * what they say of the file's bytes is no longer true.
 */
bool pieces_add(struct pieces *pieces, struct piece piece, size_t room);

/* Forget every piece that has bytes in a range. */
void pieces_forget(struct pieces *pieces, uint64_t begin, uint64_t end);

/* Take out the first piece if it begins at the offset or before it. */
bool pieces_take_first(struct pieces *pieces, uint64_t offset, struct piece *piece);

/* The first piece that ends behind the offset; count if there is none. */
size_t pieces_find(const struct pieces *pieces, uint64_t offset);

#endif
