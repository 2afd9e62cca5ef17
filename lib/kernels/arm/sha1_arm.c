/* SPDX-License-Identifier: MIT */
/* SHA-1 (FIPS 180-4, section 6.1) by the SHA1 instructions of ARMv8, four steps each. An
   instruction waits for the one before it in its lane, so a few lanes take turns. */
#include "kernels/arm/arm.h"

#ifdef __AARCH64EL__

#define TARGET TARGET_SHA2
#define BLOCK 64
#define MOST_LANES 4

struct lane {
	uint32x4_t abcd;
	uint32_t e;
	uint32x4_t w[4];
};

/* W of steps 4i to 4i + 3. */
BODY TARGET uint32x4_t sha1_arm_words(uint32x4_t w[4], const unsigned char *data, unsigned i)
{
	if (i < 4)
		w[i] = load_words32(data + 16 * i);
	else
		w[i % 4] = vsha1su1q_u32(vsha1su0q_u32(w[i % 4], w[(i + 1) % 4], w[(i + 2) % 4]),
					 w[(i + 3) % 4]);
	return w[i % 4];
}

/* Five times four steps with one function and its constant. */
#define STEPS(first, function, constant)                                                           \
	UNROLLED                                                                                   \
	for (unsigned i = first; i < first + 5; i++) {                                             \
		UNROLLED                                                                           \
		for (unsigned n = 0; n < lanes; n++) {                                             \
			struct lane *l_ = &lane[n];                                                \
			uint32x4_t k_ = vdupq_n_u32(constant);                                     \
			uint32x4_t w_ =                                                            \
				zeros ? k_                                                         \
				      : vaddq_u32(k_, sha1_arm_words(l_->w, data[n] + offset, i)); \
			uint32_t e_ = vsha1h_u32(vgetq_lane_u32(l_->abcd, 0));                     \
			l_->abcd = function(l_->abcd, l_->e, w_);                                  \
			l_->e = e_;                                                                \
			PIN(l_->abcd);                                                             \
		}                                                                                  \
	}

#define KERNEL_RUN sha1_arm_run
BODY TARGET void sha1_arm_run(union chain *const chains[], const unsigned char *const data[],
			      size_t blocks, unsigned lanes, bool zeros)
{
	struct lane lane[MOST_LANES];
	uint32x4_t abcd[MOST_LANES];
	uint32_t e[MOST_LANES];

	UNROLLED
	for (unsigned n = 0; n < lanes; n++) {
		abcd[n] = vld1q_u32(chains[n]->w32);
		e[n] = chains[n]->w32[4];
	}
	for (size_t offset = 0; blocks; offset += BLOCK, blocks--) {
		UNROLLED
		for (unsigned n = 0; n < lanes; n++) {
			lane[n].abcd = abcd[n];
			lane[n].e = e[n];
		}
		STEPS(0, vsha1cq_u32, 0x5a827999)
		STEPS(5, vsha1pq_u32, 0x6ed9eba1)
		STEPS(10, vsha1mq_u32, 0x8f1bbcdc)
		STEPS(15, vsha1pq_u32, 0xca62c1d6)
		UNROLLED
		for (unsigned n = 0; n < lanes; n++) {
			abcd[n] = vaddq_u32(abcd[n], lane[n].abcd);
			e[n] += lane[n].e;
		}
	}
	UNROLLED
	for (unsigned n = 0; n < lanes; n++) {
		vst1q_u32(chains[n]->w32, abcd[n]);
		chains[n]->w32[4] = e[n];
	}
}

DATA_KERNEL(sha1_arm_1, 1)
DATA_KERNEL(sha1_arm_2, 2)
DATA_KERNEL(sha1_arm_3, 3)
DATA_KERNEL(sha1_arm_4, 4)

ZERO_KERNEL(sha1_arm_zeros_1, 1)
ZERO_KERNEL(sha1_arm_zeros_2, 2)
ZERO_KERNEL(sha1_arm_zeros_3, 3)
ZERO_KERNEL(sha1_arm_zeros_4, 4)

#endif
