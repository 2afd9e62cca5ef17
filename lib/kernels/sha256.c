/* SPDX-License-Identifier: MIT */
#include "kernels/arm/arm.h"
#include "kernels/cpu_features.h"
#include "kernels/libcrypto.h"
#include "kernels/x86/x86.h"

/* The cost of libcrypto is for processors without SHA instructions. With them, libcrypto is as fast
   as our kernel of one lane, and kernel_choose() takes ours. */
static const struct kernel kernels[] = {
	{"libcrypto", 0, 1, sha256_libcrypto, sha256_libcrypto_zeros, 278, 278},
#ifdef __x86_64__
	{"sha-ni-1", CPU_SHA_NI, 1, sha256_ni_1, sha256_ni_zeros_1, 100, 100},
	{"sha-ni-2", CPU_SHA_NI, 2, sha256_ni_2, sha256_ni_zeros_2, 135, 119},
	{"sha-ni-3", CPU_SHA_NI, 3, sha256_ni_3, sha256_ni_zeros_3, 182, 160},
	{"sha-ni-4", CPU_SHA_NI, 4, sha256_ni_4, sha256_ni_zeros_4, 222, 199},
	{"avx2-8", CPU_AVX2, 8, sha256_avx2_8, sha256_avx2_zeros_8, 1176, 1127},
	{"avx512-16", CPU_AVX512, 16, sha256_avx512_16, sha256_avx512_zeros_16, 466, 457},
	{"avx512-32", CPU_AVX512, 32, sha256_avx512_32, sha256_avx512_zeros_32, 806, 554},
#endif
#ifdef __AARCH64EL__
	/* Estimates, not measured yet: with more lanes a block costs less. */
	{"armv8-1", CPU_ARM_SHA, 1, sha256_arm_1, sha256_arm_zeros_1, 100, 100},
	{"armv8-2", CPU_ARM_SHA, 2, sha256_arm_2, sha256_arm_zeros_2, 160, 160},
	{"armv8-3", CPU_ARM_SHA, 3, sha256_arm_3, sha256_arm_zeros_3, 220, 220},
	{"armv8-4", CPU_ARM_SHA, 4, sha256_arm_4, sha256_arm_zeros_4, 280, 280},
#endif
};

const struct kernel_family sha256_family = {
	.name = "sha256",
	.block_length = 64,
	.length_length = 8,
	.word_length = 4,
	.chain_words = 8,
	.kernels = kernels,
	.kernel_count = ARRAY_SIZE(kernels),
};
