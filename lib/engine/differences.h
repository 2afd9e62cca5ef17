/* SPDX-License-Identifier: MIT */
/* Where two contents differ: ranges of bytes, in order. */
#ifndef ENGINE_DIFFERENCES_H
#define ENGINE_DIFFERENCES_H

#include "base/common.h"

/* Ranges with fewer equal bytes than this between them are merged. Otherwise scattered differences
   in one block would give a thousand ranges, too many to repair one by one. */
#define DIFFERENCES_GAP 4096

/* Empty if all zero. Free with differences_free(). */
struct differences {
	struct ssum_range *ranges;
	size_t count, capacity;
};

/* The index of the first byte that differs in two contents, or length. b is NULL for zeros. */
size_t first_difference(const unsigned char *a, const unsigned char *b, size_t length);

/* Compare the bytes of two contents at an offset and add the ranges that differ. The offset must
   not be before what was compared earlier. b is NULL for zeros. 0 or -ENOMEM. */
int differences_find(struct differences *differences, const unsigned char *a,
		     const unsigned char *b, size_t length, uint64_t offset);

/* Add a range that begins after the last one. If the gap between them is too small, the last one
   grows. 0 or -ENOMEM. */
int differences_add(struct differences *differences, const struct ssum_range *range);

void differences_free(struct differences *differences);

#endif
