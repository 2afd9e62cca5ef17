/* SPDX-License-Identifier: MIT */
/* The contents that a digest may be of, other than the file's own: a row of a table each. */
#ifndef OPS_HYPOTHESES_H
#define OPS_HYPOTHESES_H

#include "sparsesum/package.h"
#include "ops/strands.h"

/* Pieces are no longer than the first; in a hole of a file that is longer than the second, they are
   no longer than the second. */
#define PIECE_MAX (64 * KIB)
#define PIECE_OF_HOLE_MAX (8 * MIB)

/* The next bytes of a file, all data or all in one hole. */
struct piece {
	const unsigned char *data; /* NULL: they are zeros */
	uint64_t offset, length;   /* from the beginning of the content */
	bool in_hole;
	uint64_t hole, hole_end; /* the whole of the hole */
	uint64_t size;           /* of the content, or UINT64_MAX while that is not known */
};

struct hypothesis;

struct hypothesis_row {
	enum ssum_cause cause;
	const char *detail;

	/* What it takes of a piece, into its step; or it is given up, as no longer worth while. */
	int (*take)(struct hypothesis *hypothesis, const struct piece *piece);

	uint64_t unit; /* of extents that are rounded outward, or of holes that are filled up */
	const char *prefix; /* what comes before all content, or NULL */
};

struct hypothesis {
	const struct hypothesis_row *row;
	struct variant variant;
	unsigned char *converted; /* room for two bytes for each of a piece, or NULL */
	bool after_cr;            /* the last byte was a carriage return */
	bool gave_up;
	uint64_t pending; /* zeros at the beginning of a block that may be left out */
	bool has_data;    /* that block has some, and is not */
};

/* The rows. The first is the content itself; the second goes by segments. */
enum { CONTENT, SEGMENT, FIRST_OF_OTHERS };
#define HYPOTHESES 15
extern const struct hypothesis_row hypothesis_rows[HYPOTHESES];

/* What it takes at the end of the content, into its step. */
void hypothesis_finish(struct hypothesis *hypothesis);

/* zero_blocks.c: a row's take(). */
int take_without_zero_blocks(struct hypothesis *hypothesis, const struct piece *piece);

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define BYTE_ORDER_MARK_LENGTH 3

#endif
