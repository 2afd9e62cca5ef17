/* SPDX-License-Identifier: MIT */
/* SHA-384 and SHA-512 (FIPS 180-4, section 6.4) by the SHA512 instructions of ARMv8.2, two steps
   for each pair. An instruction waits for the one before it in its lane, so a few lanes take turns.
 */
#include "kernels/arm/arm.h"
#include "kernels/constants.h"

#ifdef __AARCH64EL__

#define TARGET TARGET_SHA512
#define BLOCK 128
#define MOST_LANES 2

struct lane {
	uint64x2_t ab, cd, ef, gh;
	uint64x2_t w[8];
};

/* W of steps 2i and 2i + 1. */
BODY TARGET uint64x2_t sha512_arm_words(uint64x2_t w[8], const unsigned char *data, unsigned i)
{
	if (i < 8)
		w[i] = load_words64(data + 16 * i);
	else
		w[i % 8] =
			vsha512su1q_u64(vsha512su0q_u64(w[i % 8], w[(i + 1) % 8]), w[(i + 7) % 8],
					vextq_u64(w[(i + 4) % 8], w[(i + 5) % 8], 1));
	return w[i % 8];
}

/* Two steps; the addend is W + K. */
BODY TARGET void sha512_arm_two_steps(struct lane *l, uint64x2_t addend)
{
	uint64x2_t sum = vaddq_u64(vextq_u64(addend, addend, 1), l->gh);
	uint64x2_t cd = l->cd;

	sum = vsha512hq_u64(sum, vextq_u64(l->ef, l->gh, 1), vextq_u64(cd, l->ef, 1));
	l->gh = l->ef;
	l->ef = vaddq_u64(cd, sum);
	l->cd = l->ab;
	l->ab = vsha512h2q_u64(sum, cd, l->ab);
	PIN(l->ab);
}

BODY TARGET void sha512_arm_compress(struct lane lane[], const unsigned char *const data[],
				     size_t offset, unsigned lanes, bool zeros)
{
	UNROLLED
	for (unsigned i = 0; i < 40; i++) {
		UNROLLED
		for (unsigned n = 0; n < lanes; n++) {
			uint64x2_t addend = vld1q_u64(sha512_constants + 2 * i);

			if (!zeros)
				addend = vaddq_u64(
					addend, sha512_arm_words(lane[n].w, data[n] + offset, i));
			sha512_arm_two_steps(&lane[n], addend);
		}
	}
}

#define KERNEL_RUN sha512_arm_run
BODY TARGET void sha512_arm_run(union chain *const chains[], const unsigned char *const data[],
				size_t blocks, unsigned lanes, bool zeros)
{
	struct lane lane[MOST_LANES];
	uint64x2_t ab[MOST_LANES], cd[MOST_LANES], ef[MOST_LANES], gh[MOST_LANES];

	UNROLLED
	for (unsigned n = 0; n < lanes; n++) {
		ab[n] = vld1q_u64(chains[n]->w64);
		cd[n] = vld1q_u64(chains[n]->w64 + 2);
		ef[n] = vld1q_u64(chains[n]->w64 + 4);
		gh[n] = vld1q_u64(chains[n]->w64 + 6);
	}
	for (size_t offset = 0; blocks; offset += BLOCK, blocks--) {
		UNROLLED
		for (unsigned n = 0; n < lanes; n++) {
			lane[n].ab = ab[n];
			lane[n].cd = cd[n];
			lane[n].ef = ef[n];
			lane[n].gh = gh[n];
		}
		sha512_arm_compress(lane, data, offset, lanes, zeros);
		UNROLLED
		for (unsigned n = 0; n < lanes; n++) {
			ab[n] = vaddq_u64(ab[n], lane[n].ab);
			cd[n] = vaddq_u64(cd[n], lane[n].cd);
			ef[n] = vaddq_u64(ef[n], lane[n].ef);
			gh[n] = vaddq_u64(gh[n], lane[n].gh);
		}
	}
	UNROLLED
	for (unsigned n = 0; n < lanes; n++) {
		vst1q_u64(chains[n]->w64, ab[n]);
		vst1q_u64(chains[n]->w64 + 2, cd[n]);
		vst1q_u64(chains[n]->w64 + 4, ef[n]);
		vst1q_u64(chains[n]->w64 + 6, gh[n]);
	}
}

DATA_KERNEL(sha512_arm_1, 1)
DATA_KERNEL(sha512_arm_2, 2)

ZERO_KERNEL(sha512_arm_zeros_1, 1)
ZERO_KERNEL(sha512_arm_zeros_2, 2)

#endif
