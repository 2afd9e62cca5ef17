/* SPDX-License-Identifier: MIT */
/* How kernels are written, on any processor: one body that is copied into each, with the count of
   lanes constant, so that its arrays turn into registers and its conditions vanish. */
#ifndef KERNELS_BODY_H
#define KERNELS_BODY_H

#include "kernels/kernel.h"

#define BODY static inline __attribute__((always_inline))

/* A loop whose passes are written out, so that all its indices are constants. Not with sanitizers:
   their checks of each pass would make minutes of compiling. */
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

/* A kernel made from the function that a file names with KERNEL_RUN, with the target TARGET. */
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
