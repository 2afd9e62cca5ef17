/* SPDX-License-Identifier: MIT */
/* Compression of several chaining values of one algorithm at once, by whichever kernels are best.
 */
#ifndef DIGEST_COMPRESS_H
#define DIGEST_COMPRESS_H

#include "digest/algorithm.h"

/* How many chaining values to advance at once; 1 if there is no gain. */
unsigned compress_width(const struct algorithm *algorithm);

/* Advance each of `count` chaining values by `blocks` blocks of its data. */
void compress_blocks(const struct algorithm *algorithm, union chain *const chains[],
		     const unsigned char *const data[], unsigned count, size_t blocks);

/* The same by blocks of zeros. */
void compress_zeros(const struct algorithm *algorithm, union chain *const chains[], unsigned count,
		    size_t blocks);

#endif
