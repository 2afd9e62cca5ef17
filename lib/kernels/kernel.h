/* SPDX-License-Identifier: MIT */
/*
 * Kernels: the compression functions of FIPS 180-4, on chaining values and whole blocks.
 *
 * A family is one compression function. It has a table of kernels, which differ in what they need
 * and in how many messages they advance at once; the first row is the portable one: it needs
 * nothing, has one lane, and takes data as well as zeros.
 */
#ifndef KERNELS_KERNEL_H
#define KERNELS_KERNEL_H

#include "base/common.h"

#define BLOCK_MAX 128
#define LANES_MAX 64

/* H(i) of FIPS 180-4, in host order: five or eight words of the family's size. */
union chain {
	uint32_t w32[8];
	uint64_t w64[8];
};

/* Advance chains[i] by `blocks` blocks of data[i], for each of the kernel's lanes. Data may be at
   any address and shared by lanes; lanes that share a chaining value leave any one result in it. */
typedef void kernel_fn(union chain *const chains[], const unsigned char *const data[],
		       size_t blocks);

/* Advance chains[i] by `blocks` blocks of zeros. */
typedef void zero_kernel_fn(union chain *const chains[], size_t blocks);

struct kernel {
	const char *name;
	unsigned needs; /* bits of cpu_features.h */
	unsigned lanes;

	/* One of the two may be NULL. */
	kernel_fn *run;
	zero_kernel_fn *run_zeros;

	/* The time for one block in every lane, with the data in the second-level cache; 100 is
	   that of libcrypto for one block. From `make bench-kernels`: 100 * lanes / ratio. */
	unsigned cost;
	unsigned zeros_cost;
};

struct kernel_family {
	const char *name;
	size_t block_length;  /* bytes */
	size_t length_length; /* bytes of the message length at the end of the padding */
	size_t word_length;   /* bytes of a word of the chaining value */
	size_t chain_words;   /* words of it */
	const struct kernel *kernels;
	size_t kernel_count;
};

extern const struct kernel_family sha1_family;   /* SHA-1 */
extern const struct kernel_family sha256_family; /* SHA-224, SHA-256 */
extern const struct kernel_family sha512_family; /* SHA-384, SHA-512 */

/* The kernel that advances `busy` messages fastest on a machine with these features. It may have
   fewer lanes, and then takes the first of them; or more, and then the idle ones need a chaining
   value to spoil and some data. With `zeros`, a kernel that has run_zeros. Never NULL. */
const struct kernel *kernel_choose(const struct kernel_family *family, unsigned features,
				   unsigned busy, bool zeros);

/* The kernel of that name, whatever it needs, or NULL. */
const struct kernel *kernel_find(const struct kernel_family *family, const char *name);

#endif
