/* SPDX-License-Identifier: MIT */
/* Only the low-level, deprecated interface accepts a chaining value. EVP does not. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "kernels/libcrypto.h"

#include <openssl/sha.h>
#include <string.h>

/* The zeros to hash. This size stays in the first-level cache. */
static const unsigned char libcrypto_zero_data[16 * KIB];

static void libcrypto_run_zeros(union chain *const chains[], size_t blocks, kernel_fn *run,
				size_t block)
{
	const unsigned char *const data[] = {libcrypto_zero_data};

	while (blocks) {
		size_t step = (size_t)min_u64(blocks, sizeof(libcrypto_zero_data) / block);

		run(chains, data, step);
		blocks -= step;
	}
}

void sha1_libcrypto(union chain *const chains[], const unsigned char *const data[], size_t blocks)
{
	uint32_t *h = chains[0]->w32;
	SHA_CTX context = {.h0 = h[0], .h1 = h[1], .h2 = h[2], .h3 = h[3], .h4 = h[4]};

	SHA1_Update(&context, data[0], blocks * SHA_CBLOCK);
	h[0] = context.h0;
	h[1] = context.h1;
	h[2] = context.h2;
	h[3] = context.h3;
	h[4] = context.h4;
}

void sha256_libcrypto(union chain *const chains[], const unsigned char *const data[], size_t blocks)
{
	SHA256_CTX context = {.md_len = SHA256_DIGEST_LENGTH};

	memcpy(context.h, chains[0]->w32, sizeof(context.h));
	SHA256_Update(&context, data[0], blocks * SHA256_CBLOCK);
	memcpy(chains[0]->w32, context.h, sizeof(context.h));
}

void sha512_libcrypto(union chain *const chains[], const unsigned char *const data[], size_t blocks)
{
	SHA512_CTX context = {.md_len = SHA512_DIGEST_LENGTH};

	memcpy(context.h, chains[0]->w64, sizeof(context.h));
	SHA512_Update(&context, data[0], blocks * SHA512_CBLOCK);
	memcpy(chains[0]->w64, context.h, sizeof(context.h));
}

void sha1_libcrypto_zeros(union chain *const chains[], size_t blocks)
{
	libcrypto_run_zeros(chains, blocks, sha1_libcrypto, SHA_CBLOCK);
}

void sha256_libcrypto_zeros(union chain *const chains[], size_t blocks)
{
	libcrypto_run_zeros(chains, blocks, sha256_libcrypto, SHA256_CBLOCK);
}

void sha512_libcrypto_zeros(union chain *const chains[], size_t blocks)
{
	libcrypto_run_zeros(chains, blocks, sha512_libcrypto, SHA512_CBLOCK);
}
