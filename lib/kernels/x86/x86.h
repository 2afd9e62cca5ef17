/* SPDX-License-Identifier: MIT */
/* The kernels for x86-64, and their common parts. */
#ifndef KERNELS_X86_X86_H
#define KERNELS_X86_X86_H

#include "kernels/body.h"

#ifdef __x86_64__

/* Each kernel has its own target attribute. A compiler flag for the whole file would allow such
   instructions in code that runs before the features are checked. */
#ifdef __AVX__
#error "the kernels must be compiled without -mavx, -march=native and the like"
#endif

#include <immintrin.h>

/* Keep the compiler from reordering a sum across this point. */
#define PIN(vector) __asm__("" : "+v"(vector))

/* Keep a value in memory, so that a register is free for a more urgent one. clang needs no hint. */
#ifdef __clang__
#define SPILL(vector) ((void)0)
#else
#define SPILL(vector) __asm__("" : "+m"(vector))
#endif

BODY __m128i load128(const void *data)
{
	return _mm_loadu_si128(data);
}

kernel_fn sha1_ni_1, sha1_ni_2, sha1_ni_3, sha1_ni_4, sha1_ni_6;
kernel_fn sha1_avx2_8, sha1_avx512_16, sha1_avx512_32;
zero_kernel_fn sha1_ni_zeros_1, sha1_ni_zeros_2, sha1_ni_zeros_3, sha1_ni_zeros_4, sha1_ni_zeros_6;
zero_kernel_fn sha1_avx2_zeros_8, sha1_avx2_zeros_16;
zero_kernel_fn sha1_avx512_zeros_16, sha1_avx512_zeros_32, sha1_avx512_zeros_64;

kernel_fn sha256_ni_1, sha256_ni_2, sha256_ni_3, sha256_ni_4;
kernel_fn sha256_avx2_8, sha256_avx512_16, sha256_avx512_32;
zero_kernel_fn sha256_ni_zeros_1, sha256_ni_zeros_2, sha256_ni_zeros_3, sha256_ni_zeros_4;
zero_kernel_fn sha256_avx2_zeros_8, sha256_avx512_zeros_16, sha256_avx512_zeros_32;

kernel_fn sha512_avx2_4, sha512_avx512_8, sha512_avx512_16;
zero_kernel_fn sha512_avx2_zeros_4, sha512_avx512_zeros_8, sha512_avx512_zeros_16;

#endif
#endif
