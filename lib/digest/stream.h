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

/* Give up what a stream owns, in any state, also all zero. */
void stream_clear(struct ssum_stream *stream);

#endif
