/* SPDX-License-Identifier: MIT */
/* What the processor and the operating system together offer, as bits. */
#ifndef KERNELS_CPU_FEATURES_H
#define KERNELS_CPU_FEATURES_H

#include "base/common.h"

/* Bits; each is set only if all that its kernels execute is there, so that a row needs just one. */
#define CPU_SHA_NI (1U << 0) /* SHA, with SSSE3 and SSE4.1 */
#define CPU_AVX2 (1U << 1)   /* AVX2, and YMM state that the system keeps */
#define CPU_AVX512 (1U << 2) /* AVX-512 F, BW and VL, and ZMM and mask state that it keeps */

/* The registers that decide, as the instructions return them; zero where there is no such leaf. */
struct cpu_registers {
	uint32_t leaf1_ecx;
	uint32_t leaf7_ebx;
	uint64_t xcr0; /* of XGETBV(0); zero without OSXSAVE */
};

unsigned cpu_features_from(const struct cpu_registers *registers);

/* Of this processor; 0 on other architectures. */
unsigned cpu_features(void);

#endif
