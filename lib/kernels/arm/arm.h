/* SPDX-License-Identifier: MIT */
/* What the kernels for 64-bit ARM share, and which they are. */
#ifndef KERNELS_ARM_ARM_H
#define KERNELS_ARM_ARM_H

#include "kernels/body.h"

/* Not on a big-endian one: words are swapped as they are loaded. */
#ifdef __AARCH64EL__

/* Kernels carry their own targets. A flag for the whole file would put such instructions also
   where nobody has asked for the feature. */
#ifdef __ARM_FEATURE_SHA2
#error "the kernels must be compiled without -march=...+crypto, -mcpu=native and the like"
#endif

/* Before release 16, clang's header has only what the whole file may use; a target on the function
   is enough for the compiler itself. */
#if defined(__clang__) && __clang_major__ < 16
#define __ARM_FEATURE_SHA2 1
#define __ARM_FEATURE_SHA512 1
#include <arm_neon.h>
#undef __ARM_FEATURE_SHA2
#undef __ARM_FEATURE_SHA512
#else
#include <arm_neon.h>
#endif

/* The extensions, as each compiler calls them; gcc keeps SHA-1 and
   SHA-256 in its +crypto, and SHA-512 in its +sha3. */
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
