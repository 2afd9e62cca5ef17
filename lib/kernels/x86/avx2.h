/* SPDX-License-Identifier: MIT */
/* The vector operations of lanes.h, by AVX2. */
#ifndef KERNELS_X86_AVX2_H
#define KERNELS_X86_AVX2_H

#include "kernels/x86/x86.h"

#ifdef __x86_64__

#define TARGET __attribute__((target("avx2")))

typedef __m256i vector;

#define STORE(address, x) _mm256_storeu_si256((__m256i *)(address), x)
#define BROADCAST128(x) _mm256_broadcastsi128_si256(x)
#define BROADCAST32(x) _mm256_set1_epi32((int)(x))
#define BROADCAST64(x) _mm256_set1_epi64x((long long)(x))

#define SHUFFLE8(x, order) _mm256_shuffle_epi8(x, order)
#define LOW32(x, y) _mm256_unpacklo_epi32(x, y)
#define HIGH32(x, y) _mm256_unpackhi_epi32(x, y)
#define LOW64(x, y) _mm256_unpacklo_epi64(x, y)
#define HIGH64(x, y) _mm256_unpackhi_epi64(x, y)

#define ADD32(x, y) _mm256_add_epi32(x, y)
#define ADD64(x, y) _mm256_add_epi64(x, y)
#define SHIFT32(x, bits) _mm256_srli_epi32(x, bits)
#define SHIFT64(x, bits) _mm256_srli_epi64(x, bits)
#define ROTATE32(x, bits)                                                                          \
	_mm256_or_si256(_mm256_srli_epi32(x, bits), _mm256_slli_epi32(x, 32 - (bits)))
#define ROTATE64(x, bits)                                                                          \
	_mm256_or_si256(_mm256_srli_epi64(x, bits), _mm256_slli_epi64(x, 64 - (bits)))

/* In SHA-2, x ^ y of one majority is y ^ z of the next: the compiler computes it once. */
#define XOR(x, y) _mm256_xor_si256(x, y)
#define CHOOSE(x, y, z) XOR(z, _mm256_and_si256(x, XOR(y, z)))
#define PARITY(x, y, z) XOR(XOR(x, y), z)
#define MAJORITY(x, y, z) XOR(y, _mm256_and_si256(XOR(x, y), XOR(y, z)))

/* Load 128 bits of each of two lanes, `stride` lanes apart. */
BODY TARGET vector load_strided(const unsigned char *const data[], unsigned stride, size_t offset)
{
	return _mm256_inserti128_si256(_mm256_castsi128_si256(load128(data[0] + offset)),
				       load128(data[stride] + offset), 1);
}

BODY TARGET void store_strided(unsigned char *const rows[], unsigned stride, vector x)
{
	_mm_storeu_si128((__m128i *)rows[0], _mm256_castsi256_si128(x));
	_mm_storeu_si128((__m128i *)rows[stride], _mm256_extracti128_si256(x, 1));
}

#endif
#endif
