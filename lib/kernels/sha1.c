/* SPDX-License-Identifier: MIT */
#include "kernels/arm/arm.h"
#include "kernels/cpu_features.h"
#include "kernels/libcrypto.h"
#include "kernels/x86/x86.h"

/* The cost of libcrypto is for processors without SHA instructions. With them, libcrypto is as fast
   as our kernel of one lane, and kernel_choose() takes ours. */
static const struct kernel kernels[] = {
	{"libcrypto", 0, 1, sha1_libcrypto, sha1_libcrypto_zeros, 145, 145},
#ifdef __x86_64__
	{"sha-ni-1", CPU_SHA_NI, 1, sha1_ni_1, sha1_ni_zeros_1, 100, 99},
	{"sha-ni-2", CPU_SHA_NI, 2, sha1_ni_2, sha1_ni_zeros_2, 114, 107},
	{"sha-ni-3", CPU_SHA_NI, 3, sha1_ni_3, sha1_ni_zeros_3, 135, 124},
	{"sha-ni-4", CPU_SHA_NI, 4, sha1_ni_4, sha1_ni_zeros_4, 155, 147},
	{"sha-ni-6", CPU_SHA_NI, 6, sha1_ni_6, sha1_ni_zeros_6, 236, 202},
	{"avx2-8", CPU_AVX2, 8, sha1_avx2_8, sha1_avx2_zeros_8, 435, 426},
	{"avx2-16", CPU_AVX2, 16, NULL, sha1_avx2_zeros_16, 0, 470},
	{"avx512-16", CPU_AVX512, 16, sha1_avx512_16, sha1_avx512_zeros_16, 287, 273},
	{"avx512-32", CPU_AVX512, 32, sha1_avx512_32, sha1_avx512_zeros_32, 420, 286},
	{"avx512-64", CPU_AVX512, 64, NULL, sha1_avx512_zeros_64, 0, 420},
#endif
#ifdef __AARCH64EL__
	/* Estimates, not measured yet: with more lanes a block costs less. */
	{"armv8-1", CPU_ARM_SHA, 1, sha1_arm_1, sha1_arm_zeros_1, 100, 100},
	{"armv8-2", CPU_ARM_SHA, 2, sha1_arm_2, sha1_arm_zeros_2, 160, 160},
	{"armv8-3", CPU_ARM_SHA, 3, sha1_arm_3, sha1_arm_zeros_3, 220, 220},
	{"armv8-4", CPU_ARM_SHA, 4, sha1_arm_4, sha1_arm_zeros_4, 280, 280},
#endif
};

const struct kernel_family sha1_family = {
	.name = "sha1",
	.block_length = 64,
	.length_length = 8,
	.word_length = 4,
	.chain_words = 5,
	.kernels = kernels,
	.kernel_count = ARRAY_SIZE(kernels),
};
