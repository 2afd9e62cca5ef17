/* SPDX-License-Identifier: MIT */
/* SHA-224 and SHA-256 (FIPS 180-4, section 6.2) by the SHA256 instructions of ARMv8, four steps for
   each pair. An instruction waits for the one before it in its lane, so a few lanes take turns. */
#include "kernels/arm/arm.h"
#include "kernels/constants.h"

#ifdef __AARCH64EL__

#define TARGET TARGET_SHA2
#define BLOCK 64
#define MOST_LANES 4

struct lane {
	uint32x4_t abcd, efgh;
	uint32x4_t w[4];
};

/* W of steps 4i to 4i + 3. */
BODY TARGET uint32x4_t sha256_arm_words(uint32x4_t w[4], const unsigned char *data, unsigned i)
{
	if (i < 4)
		w[i] = load_words32(data + 16 * i);
	else
		w[i % 4] = vsha256su1q_u32(vsha256su0q_u32(w[i % 4], w[(i + 1) % 4]),
					   w[(i + 2) % 4], w[(i + 3) % 4]);
	return w[i % 4];
}

BODY TARGET void sha256_arm_compress(struct lane lane[], const unsigned char *const data[],
				     size_t offset, unsigned lanes, bool zeros)
{
	UNROLLED
	for (unsigned i = 0; i < 16; i++) {
		UNROLLED
		for (unsigned n = 0; n < lanes; n++) {
			struct lane *l = &lane[n];
			uint32x4_t addend = vld1q_u32(sha256_constants + 4 * i), abcd = l->abcd;

			if (!zeros)
				addend = vaddq_u32(addend,
						   sha256_arm_words(l->w, data[n] + offset, i));
			l->abcd = vsha256hq_u32(abcd, l->efgh, addend);
			l->efgh = vsha256h2q_u32(l->efgh, abcd, addend);
			PIN(l->abcd);
		}
	}
}

#define KERNEL_RUN sha256_arm_run
BODY TARGET void sha256_arm_run(union chain *const chains[], const unsigned char *const data[],
				size_t blocks, unsigned lanes, bool zeros)
{
	struct lane lane[MOST_LANES];
	uint32x4_t abcd[MOST_LANES], efgh[MOST_LANES];

	UNROLLED
	for (unsigned n = 0; n < lanes; n++) {
		abcd[n] = vld1q_u32(chains[n]->w32);
		efgh[n] = vld1q_u32(chains[n]->w32 + 4);
	}
	for (size_t offset = 0; blocks; offset += BLOCK, blocks--) {
		UNROLLED
		for (unsigned n = 0; n < lanes; n++) {
			lane[n].abcd = abcd[n];
			lane[n].efgh = efgh[n];
		}
		sha256_arm_compress(lane, data, offset, lanes, zeros);
		UNROLLED
		for (unsigned n = 0; n < lanes; n++) {
			abcd[n] = vaddq_u32(abcd[n], lane[n].abcd);
			efgh[n] = vaddq_u32(efgh[n], lane[n].efgh);
		}
	}
	UNROLLED
	for (unsigned n = 0; n < lanes; n++) {
		vst1q_u32(chains[n]->w32, abcd[n]);
		vst1q_u32(chains[n]->w32 + 4, efgh[n]);
	}
}

DATA_KERNEL(sha256_arm_1, 1)
DATA_KERNEL(sha256_arm_2, 2)
DATA_KERNEL(sha256_arm_3, 3)
DATA_KERNEL(sha256_arm_4, 4)

ZERO_KERNEL(sha256_arm_zeros_1, 1)
ZERO_KERNEL(sha256_arm_zeros_2, 2)
ZERO_KERNEL(sha256_arm_zeros_3, 3)
ZERO_KERNEL(sha256_arm_zeros_4, 4)

#endif
