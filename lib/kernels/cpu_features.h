/* SPDX-License-Identifier: MIT */
/* The features that both the processor and the operating system support, as bits. */
#ifndef KERNELS_CPU_FEATURES_H
#define KERNELS_CPU_FEATURES_H

#include "base/common.h"

/* A bit is set if all instructions of its kernels are available, so that a kernel needs only one
   bit. */
#define CPU_SHA_NI (1U << 0)     /* SHA, with SSSE3 and SSE4.1 */
#define CPU_AVX2 (1U << 1)       /* AVX2, and the system saves YMM registers */
#define CPU_AVX512 (1U << 2)     /* AVX-512 F, BW, VL, and it saves ZMM and mask registers */
#define CPU_ARM_SHA (1U << 3)    /* SHA1 and SHA256 of ARMv8 */
#define CPU_ARM_SHA512 (1U << 4) /* SHA512 of ARMv8.2 */
#define CPU_ALL ((1U << 5) - 1)

/* The contents of the registers that list features; zero if the processor has no such leaf. */
struct cpu_registers {
	uint32_t leaf1_ecx;
	uint32_t leaf7_ebx;
	uint64_t xcr0; /* of XGETBV(0); zero without OSXSAVE */
};

/* The features of an x86-64 processor with these registers. */
unsigned cpu_features_from(const struct cpu_registers *registers);

/* The features of a 64-bit ARM processor. hwcap is AT_HWCAP of getauxval(3). */
unsigned cpu_features_from_hwcap(unsigned long hwcap);

/* The features of this processor; 0 on other architectures. */
unsigned cpu_features(void);

#endif
