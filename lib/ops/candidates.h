/* SPDX-License-Identifier: MIT */
/*
 * The contents that a digest may be of, other than the file's own: a row of a table each, and their
 * hashes. As long as two candidates have had the same bytes they share a stream: a candidate costs
 * nothing until it differs, and those that do not end up the same advance side by side.
 */
#ifndef OPS_CANDIDATES_H
#define OPS_CANDIDATES_H

#include "digest/stream.h"
#include "sparsesum/package.h"

/* Pieces are no longer than the first. In a hole of a file that is longer than the second, they may
   be as long as that. */
#define PIECE_MAX (64 * KIB)
#define PIECE_OF_HOLE_MAX (8 * MIB)

/* The next bytes of a file, all of them data or all in one hole. */
struct piece {
	const unsigned char *data; /* NULL: zeros */
	uint64_t offset, length;   /* from the beginning of the content */
	bool in_hole;
	uint64_t hole, hole_end; /* the whole of the hole */
	uint64_t size;           /* of the content, or UINT64_MAX while it is unknown */
};

/* What a candidate has instead of a piece. Steps are the same if they have the same bytes in
 * memory.
 */
struct step {
	const unsigned char *data; /* NULL: zeros */
	uint64_t length;           /* 0: nothing */
};

struct candidate;

struct candidate_row {
	enum ssum_cause cause;
	const char *detail;

	/* Set the candidate's step for a piece, or its gave_up, if it is not worth going on with. 0
	   or -ENOMEM. */
	int (*take)(struct candidate *candidate, const struct piece *piece);

	uint64_t unit; /* of extents that are rounded outward, or of holes that are filled up */
	const char *prefix; /* what comes before all content, or NULL */
};

struct candidate {
	const struct candidate_row *row;
	bool alive;
	bool gave_up;
	unsigned stream; /* one of the shared ones */
	struct step step;
	unsigned char *converted; /* room for two bytes for each of a piece, or NULL */
	bool after_cr;            /* the last byte was a carriage return */
	uint64_t pending; /* zeros at the beginning of a block that is left out if it has no data */
	bool has_data;    /* that block has some */
};

/* The first is the content itself; the second starts again at each checkpoint. */
enum { CONTENT, SEGMENT, FIRST_OF_OTHERS };
#define CANDIDATES 15

struct candidates {
	const struct algorithm *algorithm;
	struct candidate candidate[CANDIDATES];
	struct {
		struct ssum_stream stream;
		unsigned users; /* candidates; 0: it is free */
	} shared[CANDIDATES];
};

/* Begin all candidates; SEGMENT only if there are checkpoints. Call candidates_clear() even after a
   failure. 0 or a code of stream_init(). */
int candidates_begin(struct candidates *all, const struct algorithm *algorithm,
		     bool has_checkpoints);
void candidates_clear(struct candidates *all);

/* The next piece of the content; and its end. 0 or a code. */
int candidates_take(struct candidates *all, const struct piece *piece);
int candidates_finish(struct candidates *all);

/* The stream of a candidate. Do not change it unless the candidate has one of its own. */
struct ssum_stream *candidates_stream(struct candidates *all, size_t index);

/* Give a candidate a stream of its own. 0 or a code. */
int candidates_separate(struct candidates *all, size_t index);

/* A candidate is of no more use. */
void candidates_drop(struct candidates *all, size_t index);

#endif
