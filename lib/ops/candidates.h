/* SPDX-License-Identifier: MIT */
/*
 * Candidates: other contents that a digest may belong to. Each is a row of a table, with a hash.
 * Candidates whose bytes have been the same so far share one stream, so a candidate costs nothing
 * until it differs. Streams that advance by the same number of bytes are hashed together.
 */
#ifndef OPS_CANDIDATES_H
#define OPS_CANDIDATES_H

#include "digest/stream.h"
#include "sparsesum/package.h"

/* The length of a chunk is at most the first of these. In a hole, if the file is longer than the
   second, it is at most the second. */
#define EXPLAIN_CHUNK_MAX (64 * KIB)
#define EXPLAIN_HOLE_CHUNK_MAX (8 * MIB)

/* The next bytes of a file: all data, or all in one hole. */
struct explain_chunk {
	const unsigned char *data; /* NULL: zeros */
	uint64_t offset, length;   /* from the beginning of the content */
	bool in_hole;
	uint64_t hole, hole_end; /* the whole hole */
	uint64_t size;           /* of the content; UINT64_MAX: not known */
};

/* What a candidate hashes for a chunk. Steps with the same pointer and length are the same bytes.
 */
struct step {
	const unsigned char *data; /* NULL: zeros */
	uint64_t length;           /* 0: nothing */
};

struct candidate;

struct candidate_row {
	enum ssum_cause cause;
	const char *detail;

	/* Set the candidate's step for a chunk; or its gave_up, if it is not worth continuing. 0 or
	   -ENOMEM. */
	int (*take)(struct candidate *candidate, const struct explain_chunk *chunk);

	uint64_t unit; /* unit to which extents are rounded outward; or the length of a block */
	bool fills;    /* holes shorter than the unit are filled up, others are left out */
	bool to_crlf;  /* add CR before LF; else remove it */
	bool also_after_cr; /* with to_crlf: add it also where there is one already */
	const char *prefix; /* comes before the content; or NULL */
};

struct candidate {
	const struct candidate_row *row;
	bool alive;
	bool gave_up;
	unsigned stream; /* index in candidates.shared */
	struct step step;
	unsigned char *converted; /* room for two bytes for each byte of a chunk, or NULL */
	bool after_cr;            /* the last byte was a carriage return */
	uint64_t pending; /* zeros at the start of the current block, left out if no data follow */
	bool has_data;    /* the current block has data */
};

/* The first candidate is the content itself. The second one starts again at each checkpoint. */
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

/* Take the next chunk of the content; or its end. 0 or a code. */
int candidates_take(struct candidates *all, const struct explain_chunk *chunk);
int candidates_finish(struct candidates *all);

/* The stream of a candidate. Do not change it unless candidates_separate() was called. */
struct ssum_stream *candidates_stream(struct candidates *all, size_t index);

/* Give a candidate a stream of its own. 0 or a code. */
int candidates_separate(struct candidates *all, size_t index);

/* End a candidate that cannot fit any more. */
void candidates_drop(struct candidates *all, size_t index);

#endif
