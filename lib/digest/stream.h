/* SPDX-License-Identifier: MIT */
/* A stream within the library: a value that its owner places where it likes. */
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

/* The bytes of a chaining value; 0 where the algorithm has none that could be had. */
size_t chain_length(const struct algorithm *algorithm);

/* Begin a stream in the middle of a content: behind `offset` bytes, whole blocks, which have led to
   the chaining value. As stream_init(), and SSUM_ERR_NO_CHECKPOINT if there cannot be such a one.
 */
int stream_restore(struct ssum_stream *stream, const struct algorithm *algorithm, uint64_t offset,
		   const struct ssum_digest *value);

/* Make a copy, which owns nothing yet, of a stream that is not finished. Both go on by themselves.
   On failure nothing is owned. 0, -ENOMEM or SSUM_ERR_CRYPTO. */
int stream_copy(struct ssum_stream *copy, const struct ssum_stream *stream);

/* The digest of what was appended so far. The stream goes on. 0, -ENOMEM or SSUM_ERR_CRYPTO. */
int stream_peek(const struct ssum_stream *stream, struct ssum_digest *digest);

/* Give up what a stream owns, in any state, also all zero. */
void stream_clear(struct ssum_stream *stream);

#endif
