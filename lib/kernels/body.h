/* SPDX-License-Identifier: MIT */
/* Macros for kernels on any processor. Each kernel is a copy of one inline function, where the
   number of lanes is a constant. So the compiler keeps its arrays in registers and removes its
   conditions. */
#ifndef KERNELS_BODY_H
#define KERNELS_BODY_H

#include "kernels/kernel.h"

#define BODY static inline __attribute__((always_inline))

/* Unroll the next loop, so that all its indices are constants. Not with sanitizers: compiling the
   unrolled code with their checks would take minutes. */
#ifndef __has_feature
#define __has_feature(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
	__has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define UNROLLED
#elif defined(__clang__)
#define UNROLLED _Pragma("clang loop unroll(full)")
#else
#define UNROLLED _Pragma("GCC unroll 80")
#endif

/* Define a kernel. The file defines KERNEL_RUN, the inline function, and TARGET, its attribute. */
#define DATA_KERNEL(name, count)                                                                   \
	TARGET void name(union chain *const chains[], const unsigned char *const data[],           \
			 size_t blocks)                                                            \
	{                                                                                          \
		KERNEL_RUN(chains, data, blocks, count, false);                                    \
	}
#define ZERO_KERNEL(name, count)                                                                   \
	TARGET void name(union chain *const chains[], size_t blocks)                               \
	{                                                                                          \
		KERNEL_RUN(chains, NULL, blocks, count, true);                                     \
	}

#endif
