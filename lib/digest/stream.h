/* SPDX-License-Identifier: MIT */
/* Streams inside the library. The caller owns the memory of the structure. */
#ifndef DIGEST_STREAM_H
#define DIGEST_STREAM_H

#include "digest/algorithm.h"

struct ssum_stream {
	const struct algorithm *algorithm;
	uint64_t length; /* bytes appended */
	bool finished;

	EVP_MD_CTX *evp; /* for algorithms of libcrypto */

	union chain chain; /* for algorithms of this library */
	unsigned char block[BLOCK_MAX];
	size_t partial; /* bytes in block, fewer than the algorithm's block_length */
};

/* Begin a stream; the algorithm must outlive it. On failure nothing is owned.
   0, -ENOMEM or SSUM_ERR_CRYPTO. */
int stream_init(struct ssum_stream *stream, const struct algorithm *algorithm);

/* The length of a chaining value in bytes; 0 for algorithms of libcrypto, which does not export
   its chaining value. */
size_t chain_length(const struct algorithm *algorithm);

/* Begin a stream after `offset` bytes of the content, with the chaining value at that offset. The
   offset must be a multiple of the block length. Returns as stream_init(), or
   SSUM_ERR_NO_CHECKPOINT if the offset, the value or the algorithm does not allow this. */
int stream_restore(struct ssum_stream *stream, const struct algorithm *algorithm, uint64_t offset,
		   const struct ssum_digest *value);

/* Copy a stream that is not finished into one that owns nothing. On failure nothing is owned.
   0, -ENOMEM or SSUM_ERR_CRYPTO. */
int stream_copy(struct ssum_stream *copy, const struct ssum_stream *stream);

/* Append bytes; if `data` is NULL, zeros. As ssum_stream_update(). */
static inline int stream_put(struct ssum_stream *stream, const unsigned char *data, uint64_t length)
{
	return data ? ssum_stream_update(stream, data, (size_t)length)
		    : ssum_stream_zeros(stream, length);
}

/* The digest of the bytes appended so far. More bytes can be appended afterwards. 0, -ENOMEM or
   SSUM_ERR_CRYPTO. */
int stream_peek(const struct ssum_stream *stream, struct ssum_digest *digest);

/* Free the members of a stream. Allowed in any state, and for a structure of zeros. */
void stream_clear(struct ssum_stream *stream);

/* ---- Several streams ---- */

/* Streams of one algorithm that advance together, so that a kernel can use all of its lanes. */
struct batch {
	struct ssum_stream *streams[LANES_MAX];
	const unsigned char *data[LANES_MAX]; /* of each stream; NULL: zeros */
	unsigned count;
	unsigned zeros; /* how many of the streams append zeros */
};

/* Streams advance together by multiples of this many bytes. */
#define BATCH_UNIT BLOCK_MAX

/* Add a stream that has no partial block; at most LANES_MAX of them. */
void batch_add(struct batch *batch, struct ssum_stream *stream, const unsigned char *data);

/*
 * Append `length` bytes to each stream. The bytes after the last multiple of BATCH_UNIT are
 * appended to one stream after the other. If all streams append zeros, no memory is read, and any
 * length is allowed. The caller makes sure that no stream exceeds the maximum length of its
 * algorithm. 0 or SSUM_ERR_CRYPTO.
 */
int batch_advance(struct batch *batch, uint64_t length);

#endif
