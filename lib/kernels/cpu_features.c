/* SPDX-License-Identifier: MIT */
#include "kernels/cpu_features.h"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__AARCH64EL__)
#include <sys/auxv.h>
#endif

/* Intel SDM volume 2, CPUID: leaf 1 ECX and leaf 7 EBX. */
#define LEAF1_SSSE3 (1U << 9)
#define LEAF1_SSE41 (1U << 19)
#define LEAF1_OSXSAVE (1U << 27)
#define LEAF1_AVX (1U << 28)
#define LEAF7_AVX2 (1U << 5)
#define LEAF7_AVX512F (1U << 16)
#define LEAF7_SHA (1U << 29)
#define LEAF7_AVX512BW (1U << 30)
#define LEAF7_AVX512VL (1U << 31)

/* SDM volume 1, XCR0. YMM: SSE, upper halves of YMM. ZMM: also masks, upper ZMM, ZMM16 to ZMM31. */
#define XCR0_YMM 0x06U
#define XCR0_ZMM 0xe6U

/* Linux, arch/arm64/include/uapi/asm/hwcap.h. A bit is set only if programs may use the feature. */
#define HWCAP_BIT_SHA1 (1UL << 5)
#define HWCAP_BIT_SHA2 (1UL << 6)
#define HWCAP_BIT_SHA512 (1UL << 21)

static bool cpu_has_all(uint64_t bits, uint64_t wanted)
{
	return (bits & wanted) == wanted;
}

/* The processor may have instructions whose registers the operating system does not save. Such an
   instruction faults, or loses values at a context switch. So check XCR0 before the instructions.
 */
unsigned cpu_features_from(const struct cpu_registers *registers)
{
	uint32_t leaf1 = registers->leaf1_ecx, leaf7 = registers->leaf7_ebx;
	uint64_t state = cpu_has_all(leaf1, LEAF1_OSXSAVE) ? registers->xcr0 : 0;
	unsigned features = 0;

	if (cpu_has_all(leaf1, LEAF1_SSSE3 | LEAF1_SSE41) && cpu_has_all(leaf7, LEAF7_SHA))
		features |= CPU_SHA_NI;
	if (!cpu_has_all(state, XCR0_YMM) || !cpu_has_all(leaf1, LEAF1_AVX) ||
	    !cpu_has_all(leaf7, LEAF7_AVX2))
		return features;
	features |= CPU_AVX2;
	if (cpu_has_all(state, XCR0_ZMM) &&
	    cpu_has_all(leaf7, LEAF7_AVX512F | LEAF7_AVX512BW | LEAF7_AVX512VL))
		features |= CPU_AVX512;
	return features;
}

unsigned cpu_features_from_hwcap(unsigned long hwcap)
{
	unsigned features = 0;

	if (cpu_has_all(hwcap, HWCAP_BIT_SHA1 | HWCAP_BIT_SHA2))
		features |= CPU_ARM_SHA;
	if (cpu_has_all(hwcap, HWCAP_BIT_SHA512))
		features |= CPU_ARM_SHA512;
	return features;
}

unsigned cpu_features(void)
{
#if defined(__x86_64__)
	struct cpu_registers registers = {0};
	unsigned a, b, c, d;

	if (__get_cpuid(1, &a, &b, &c, &d))
		registers.leaf1_ecx = c;
	if (__get_cpuid_count(7, 0, &a, &b, &c, &d))
		registers.leaf7_ebx = b;
	/* Without OSXSAVE, xgetbv is an undefined instruction. */
	if (cpu_has_all(registers.leaf1_ecx, LEAF1_OSXSAVE)) {
		uint32_t low, high;

		__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
		registers.xcr0 = (uint64_t)high << 32 | low;
	}
	return cpu_features_from(&registers);
#elif defined(__AARCH64EL__)
	return cpu_features_from_hwcap(getauxval(AT_HWCAP));
#else
	return 0;
#endif
}
