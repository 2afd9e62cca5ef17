/* SPDX-License-Identifier: MIT */
/* Streams that advance side by side, as many at once as the kernels have lanes. */
#ifndef DIGEST_SIDE_BY_SIDE_H
#define DIGEST_SIDE_BY_SIDE_H

#include "digest/stream.h"

/* Streams advance side by side by multiples of this many bytes, and only from multiples of it. */
#define SIDE_BY_SIDE_UNIT BLOCK_MAX

/* No more than this at once where some of the data are zeros. */
#define SIDE_BY_SIDE_ZEROS (16 * KIB)

/*
 * Append `length` bytes to each of `count` streams of one algorithm, at most LANES_MAX. data[i]
 * NULL means zeros; that for all of them loads nothing, and may be of any length. Whoever calls has
 * seen to it that no stream grows beyond what its algorithm allows. 0 or SSUM_ERR_CRYPTO.
 */
int side_by_side_update(struct ssum_stream *const streams[], const unsigned char *const data[],
			unsigned count, uint64_t length);

#endif
