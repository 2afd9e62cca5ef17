/* SPDX-License-Identifier: MIT */
/* The low-level interface is the one that takes a chaining value; EVP hides it. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "kernels/kernel.h"

#define BLOCK SHA_CBLOCK

static void sha1_libcrypto(union chain *const chains[], const unsigned char *const data[],
			   size_t blocks)
{
	uint32_t *h = chains[0]->w32;
	SHA_CTX context = {.h0 = h[0], .h1 = h[1], .h2 = h[2], .h3 = h[3], .h4 = h[4]};

	SHA1_Update(&context, data[0], blocks * BLOCK);
	h[0] = context.h0;
	h[1] = context.h1;
	h[2] = context.h2;
	h[3] = context.h3;
	h[4] = context.h4;
}

static const struct kernel kernels[] = {
	{.name = "libcrypto", .lanes = 1, .run = sha1_libcrypto},
};

const struct kernel_family sha1_family = {
	.name = "sha1",
	.block_length = BLOCK,
	.length_length = 8,
	.word_length = 4,
	.kernels = kernels,
	.kernel_count = ARRAY_SIZE(kernels),
};
