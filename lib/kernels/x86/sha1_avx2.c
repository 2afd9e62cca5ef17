/* SPDX-License-Identifier: MIT */
/* SHA-1 in groups of eight lanes. */
#include "kernels/x86/avx2.h"

#ifdef __x86_64__

#include "kernels/x86/sha1_lanes.h"

DATA_KERNEL(sha1_avx2_8, 1)
ZERO_KERNEL(sha1_avx2_zeros_8, 1)
ZERO_KERNEL(sha1_avx2_zeros_16, 2)

#endif
