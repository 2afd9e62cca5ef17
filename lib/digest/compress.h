/* SPDX-License-Identifier: MIT */
/* Compression of several chaining values of one algorithm at once, by the fastest kernels. */
#ifndef DIGEST_COMPRESS_H
#define DIGEST_COMPRESS_H

#include "digest/algorithm.h"

/* How many chaining values to advance at once for the best speed; 1 if more are not faster. */
unsigned compress_width(const struct algorithm *algorithm);

/* Advance each of `count` chaining values by `blocks` blocks of its data. If `data` is NULL, all
   blocks are zeros, and no memory is read for them. */
void compress_blocks(const struct algorithm *algorithm, union chain *const chains[],
		     const unsigned char *const data[], unsigned count, size_t blocks);

#endif
