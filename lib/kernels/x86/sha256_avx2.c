/* SPDX-License-Identifier: MIT */
/* SHA-224 and SHA-256 in a group of eight lanes. */
#include "kernels/x86/avx2.h"

#ifdef __x86_64__

#define WORD_BITS 32
#include "kernels/x86/sha2_lanes.h"

DATA_KERNEL(sha256_avx2_8, 1)
ZERO_KERNEL(sha256_avx2_zeros_8, 1)

#endif
