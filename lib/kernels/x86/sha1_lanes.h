/* SPDX-License-Identifier: MIT */
/* SHA-1 (FIPS 180-4, section 6.1) on groups of lanes, for any vector type. */
#ifndef KERNELS_X86_SHA1_LANES_H
#define KERNELS_X86_SHA1_LANES_H

#define WORD_BITS 32
#define GROUPS_MAX 4

#include "kernels/x86/lanes.h"

struct state {
	vector a, b, c, d, e;
};

/* One step of section 6.1.2. Terms that do not depend on the step before are added first. So the
   next step waits only for a rotation and an addition. */
#define STEP(s, addend, FUNCTION)                                                                  \
	do {                                                                                       \
		vector sum_ = ADD((s)->e, addend);                                                 \
		PIN(sum_);                                                                         \
		sum_ = ADD(sum_, FUNCTION((s)->b, (s)->c, (s)->d));                                \
		PIN(sum_);                                                                         \
		(s)->e = (s)->d;                                                                   \
		(s)->d = (s)->c;                                                                   \
		(s)->c = ROTATE((s)->b, 32 - 30);                                                  \
		(s)->b = (s)->a;                                                                   \
		(s)->a = ADD(sum_, ROTATE((s)->a, 32 - 5));                                        \
	} while (0)

BODY TARGET vector next_word(struct message *m, const unsigned char *const data[], size_t next,
			     unsigned t)
{
	vector *w = m->w;

	if (t < 16) {
		if (t % PER_PIECE == 0)
			load_words(m, t);
	} else {
		vector x = PARITY(w[t % 16], w[(t + 2) % 16], w[(t + 8) % 16]);

		/* Read the four pieces that share cache lines together. */
		if (t % 16 < 4)
			load_piece(m, data, next, (t / 16 - 1) * 4 + t % 4);
		x = XOR(x, w[(t + 13) % 16]);
		w[t % 16] = ROTATE(x, 32 - 1);
	}
	return w[t % 16];
}

/* Twenty steps. For a block of zeros, the message schedule is zeros, so only K is added. */
#define STEPS(first, k, FUNCTION)                                                                  \
	UNROLLED                                                                                   \
	for (unsigned t = first; t < first + 20; t++) {                                            \
		UNROLLED                                                                           \
		for (unsigned g = 0; g < groups; g++) {                                            \
			vector addend_ = BROADCAST(k);                                             \
			if (!zeros)                                                                \
				addend_ =                                                          \
					ADD(addend_, next_word(&m[g], data + g * GROUP, next, t)); \
			STEP(&s[g], addend_, FUNCTION);                                            \
		}                                                                                  \
	}

/* Hash the block in the messages, and read the next block into them. */
BODY TARGET void compress(struct state h[], struct message m[], const unsigned char *const data[],
			  size_t next, unsigned groups, bool zeros)
{
	struct state s[GROUPS_MAX];

	UNROLLED
	for (unsigned g = 0; g < groups; g++)
		s[g] = h[g];
	STEPS(0, 0x5a827999, CHOOSE)
	STEPS(20, 0x6ed9eba1, PARITY)
	STEPS(40, 0x8f1bbcdc, MAJORITY)
	STEPS(60, 0xca62c1d6, PARITY)
	UNROLLED
	for (unsigned g = 0; g < groups; g++) {
		h[g].a = ADD(h[g].a, s[g].a);
		h[g].b = ADD(h[g].b, s[g].b);
		h[g].c = ADD(h[g].c, s[g].c);
		h[g].d = ADD(h[g].d, s[g].d);
		h[g].e = ADD(h[g].e, s[g].e);
	}
}

BODY TARGET void load_state(struct state *h, union chain *const chains[])
{
	vector x[8];

	load_chains(x, chains);
	*h = (struct state){x[0], x[1], x[2], x[3], x[4]};
}

BODY TARGET void store_state(const struct state *h, union chain *const chains[])
{
	const vector x[PER_PIECE] = {h->a, h->b, h->c, h->d};

	store_chains(chains, 0, x);
	store_chain_word(chains, 4, h->e);
}

DEFINE_RUN

#endif
