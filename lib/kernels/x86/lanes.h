/* SPDX-License-Identifier: MIT */
/*
 * Hash several messages at once: each element of a vector is a word of another lane. Before this
 * file, include the header of a vector type, and define WORD_BITS as 32 or 64.
 */
#ifndef KERNELS_X86_LANES_H
#define KERNELS_X86_LANES_H

#define WORD_BYTES (WORD_BITS / 8)
#define GROUP (sizeof(vector) / WORD_BYTES) /* lanes in a vector */
#define BLOCK (16 * WORD_BYTES)
#define PER_PIECE (16 / WORD_BYTES) /* words in 128 bits */

#if WORD_BITS == 32
typedef uint32_t word;
#define CHAIN_WORDS w32
#define ADD ADD32
#define SHIFT SHIFT32
#define ROTATE ROTATE32
#define BROADCAST BROADCAST32
#else
typedef uint64_t word;
#define CHAIN_WORDS w64
#define ADD ADD64
#define SHIFT SHIFT64
#define ROTATE ROTATE64
#define BROADCAST BROADCAST64
#endif

/*
 * The message of a group of lanes. A block is sixteen words of each lane, so sixteen vectors. It is
 * read as sixteen pieces. A piece holds 128 bits, which are PER_PIECE words, from one offset of
 * every PER_PIECE-th lane. So PER_PIECE pieces hold these words of all lanes, and a transposition
 * within each 128 bits puts each word into its own vector.
 *
 * From step 16 on, all words of the block are in w, and the pieces of the next block are read. So
 * the steps, each of which waits for the one before it, do not wait for memory too.
 */
struct message {
	vector pieces[16]; /* of the block that is read */
	vector w[16];      /* of the block that is hashed */
};

/* Read piece `count` of a block. Pieces of the same lanes are read one after the other, since they
   share cache lines. If the buffers of the lanes are a power of two apart, the lines of all lanes
   belong to one set of the cache, which cannot hold them all. */
BODY TARGET void load_piece(struct message *m, const unsigned char *const data[], size_t offset,
			    unsigned count)
{
	unsigned lane = count / (16 / PER_PIECE), part = count % (16 / PER_PIECE);

	m->pieces[part * PER_PIECE + lane] =
		load_strided(data + lane, PER_PIECE, offset + 16 * part);
}

BODY TARGET void load_block(struct message *m, const unsigned char *const data[], size_t offset)
{
	UNROLLED
	for (unsigned i = 0; i < 16; i++)
		load_piece(m, data, offset, i);
}

/* Turn pieces into words, or words into pieces: transpose within each 128 bits. */
BODY TARGET void transpose(vector to[PER_PIECE], const vector from[PER_PIECE])
{
#if WORD_BITS == 32
	vector low01 = LOW32(from[0], from[1]), high01 = HIGH32(from[0], from[1]);
	vector low23 = LOW32(from[2], from[3]), high23 = HIGH32(from[2], from[3]);

	to[0] = LOW64(low01, low23);
	to[1] = HIGH64(low01, low23);
	to[2] = LOW64(high01, high23);
	to[3] = HIGH64(high01, high23);
#else
	vector low = LOW64(from[0], from[1]);

	to[1] = HIGH64(from[0], from[1]);
	to[0] = low;
#endif
}

/* Set words t to t + PER_PIECE - 1 from the pieces, which are big-endian. */
BODY TARGET void load_words(struct message *m, unsigned t)
{
#if WORD_BITS == 32
	const __m128i swap = _mm_set_epi32(0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203);
#else
	const __m128i swap = _mm_set_epi32(0x08090a0b, 0x0c0d0e0f, 0x00010203, 0x04050607);
#endif
	vector swapped[PER_PIECE];

	UNROLLED
	for (unsigned i = 0; i < PER_PIECE; i++)
		swapped[i] = SHUFFLE8(m->pieces[t + i], BROADCAST128(swap));
	transpose(m->w + t, swapped);
}

/* Load eight words of each chaining value. If the family has fewer, the others are undefined. */
BODY TARGET void load_chains(vector words[8], union chain *const chains[])
{
	const unsigned char *rows[GROUP];
	vector pieces[PER_PIECE];

	UNROLLED
	for (unsigned i = 0; i < GROUP; i++)
		rows[i] = (const unsigned char *)chains[i]->CHAIN_WORDS;
	UNROLLED
	for (unsigned i = 0; i < 8; i += PER_PIECE) {
		UNROLLED
		for (unsigned lane = 0; lane < PER_PIECE; lane++)
			pieces[lane] = load_strided(rows + lane, PER_PIECE, i * WORD_BYTES);
		transpose(words + i, pieces);
	}
}

/* Store words i to i + PER_PIECE - 1 of each chaining value. */
BODY TARGET void store_chains(union chain *const chains[], unsigned i, const vector *words)
{
	unsigned char *rows[GROUP];
	vector pieces[PER_PIECE];

	UNROLLED
	for (unsigned lane = 0; lane < GROUP; lane++)
		rows[lane] = (unsigned char *)&chains[lane]->CHAIN_WORDS[i];
	transpose(pieces, words);
	UNROLLED
	for (unsigned lane = 0; lane < PER_PIECE; lane++)
		store_strided(rows + lane, PER_PIECE, pieces[lane]);
}

/* Store one word of each chaining value, if a whole piece would overwrite other words. */
BODY TARGET void store_chain_word(union chain *const chains[], unsigned i, vector x)
{
	word row[GROUP];

	STORE(row, x);
	for (unsigned lane = 0; lane < GROUP; lane++) {
		word one = row[lane];

		/* Without this, the compiler uses a scatter instruction, which is far slower. */
		__asm__("" : "+r"(one));
		chains[lane]->CHAIN_WORDS[i] = one;
	}
}

/* Define the function for DATA_KERNEL() and ZERO_KERNEL(): hash all blocks of some groups of lanes.
   It uses load_state(), compress() and store_state() of the including file. */
#define KERNEL_RUN lanes_run
#define DEFINE_RUN                                                                                 \
	BODY TARGET void lanes_run(union chain *const chains[], const unsigned char *const data[], \
				   size_t blocks, unsigned groups, bool zeros)                     \
	{                                                                                          \
		struct state h[GROUPS_MAX];                                                        \
		struct message m[GROUPS_MAX];                                                      \
                                                                                                   \
		if (!blocks)                                                                       \
			return;                                                                    \
		UNROLLED                                                                           \
		for (unsigned g = 0; g < groups; g++) {                                            \
			load_state(&h[g], chains + g * GROUP);                                     \
			if (!zeros)                                                                \
				load_block(&m[g], data + g * GROUP, 0);                            \
		}                                                                                  \
		/* No data may be read after the last block, so read the last block again. */      \
		for (size_t i = 0; i < blocks; i++)                                                \
			compress(h, m, data, (i + 1 < blocks ? i + 1 : i) * BLOCK, groups, zeros); \
		UNROLLED                                                                           \
		for (unsigned g = 0; g < groups; g++)                                              \
			store_state(&h[g], chains + g * GROUP);                                    \
	}

#endif
