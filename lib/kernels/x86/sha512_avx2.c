/* SPDX-License-Identifier: MIT */
/* SHA-384 and SHA-512 in a group of four lanes. */
#include "kernels/x86/avx2.h"

#ifdef __x86_64__

#define WORD_BITS 64
#include "kernels/x86/sha2_lanes.h"

DATA_KERNEL(sha512_avx2_4, 1)
ZERO_KERNEL(sha512_avx2_zeros_4, 1)

#endif
