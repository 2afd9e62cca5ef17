/* SPDX-License-Identifier: MIT */
/* SHA-384 and SHA-512 in groups of eight lanes. */
#include "kernels/x86/avx512.h"

#ifdef __x86_64__

#define WORD_BITS 64
#include "kernels/x86/sha2_lanes.h"

DATA_KERNEL(sha512_avx512_8, 1)
DATA_KERNEL(sha512_avx512_16, 2)
ZERO_KERNEL(sha512_avx512_zeros_8, 1)
ZERO_KERNEL(sha512_avx512_zeros_16, 2)

#endif
