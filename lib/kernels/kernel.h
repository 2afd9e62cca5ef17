/* SPDX-License-Identifier: MIT */
/*
 * Kernels: the compression functions of FIPS 180-4, on chaining values and whole blocks.
 *
 * A family is one compression function. It has a table of kernels, which differ in how many
 * messages they advance at once; the first row is the portable one, and has one lane.
 */
#ifndef KERNELS_KERNEL_H
#define KERNELS_KERNEL_H

#include "base/common.h"

#define BLOCK_MAX 128

/* H(i) of FIPS 180-4, in host order: five or eight words of the family's size. */
union chain {
	uint32_t w32[8];
	uint64_t w64[8];
};

/* Advance chains[i] by `blocks` blocks of data[i], for each of the kernel's lanes. */
typedef void kernel_fn(union chain *const chains[], const unsigned char *const data[],
		       size_t blocks);

struct kernel {
	const char *name;
	unsigned lanes;
	kernel_fn *run;
};

struct kernel_family {
	const char *name;
	size_t block_length;  /* bytes */
	size_t length_length; /* bytes of the message length at the end of the padding */
	size_t word_length;   /* bytes of a word of the chaining value */
	const struct kernel *kernels;
	size_t kernel_count;
};

extern const struct kernel_family sha1_family;   /* SHA-1 */
extern const struct kernel_family sha256_family; /* SHA-224, SHA-256 */
extern const struct kernel_family sha512_family; /* SHA-384, SHA-512 */

#endif
