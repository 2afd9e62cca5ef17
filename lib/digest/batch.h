/* SPDX-License-Identifier: MIT */
/* A batch: streams of one algorithm that advance together, as many at once as kernels have lanes.
 */
#ifndef DIGEST_BATCH_H
#define DIGEST_BATCH_H

#include "digest/stream.h"

/* Streams advance together by multiples of this many bytes, and only from a whole block. */
#define BATCH_UNIT BLOCK_MAX

struct batch {
	struct ssum_stream *streams[LANES_MAX];
	const unsigned char *data[LANES_MAX]; /* of each stream; NULL: zeros */
	unsigned count;
	unsigned zeros; /* how many of them take zeros */
};

/* Add a stream that is at a whole block; at most LANES_MAX of them. */
void batch_add(struct batch *batch, struct ssum_stream *stream, const unsigned char *data);

/*
 * Append `length` bytes to each stream. What exceeds a multiple of the unit goes into one stream
 * after the other. If all take zeros, that loads nothing, and may be of any length. The caller
 * makes sure that no stream exceeds the length that its algorithm allows. 0 or SSUM_ERR_CRYPTO.
 */
int batch_advance(struct batch *batch, uint64_t length);

#endif
