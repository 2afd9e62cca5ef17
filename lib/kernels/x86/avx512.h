/* SPDX-License-Identifier: MIT */
/* The vector operations of lanes.h, by AVX-512. */
#ifndef KERNELS_X86_AVX512_H
#define KERNELS_X86_AVX512_H

#include "kernels/x86/x86.h"

#ifdef __x86_64__

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl")))

typedef __m512i vector;

#define STORE(address, x) _mm512_storeu_si512(address, x)
#define BROADCAST128(x) _mm512_broadcast_i32x4(x)
#define BROADCAST32(x) _mm512_set1_epi32((int)(x))
#define BROADCAST64(x) _mm512_set1_epi64((long long)(x))

#define SHUFFLE8(x, order) _mm512_shuffle_epi8(x, order)
#define LOW32(x, y) _mm512_unpacklo_epi32(x, y)
#define HIGH32(x, y) _mm512_unpackhi_epi32(x, y)
#define LOW64(x, y) _mm512_unpacklo_epi64(x, y)
#define HIGH64(x, y) _mm512_unpackhi_epi64(x, y)

#define ADD32(x, y) _mm512_add_epi32(x, y)
#define ADD64(x, y) _mm512_add_epi64(x, y)
#define SHIFT32(x, bits) _mm512_srli_epi32(x, bits)
#define SHIFT64(x, bits) _mm512_srli_epi64(x, bits)
#define ROTATE32(x, bits) _mm512_ror_epi32(x, bits)
#define ROTATE64(x, bits) _mm512_ror_epi64(x, bits)

/* One instruction each. Its constant is the truth table: the result for 0xf0, 0xcc and 0xaa. */
#define XOR(x, y) _mm512_xor_si512(x, y)
#define CHOOSE(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0xca)
#define PARITY(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0x96)
#define MAJORITY(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0xe8)

/* Load 128 bits of each of four lanes, `stride` lanes apart. */
BODY TARGET vector load_strided(const unsigned char *const data[], unsigned stride, size_t offset)
{
	vector x = _mm512_castsi128_si512(load128(data[0] + offset));

	x = _mm512_inserti32x4(x, load128(data[stride] + offset), 1);
	x = _mm512_inserti32x4(x, load128(data[2 * stride] + offset), 2);
	return _mm512_inserti32x4(x, load128(data[3 * stride] + offset), 3);
}

BODY TARGET void store_strided(unsigned char *const rows[], unsigned stride, vector x)
{
	_mm_storeu_si128((__m128i *)rows[0], _mm512_castsi512_si128(x));
	_mm_storeu_si128((__m128i *)rows[stride], _mm512_extracti32x4_epi32(x, 1));
	_mm_storeu_si128((__m128i *)rows[2 * stride], _mm512_extracti32x4_epi32(x, 2));
	_mm_storeu_si128((__m128i *)rows[3 * stride], _mm512_extracti32x4_epi32(x, 3));
}

#endif
#endif
