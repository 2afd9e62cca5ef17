/* SPDX-License-Identifier: MIT */
/* A file that is judged by segments, side by side, as spans of a job. */
#ifndef OPS_SEGMENTS_H
#define OPS_SEGMENTS_H

#include "io/shared_file.h"
#include "ops/judgement.h"

struct segments {
	struct shared_file file; /* its owner says which one it is */
	struct judgement judgement;
	struct ssum_checkpoints *
		*checkpoints;            /* its own: one for each algorithm; of one interval */
	size_t given, returned, skipped; /* segments */

	/* When all of it is through. */
	bool finished;
	int result;                 /* 0: judged */
	bool *differs;              /* by each algorithm */
	struct ssum_digest *values; /* if it differs: what the content comes to behind the first
				       `place` segments, from where on all hold; by each algorithm.
				       Behind all of them that is its digest */
	size_t place;
	bool wrong; /* checkpoints that are not what the data come to */
};

/*
 * Segments for a file of `length` bytes. Takes the checkpoints over, one of each algorithm, all
 * with the same interval. NULL: no memory, and nothing is taken.
 */
struct segments *segments_new(const struct algorithms *algorithms,
			      struct ssum_checkpoints **checkpoints, uint64_t length);
void segments_free(struct segments *all);

/* Leave out the first segments: they are known to hold, of the file with that identity. Before
   any is given; not all of them. */
void segments_skip(struct segments *all, size_t count, const struct file_identity *identity);

/* How many bytes that are. */
uint64_t segments_skipped(const struct segments *all);

/* How many segments hold from the first on. */
size_t segments_proven(struct segments *all);

/* The next segment to be run, as a span of a job whose owner is `owner`: 1, 0 after the last, or
   -ENOMEM. */
int segments_next(struct segments *all, const char *path, void *owner, struct span **span);

/*
 * A span of the segments is through, or, with drop, is not going to be: it is freed. *instead is
 * what is to be run in its place. After the last, finished is set.
 */
int segments_done(struct segments *all, struct span *span, struct span **instead);
void segments_drop(struct span *span);

/* Of a file that differs: whether its last segment comes to the digest, which then was made of such
   content; and whether it is the beginning of it, as far as whole segments can tell. */
bool segments_end_in_digest(const struct segments *all);
bool segments_are_beginning(const struct segments *all);

/* The bytes that do not hold, as ranges that do not touch each other: true and the next one behind
 *index, which is 0 at first. What the file lacks at its end is among them. */
bool segments_next_damaged(const struct segments *all, size_t *index, struct ssum_range *range);

#endif
