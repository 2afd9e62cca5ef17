/* SPDX-License-Identifier: MIT */
/* SHA-224 and SHA-256 (FIPS 180-4, section 6.2) by the SHA instructions, two steps each. An
   instruction waits four cycles for the one before it in its lane, so a few lanes take turns. */
#include "kernels/constants.h"
#include "kernels/x86/x86.h"

#ifdef __x86_64__

#define TARGET __attribute__((target("sha,sse4.1,ssse3")))
#define BLOCK 64
#define MOST_LANES 4

/* In the order of SHA256RNDS2, highest word first. */
struct lane {
	__m128i abef, cdgh;
	__m128i w[4];
};

/* W of steps 4i to 4i + 3. */
BODY TARGET __m128i sha256_ni_words(__m128i w[4], const unsigned char *data, unsigned i)
{
	const __m128i swap = _mm_set_epi32(0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203);

	if (i < 4) {
		w[i] = _mm_shuffle_epi8(load128(data + 16 * i), swap);
	} else {
		__m128i w9 = _mm_alignr_epi8(w[(i + 3) % 4], w[(i + 2) % 4], 4);
		__m128i sum = _mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]);

		w[i % 4] = _mm_sha256msg2_epu32(_mm_add_epi32(sum, w9), w[(i + 3) % 4]);
	}
	return w[i % 4];
}

BODY TARGET void sha256_ni_compress(struct lane lane[], const unsigned char *const data[],
				    size_t offset, unsigned lanes, bool zeros)
{
	UNROLLED
	for (unsigned i = 0; i < 16; i++) {
		UNROLLED
		for (unsigned n = 0; n < lanes; n++) {
			struct lane *l = &lane[n];
			__m128i addend =
				_mm_load_si128((const __m128i *)(sha256_constants + 4 * i));

			if (!zeros) {
				addend = _mm_add_epi32(addend,
						       sha256_ni_words(l->w, data[n] + offset, i));
				if (lanes > 2)
					SPILL(l->w[i % 4]);
			}
			/* Two steps turn a, b, e, f into c, d, g, h. */
			l->cdgh = _mm_sha256rnds2_epu32(l->cdgh, l->abef, addend);
			l->abef = _mm_sha256rnds2_epu32(l->abef, l->cdgh,
							_mm_shuffle_epi32(addend, 0x0e));
		}
	}
}

#define KERNEL_RUN sha256_ni_run
BODY TARGET void sha256_ni_run(union chain *const chains[], const unsigned char *const data[],
			       size_t blocks, unsigned lanes, bool zeros)
{
	struct lane lane[MOST_LANES];
	__m128i abef[MOST_LANES], cdgh[MOST_LANES];

	UNROLLED
	for (unsigned n = 0; n < lanes; n++) {
		__m128i badc = _mm_shuffle_epi32(load128(chains[n]->w32), 0xb1);
		__m128i hgfe = _mm_shuffle_epi32(load128(chains[n]->w32 + 4), 0x1b);

		abef[n] = _mm_alignr_epi8(badc, hgfe, 8);
		cdgh[n] = _mm_blend_epi16(hgfe, badc, 0xf0);
	}
	for (size_t offset = 0; blocks; offset += BLOCK, blocks--) {
		UNROLLED
		for (unsigned n = 0; n < lanes; n++) {
			lane[n].abef = abef[n];
			lane[n].cdgh = cdgh[n];
		}
		sha256_ni_compress(lane, data, offset, lanes, zeros);
		UNROLLED
		for (unsigned n = 0; n < lanes; n++) {
			abef[n] = _mm_add_epi32(abef[n], lane[n].abef);
			cdgh[n] = _mm_add_epi32(cdgh[n], lane[n].cdgh);
		}
	}
	UNROLLED
	for (unsigned n = 0; n < lanes; n++) {
		__m128i feba = _mm_shuffle_epi32(abef[n], 0x1b);
		__m128i dchg = _mm_shuffle_epi32(cdgh[n], 0xb1);

		_mm_storeu_si128((__m128i *)chains[n]->w32, _mm_blend_epi16(feba, dchg, 0xf0));
		_mm_storeu_si128((__m128i *)(chains[n]->w32 + 4), _mm_alignr_epi8(dchg, feba, 8));
	}
}

DATA_KERNEL(sha256_ni_1, 1)
DATA_KERNEL(sha256_ni_2, 2)
DATA_KERNEL(sha256_ni_3, 3)
DATA_KERNEL(sha256_ni_4, 4)

ZERO_KERNEL(sha256_ni_zeros_1, 1)
ZERO_KERNEL(sha256_ni_zeros_2, 2)
ZERO_KERNEL(sha256_ni_zeros_3, 3)
ZERO_KERNEL(sha256_ni_zeros_4, 4)

#endif
