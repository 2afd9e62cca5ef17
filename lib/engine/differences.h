/* SPDX-License-Identifier: MIT */
/* Where two contents differ: ranges of bytes, in order. */
#ifndef ENGINE_DIFFERENCES_H
#define ENGINE_DIFFERENCES_H

#include "base/common.h"

/* Differences with fewer equal bytes between them are one range. Otherwise differences all over a
   block would be a thousand ranges, which no repair could use one by one. */
#define DIFFERENCES_GAP 4096

/* All zero is none. Free with differences_free(). */
struct differences {
	struct ssum_range *ranges;
	size_t count, capacity;
};

/* The index of the first byte in which two contents differ, or length; NULL stands for zeros. */
size_t first_difference(const unsigned char *a, const unsigned char *b, size_t length);

/* Add what differs in the bytes of two contents at an offset, after all that was compared before; b
   may be NULL for zeros. 0 or -ENOMEM. */
int differences_find(struct differences *differences, const unsigned char *a,
		     const unsigned char *b, size_t length, uint64_t offset);

/* Add a range that begins after the last one. If too little is between them, the last one grows.
   0 or -ENOMEM. */
int differences_add(struct differences *differences, const struct ssum_range *range);

void differences_free(struct differences *differences);

#endif
