/* SPDX-License-Identifier: MIT */
/* The kernels for 64-bit ARM, and their common parts. */
#ifndef KERNELS_ARM_ARM_H
#define KERNELS_ARM_ARM_H

#include "kernels/body.h"

/* Only little-endian: the kernels swap the bytes of each word that they load. */
#ifdef __AARCH64EL__

/* Each kernel has its own target attribute. A compiler flag for the whole file would allow such
   instructions in code that runs before the features are checked. */
#ifdef __ARM_FEATURE_SHA2
#error "the kernels must be compiled without -march=...+crypto, -mcpu=native and the like"
#endif

/* Before clang 16, arm_neon.h declares only what the flags of the file allow. The compiler itself
   needs only the target attribute of the function. */
#if defined(__clang__) && __clang_major__ < 16
#define __ARM_FEATURE_SHA2 1
#define __ARM_FEATURE_SHA512 1
#include <arm_neon.h>
#undef __ARM_FEATURE_SHA2
#undef __ARM_FEATURE_SHA512
#else
#include <arm_neon.h>
#endif

/* The names of the extensions differ: for gcc, SHA-1 and SHA-256 are part of +crypto, and SHA-512
   is part of +sha3. */
#ifdef __clang__
#define TARGET_SHA2 __attribute__((target("sha2")))
#define TARGET_SHA512 __attribute__((target("sha3")))
#else
#define TARGET_SHA2 __attribute__((target("+crypto")))
#define TARGET_SHA512 __attribute__((target("arch=armv8.2-a+sha3")))
#endif

/* Keep the compiler from moving an instruction of one lane past those of the next. */
#define PIN(vector) __asm__("" : "+w"(vector))

BODY uint32x4_t load_words32(const unsigned char *data)
{
	return vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(data)));
}

BODY uint64x2_t load_words64(const unsigned char *data)
{
	return vreinterpretq_u64_u8(vrev64q_u8(vld1q_u8(data)));
}

kernel_fn sha1_arm_1, sha1_arm_2, sha1_arm_3, sha1_arm_4;
zero_kernel_fn sha1_arm_zeros_1, sha1_arm_zeros_2, sha1_arm_zeros_3, sha1_arm_zeros_4;

kernel_fn sha256_arm_1, sha256_arm_2, sha256_arm_3, sha256_arm_4;
zero_kernel_fn sha256_arm_zeros_1, sha256_arm_zeros_2, sha256_arm_zeros_3, sha256_arm_zeros_4;

kernel_fn sha512_arm_1, sha512_arm_2;
zero_kernel_fn sha512_arm_zeros_1, sha512_arm_zeros_2;

#endif
#endif
