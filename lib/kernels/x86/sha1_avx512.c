/* SPDX-License-Identifier: MIT */
/* SHA-1 in groups of sixteen lanes. */
#include "kernels/x86/avx512.h"

#ifdef __x86_64__

#include "kernels/x86/sha1_lanes.h"

DATA_KERNEL(sha1_avx512_16, 1)
DATA_KERNEL(sha1_avx512_32, 2)
ZERO_KERNEL(sha1_avx512_zeros_16, 1)
ZERO_KERNEL(sha1_avx512_zeros_32, 2)
ZERO_KERNEL(sha1_avx512_zeros_64, 4)

#endif
