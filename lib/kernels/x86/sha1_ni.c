/* SPDX-License-Identifier: MIT */
/* SHA-1 (FIPS 180-4, section 6.1) by the SHA instructions, four steps each. An instruction waits
   six cycles for the one before it in its lane, so a few lanes take turns. */
#include "kernels/x86/x86.h"

#ifdef __x86_64__

#define TARGET __attribute__((target("sha,sse4.1,ssse3")))
#define BLOCK 64
#define MOST_LANES 6

struct lane {
	__m128i abcd;
	__m128i before; /* abcd four steps before; E is its a, rotated */
	__m128i w[4];
};

/* W of steps 4i to 4i + 3. SHA1NEXTE computes E from the A of four steps before, and adds W. */
BODY TARGET __m128i sha1_ni_words(struct lane *lane, const unsigned char *data, unsigned i)
{
	const __m128i reverse = _mm_set_epi32(0x00010203, 0x04050607, 0x08090a0b, 0x0c0d0e0f);
	__m128i *w = lane->w;

	if (i < 4)
		w[i] = _mm_shuffle_epi8(load128(data + 16 * i), reverse);
	else
		w[i % 4] = _mm_sha1msg2_epu32(
			_mm_xor_si128(_mm_sha1msg1_epu32(w[i % 4], w[(i + 1) % 4]), w[(i + 2) % 4]),
			w[(i + 3) % 4]);
	return w[i % 4];
}

#define STEPS(first, function)                                                                     \
	UNROLLED                                                                                   \
	for (unsigned i = first; i < first + 5; i++) {                                             \
		UNROLLED                                                                           \
		for (unsigned n = 0; n < lanes; n++) {                                             \
			struct lane *l_ = &lane[n];                                                \
			__m128i w_ = zeros ? _mm_setzero_si128()                                   \
					   : sha1_ni_words(l_, data[n] + offset, i);               \
			__m128i e_ = i ? _mm_sha1nexte_epu32(l_->before, w_)                       \
				       : _mm_add_epi32(l_->before, w_);                            \
			l_->before = l_->abcd;                                                     \
			l_->abcd = _mm_sha1rnds4_epu32(l_->abcd, e_, function);                    \
			PIN(l_->abcd);                                                             \
		}                                                                                  \
	}

#define KERNEL_RUN sha1_ni_run
BODY TARGET void sha1_ni_run(union chain *const chains[], const unsigned char *const data[],
			     size_t blocks, unsigned lanes, bool zeros)
{
	struct lane lane[MOST_LANES];
	__m128i abcd[MOST_LANES], e[MOST_LANES];

	UNROLLED
	for (unsigned n = 0; n < lanes; n++) {
		abcd[n] = _mm_shuffle_epi32(load128(chains[n]->w32), 0x1b);
		e[n] = _mm_set_epi32((int)chains[n]->w32[4], 0, 0, 0);
	}
	for (size_t offset = 0; blocks; offset += BLOCK, blocks--) {
		UNROLLED
		for (unsigned n = 0; n < lanes; n++) {
			lane[n].abcd = abcd[n];
			lane[n].before = e[n];
		}
		STEPS(0, 0)
		STEPS(5, 1)
		STEPS(10, 2)
		STEPS(15, 3)
		UNROLLED
		for (unsigned n = 0; n < lanes; n++) {
			abcd[n] = _mm_add_epi32(abcd[n], lane[n].abcd);
			e[n] = _mm_sha1nexte_epu32(lane[n].before, e[n]);
		}
	}
	UNROLLED
	for (unsigned n = 0; n < lanes; n++) {
		_mm_storeu_si128((__m128i *)chains[n]->w32, _mm_shuffle_epi32(abcd[n], 0x1b));
		chains[n]->w32[4] = (uint32_t)_mm_extract_epi32(e[n], 3);
	}
}

DATA_KERNEL(sha1_ni_1, 1)
DATA_KERNEL(sha1_ni_2, 2)
DATA_KERNEL(sha1_ni_3, 3)
DATA_KERNEL(sha1_ni_4, 4)
DATA_KERNEL(sha1_ni_6, 6)

ZERO_KERNEL(sha1_ni_zeros_1, 1)
ZERO_KERNEL(sha1_ni_zeros_2, 2)
ZERO_KERNEL(sha1_ni_zeros_3, 3)
ZERO_KERNEL(sha1_ni_zeros_4, 4)
ZERO_KERNEL(sha1_ni_zeros_6, 6)

#endif
