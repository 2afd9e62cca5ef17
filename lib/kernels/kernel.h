/* SPDX-License-Identifier: MIT */
/*
 * Kernels: the compression functions of FIPS 180-4, on chaining values and whole blocks.
 *
 * A family is one compression function. It has a table of kernels. They differ in the processor
 * features that they need, and in how many messages they advance at once: their lanes. The first
 * kernel is portable: it needs no feature, has one lane, and has both run and run_zeros.
 */
#ifndef KERNELS_KERNEL_H
#define KERNELS_KERNEL_H

#include "base/common.h"

#define BLOCK_MAX 128
#define LANES_MAX 64

/* A chaining value, H(i) of FIPS 180-4, in host byte order: five or eight words. */
union chain {
	uint32_t w32[8];
	uint64_t w64[8];
};

/* Advance chains[i] by `blocks` blocks of data[i], for each lane of the kernel. The data may have
   any alignment, and lanes may share it. If lanes share a chaining value, it ends as the result of
   any one of them. */
typedef void kernel_fn(union chain *const chains[], const unsigned char *const data[],
		       size_t blocks);

/* Advance chains[i] by `blocks` blocks of zeros. */
typedef void zero_kernel_fn(union chain *const chains[], size_t blocks);

struct kernel {
	const char *name;
	unsigned needs; /* features: bits of cpu_features.h */
	unsigned lanes;

	/* One of the two may be NULL. */
	kernel_fn *run;
	zero_kernel_fn *run_zeros;

	/* The time to hash one block in every lane, with the data in the second-level cache. 100 is
	   the time of libcrypto for one block. Measured by `make bench-kernels`: 100 * lanes /
	   ratio. */
	unsigned cost;
	unsigned zeros_cost;
};

struct kernel_family {
	const char *name;
	size_t block_length;  /* bytes */
	size_t length_length; /* bytes of the message length at the end of the padding */
	size_t word_length;   /* bytes of a word of the chaining value */
	size_t chain_words;   /* words of a chaining value */
	const struct kernel *kernels;
	size_t kernel_count;
};

extern const struct kernel_family sha1_family;   /* SHA-1 */
extern const struct kernel_family sha256_family; /* SHA-224, SHA-256 */
extern const struct kernel_family sha512_family; /* SHA-384, SHA-512 */

/*
 * The fastest kernel for `busy` messages on a processor with these features; with `zeros`, one that
 * has run_zeros. Never NULL. If it has fewer lanes than `busy`, the caller advances that many of
 * the messages. If it has more, the caller passes a chaining value that may be overwritten, and any
 * data, for the idle lanes.
 */
const struct kernel *kernel_choose(const struct kernel_family *family, unsigned features,
				   unsigned busy, bool zeros);

/* The kernel with this name, or NULL. The processor may not support it. */
const struct kernel *kernel_find(const struct kernel_family *family, const char *name);

#endif
