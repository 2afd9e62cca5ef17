/* SPDX-License-Identifier: MIT */
/* A file that is verified by segments, in parallel. Each is a span of its job. */
#ifndef OPS_SEGMENTS_H
#define OPS_SEGMENTS_H

#include "io/shared_file.h"
#include "ops/judgement.h"

struct segments {
	struct shared_file file; /* its owner sets which file it is */
	struct judgement judgement;
	struct ssum_checkpoints **checkpoints; /* owned: one for each algorithm, of one interval */
	size_t given, returned, skipped;       /* segments */

	/* Set after the last span. */
	bool finished;
	int result;    /* 0, or the first error of a span: then nothing was decided */
	bool *differs; /* by each algorithm */
	/* If the file differs: the chaining values of the content, by each algorithm, after the
	   first `place` segments. All later segments hold. If place is the number of segments, the
	   values are digests. */
	struct ssum_digest *values;
	size_t place;
	bool wrong; /* some checkpoints are not those of this content, which holds there */
};

/*
 * Segments for a file of `length` bytes. Takes the checkpoints, one of each algorithm, all with the
 * same interval. NULL if there is no memory; then nothing is taken.
 */
struct segments *segments_new(const struct algorithms *algorithms,
			      struct ssum_checkpoints **checkpoints, uint64_t length);
void segments_free(struct segments *all);

/* Skip the first segments, but not all: they are known to hold while the file has that identity.
   Call it before any segment is given. */
void segments_skip(struct segments *all, size_t count, const struct file_identity *identity);

/* The bytes that were skipped. */
uint64_t segments_skipped(const struct segments *all);

/* How many segments hold, counted from the first one. */
size_t segments_proven(struct segments *all);

/* The next segment to run, as the span of a job with that owner: 1, 0 after the last one, or
   -ENOMEM. */
int segments_next(struct segments *all, const char *path, void *owner, struct span **span);

/*
 * A span has ended; it is freed. *instead may be a span to run next. After the last one without
 * any, finished is set. 0 or -ENOMEM. segments_drop() frees a span that will not be run.
 */
int segments_done(struct segments *all, struct span *span, struct span **instead);
void segments_drop(struct span *span);

/* Of a file that differs. The last segment leads to the digest, so the digest is of content that
   ends like this file. */
bool segments_end_in_digest(const struct segments *all);

/* Of a file that differs. It is too short, and all of its whole segments hold. */
bool segments_are_beginning(const struct segments *all);

/* The next range of bytes that do not hold, including those that the file lacks at its end: true
   and the range, or false after the last one. *index is 0 at first. Ranges do not touch. */
bool segments_next_damaged(const struct segments *all, size_t *index, struct ssum_range *range);

#endif
