/* SPDX-License-Identifier: MIT */
/* SHA-2 (FIPS 180-4, sections 6.2 and 6.4) on groups of lanes, for any vector type: SHA-256 if
   WORD_BITS is 32, SHA-512 if it is 64. */
#ifndef KERNELS_X86_SHA2_LANES_H
#define KERNELS_X86_SHA2_LANES_H

#define GROUPS_MAX 2

#include "kernels/constants.h"
#include "kernels/x86/lanes.h"

#define ROTATED3(x, i, j, k) PARITY(ROTATE(x, i), ROTATE(x, j), ROTATE(x, k))
#define SHIFTED3(x, i, j, k) PARITY(ROTATE(x, i), ROTATE(x, j), SHIFT(x, k))

/* Sections 4.1.2 and 4.1.3. SUM is the upper-case sigma of FIPS 180-4, SIGMA the lower-case one. */
#if WORD_BITS == 32
#define STEPS 64
#define CONSTANTS sha256_constants
#define SUM0(x) ROTATED3(x, 2, 13, 22)
#define SUM1(x) ROTATED3(x, 6, 11, 25)
#define SIGMA0(x) SHIFTED3(x, 7, 18, 3)
#define SIGMA1(x) SHIFTED3(x, 17, 19, 10)
#else
#define STEPS 80
#define CONSTANTS sha512_constants
#define SUM0(x) ROTATED3(x, 28, 34, 39)
#define SUM1(x) ROTATED3(x, 14, 18, 41)
#define SIGMA0(x) SHIFTED3(x, 1, 8, 7)
#define SIGMA1(x) SHIFTED3(x, 19, 61, 6)
#endif

struct state {
	vector a, b, c, d, e, f, g, h;
};

/* One step. The next step waits longest for the new e. So d is added before SUM1: that costs one
   more addition, but e is ready one addition earlier. */
BODY TARGET void step(struct state *s, vector addend)
{
	vector sum = ADD(s->h, addend);
	PIN(sum);
	sum = ADD(sum, CHOOSE(s->e, s->f, s->g));
	PIN(sum);
	vector sum_d = ADD(sum, s->d);
	PIN(sum_d);
	vector sum1 = SUM1(s->e);
	vector sum0 = ADD(SUM0(s->a), MAJORITY(s->a, s->b, s->c));
	PIN(sum0);

	sum = ADD(sum, sum1);
	s->h = s->g;
	s->g = s->f;
	s->f = s->e;
	s->e = ADD(sum_d, sum1);
	s->d = s->c;
	s->c = s->b;
	s->b = s->a;
	s->a = ADD(sum, sum0);
	/* The next step waits for these two: this use keeps them in registers. */
	PIN(s->e);
	PIN(s->a);
}

BODY TARGET vector next_word(struct message *m, const unsigned char *const data[], size_t next,
			     unsigned t)
{
	vector *w = m->w;

	if (t < 16) {
		if (t % PER_PIECE == 0)
			load_words(m, t);
	} else {
		vector sum = ADD(w[t % 16], w[(t + 9) % 16]);

		if (t < 32)
			load_piece(m, data, next, t - 16);
		PIN(sum);
		sum = ADD(sum, SIGMA0(w[(t + 1) % 16]));
		PIN(sum);
		w[t % 16] = ADD(sum, SIGMA1(w[(t + 14) % 16]));
	}
	return w[t % 16];
}

/* Sixteen steps; `first` is the number of the first one, or 32 for any later ones. For a block of
   zeros, the message schedule is zeros, so only K is added. */
BODY TARGET void sixteen_steps(struct state s[], struct message m[],
			       const unsigned char *const data[], size_t next, const word k[16],
			       unsigned first, unsigned groups, bool zeros)
{
	UNROLLED
	for (unsigned i = 0; i < 16; i++) {
		UNROLLED
		for (unsigned g = 0; g < groups; g++) {
			vector addend = BROADCAST(k[i]);

			if (!zeros)
				addend = ADD(addend,
					     next_word(&m[g], data + g * GROUP, next, first + i));
			step(&s[g], addend);
		}
	}
}

/* Hash the block in the messages, and read the next block into them. The steps from 32 on are a
   loop: if all were unrolled for two groups, they would not fit into the first-level cache. */
BODY TARGET void compress(struct state h[], struct message m[], const unsigned char *const data[],
			  size_t next, unsigned groups, bool zeros)
{
	struct state s[GROUPS_MAX];
	unsigned t = 0;

	UNROLLED
	for (unsigned g = 0; g < groups; g++)
		s[g] = h[g];
	if (!zeros) {
		sixteen_steps(s, m, data, next, CONSTANTS, 0, groups, zeros);
		sixteen_steps(s, m, data, next, CONSTANTS + 16, 16, groups, zeros);
		t = 32;
	}
	for (; t < STEPS; t += 16)
		sixteen_steps(s, m, data, next, CONSTANTS + t, 32, groups, zeros);
	UNROLLED
	for (unsigned g = 0; g < groups; g++) {
		h[g].a = ADD(h[g].a, s[g].a);
		h[g].b = ADD(h[g].b, s[g].b);
		h[g].c = ADD(h[g].c, s[g].c);
		h[g].d = ADD(h[g].d, s[g].d);
		h[g].e = ADD(h[g].e, s[g].e);
		h[g].f = ADD(h[g].f, s[g].f);
		h[g].g = ADD(h[g].g, s[g].g);
		h[g].h = ADD(h[g].h, s[g].h);
	}
}

BODY TARGET void load_state(struct state *h, union chain *const chains[])
{
	vector x[8];

	load_chains(x, chains);
	*h = (struct state){x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]};
}

BODY TARGET void store_state(const struct state *h, union chain *const chains[])
{
	const vector x[8] = {h->a, h->b, h->c, h->d, h->e, h->f, h->g, h->h};

	UNROLLED
	for (unsigned i = 0; i < 8; i += PER_PIECE)
		store_chains(chains, i, x + i);
}

DEFINE_RUN

#endif
