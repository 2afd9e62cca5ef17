/* SPDX-License-Identifier: MIT */
/* The low-level interface is the one that takes a chaining value; EVP hides it. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <string.h>

#include "kernels/kernel.h"

#define BLOCK SHA256_CBLOCK

static void sha256_libcrypto(union chain *const chains[], const unsigned char *const data[],
			     size_t blocks)
{
	SHA256_CTX context = {.md_len = SHA256_DIGEST_LENGTH};

	memcpy(context.h, chains[0]->w32, sizeof(context.h));
	SHA256_Update(&context, data[0], blocks * BLOCK);
	memcpy(chains[0]->w32, context.h, sizeof(context.h));
}

static const struct kernel kernels[] = {
	{.name = "libcrypto", .lanes = 1, .run = sha256_libcrypto},
};

const struct kernel_family sha256_family = {
	.name = "sha256",
	.block_length = BLOCK,
	.length_length = 8,
	.word_length = 4,
	.kernels = kernels,
	.kernel_count = ARRAY_SIZE(kernels),
};
