/* SPDX-License-Identifier: MIT */
/* Where two contents differ: ranges of bytes, in order. */
#ifndef ENGINE_DIFFERENCES_H
#define ENGINE_DIFFERENCES_H

#include "base/common.h"

/* Differences with fewer equal bytes between them are one range: what is scattered over a block
   would else come to a thousand ranges that no repair could use one by one. */
#define DIFFERENCES_GAP 4096

/* All zero is none; its memory is freed by differences_free(). */
struct differences {
	struct ssum_range *ranges;
	size_t count, capacity;
};

/* The index of the first byte in which two contents differ, or length; NULL stands for zeros. */
size_t first_difference(const unsigned char *a, const unsigned char *b, size_t length);

/* Add what differs in the bytes of two contents at an offset, which is behind all that was looked
   at before; b may be NULL for zeros. 0 or -ENOMEM. */
int differences_find(struct differences *differences, const unsigned char *a,
		     const unsigned char *b, size_t length, uint64_t offset);

/* Add a range that begins behind the last one; with too little between them the last one grows.
   0 or -ENOMEM. */
int differences_add(struct differences *differences, const struct ssum_range *range);

void differences_free(struct differences *differences);

#endif
