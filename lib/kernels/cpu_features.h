/* SPDX-License-Identifier: MIT */
/* What the processor and the operating system together offer, as bits. */
#ifndef KERNELS_CPU_FEATURES_H
#define KERNELS_CPU_FEATURES_H

#include "base/common.h"

/* Bits; each is set only if all that its kernels execute is there, so that a row needs just one. */
#define CPU_SHA_NI (1U << 0)     /* SHA, with SSSE3 and SSE4.1 */
#define CPU_AVX2 (1U << 1)       /* AVX2, and YMM state that the system keeps */
#define CPU_AVX512 (1U << 2)     /* AVX-512 F, BW and VL, and ZMM and mask state that it keeps */
#define CPU_ARM_SHA (1U << 3)    /* SHA1 and SHA256 of ARMv8 */
#define CPU_ARM_SHA512 (1U << 4) /* SHA512 of ARMv8.2 */
#define CPU_ALL ((1U << 5) - 1)

/* The registers that decide, as the instructions return them; zero where there is no such leaf. */
struct cpu_registers {
	uint32_t leaf1_ecx;
	uint32_t leaf7_ebx;
	uint64_t xcr0; /* of XGETBV(0); zero without OSXSAVE */
};

unsigned cpu_features_from(const struct cpu_registers *registers);

/* The same for 64-bit ARM, where the system tells: AT_HWCAP of getauxval(3). */
unsigned cpu_features_from_hwcap(unsigned long hwcap);

/* Of this processor; 0 on architectures that have no kernels of their own. */
unsigned cpu_features(void);

#endif
