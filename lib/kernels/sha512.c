/* SPDX-License-Identifier: MIT */
/* The low-level interface is the one that takes a chaining value; EVP hides it. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <string.h>

#include "kernels/kernel.h"

#define BLOCK SHA512_CBLOCK

static void sha512_libcrypto(union chain *const chains[], const unsigned char *const data[],
			     size_t blocks)
{
	SHA512_CTX context = {.md_len = SHA512_DIGEST_LENGTH};

	memcpy(context.h, chains[0]->w64, sizeof(context.h));
	SHA512_Update(&context, data[0], blocks * BLOCK);
	memcpy(chains[0]->w64, context.h, sizeof(context.h));
}

static const struct kernel kernels[] = {
	{.name = "libcrypto", .lanes = 1, .run = sha512_libcrypto},
};

const struct kernel_family sha512_family = {
	.name = "sha512",
	.block_length = BLOCK,
	.length_length = 16,
	.word_length = 8,
	.kernels = kernels,
	.kernel_count = ARRAY_SIZE(kernels),
};
