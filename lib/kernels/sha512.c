/* SPDX-License-Identifier: MIT */
#include "kernels/arm/arm.h"
#include "kernels/cpu_features.h"
#include "kernels/libcrypto.h"
#include "kernels/x86/x86.h"

static const struct kernel kernels[] = {
	{"libcrypto", 0, 1, sha512_libcrypto, sha512_libcrypto_zeros, 100, 100},
#ifdef __x86_64__
	{"avx2-4", CPU_AVX2, 4, sha512_avx2_4, sha512_avx2_zeros_4, 333, 323},
	{"avx512-8", CPU_AVX512, 8, sha512_avx512_8, sha512_avx512_zeros_8, 170, 167},
	{"avx512-16", CPU_AVX512, 16, sha512_avx512_16, sha512_avx512_zeros_16, 291, 199},
#endif
#ifdef __AARCH64EL__
	/* Estimates, not measured yet: with more lanes a block costs less. */
	{"armv8.2-1", CPU_ARM_SHA512, 1, sha512_arm_1, sha512_arm_zeros_1, 100, 100},
	{"armv8.2-2", CPU_ARM_SHA512, 2, sha512_arm_2, sha512_arm_zeros_2, 160, 160},
#endif
};

const struct kernel_family sha512_family = {
	.name = "sha512",
	.block_length = 128,
	.length_length = 16,
	.word_length = 8,
	.chain_words = 8,
	.kernels = kernels,
	.kernel_count = ARRAY_SIZE(kernels),
};
