/* SPDX-License-Identifier: MIT */
/* SHA-224 and SHA-256 in groups of sixteen lanes. */
#include "kernels/x86/avx512.h"

#ifdef __x86_64__

#define WORD_BITS 32
#include "kernels/x86/sha2_lanes.h"

DATA_KERNEL(sha256_avx512_16, 1)
DATA_KERNEL(sha256_avx512_32, 2)
ZERO_KERNEL(sha256_avx512_zeros_16, 1)
ZERO_KERNEL(sha256_avx512_zeros_32, 2)

#endif
