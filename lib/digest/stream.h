/* SPDX-License-Identifier: MIT */
/* A stream within the library: a value, in memory of its owner. */
#ifndef DIGEST_STREAM_H
#define DIGEST_STREAM_H

#include "digest/algorithm.h"

struct ssum_stream {
	const struct algorithm *algorithm;
	uint64_t length; /* bytes appended */
	bool finished;

	EVP_MD_CTX *evp; /* algorithms of libcrypto */

	union chain chain; /* the library's own */
	unsigned char block[BLOCK_MAX];
	size_t partial; /* bytes in block, fewer than the algorithm's block_length */
};

/* Begin a stream; the algorithm must outlive it. On failure nothing is owned.
   0, -ENOMEM or SSUM_ERR_CRYPTO. */
int stream_init(struct ssum_stream *stream, const struct algorithm *algorithm);

/* The length of a chaining value in bytes; 0 if libcrypto computes the algorithm, and keeps its
 * own.
 */
size_t chain_length(const struct algorithm *algorithm);

/* Begin a stream in the middle of a content: after `offset` bytes, whole blocks, with the chaining
   value there. As stream_init(), and SSUM_ERR_NO_CHECKPOINT if that is impossible. */
int stream_restore(struct ssum_stream *stream, const struct algorithm *algorithm, uint64_t offset,
		   const struct ssum_digest *value);

/* Copy a stream that is not finished into one that owns nothing. On failure nothing is owned.
   0, -ENOMEM or SSUM_ERR_CRYPTO. */
int stream_copy(struct ssum_stream *copy, const struct ssum_stream *stream);

/* Append bytes; data is NULL for zeros. 0 or a code, as ssum_stream_update(). */
static inline int stream_put(struct ssum_stream *stream, const unsigned char *data, uint64_t length)
{
	return data ? ssum_stream_update(stream, data, (size_t)length)
		    : ssum_stream_zeros(stream, length);
}

/* The digest of what was appended so far; the stream can still take more. 0, -ENOMEM or
   SSUM_ERR_CRYPTO. */
int stream_peek(const struct ssum_stream *stream, struct ssum_digest *digest);

/* Free what a stream owns, in any state, also all zero. */
void stream_clear(struct ssum_stream *stream);

#endif
