/* SPDX-License-Identifier: MIT */
/* A file that is verified by segments, in parallel. Each segment is a span. */
#ifndef OPS_SEGMENTS_H
#define OPS_SEGMENTS_H

#include "io/shared_file.h"
#include "ops/judgement.h"

struct segments {
	struct shared_file file; /* the owner sets its path or descriptor */
	/* Of the listed content; its checkpoints are owned. If the file is longer than that, only
	   the first bytes are judged, up to the listed length. */
	struct judgement judgement;
	uint64_t length; /* of the file */
	bool judges_all; /* the file as a whole was judged, since its first bytes do not hold */
	bool last_holds; /* the last segment held before that */
	struct zero_runs zeros; /* in the segments that were read again */
	size_t next;            /* the segment to run next */
	size_t in_flight;       /* spans that were handed out and have not come back */
	uint64_t skipped;       /* bytes of the segments that were skipped */

	/* Final when segments_finished(), if no span was dropped. */
	int result;                 /* 0, or the first error of a span: then nothing was decided */
	bool read_twice;            /* changes of the file could not be detected */
	unsigned changes;           /* with SSUM_ERR_CHANGED: enum ssum_change */
	bool has_wrong_checkpoints; /* some checkpoints are wrong, although the data there are right
				     */
	/* If the file differs: the chaining values of the content, by each algorithm, after its
	   first `values_at` segments. All later segments hold. If these are all segments, the
	   values are digests. If the file does not differ, values_at is 0; also if it only has more
	   bytes than are listed. */
	struct ssum_digest *values;
	size_t values_at;
};

/*
 * Segments for a file of `length` bytes. On success the checkpoints are owned by the result: one of
 * each algorithm, all with the same interval. NULL if there is no memory.
 */
struct segments *segments_new(const struct algorithms *algorithms,
			      struct ssum_checkpoints **checkpoints, uint64_t length);
void segments_free(struct segments *all);

/* Skip the first segments, but not all: they are known to hold while the file has that identity.
   Call it before segments_next(). */
void segments_skip(struct segments *all, size_t count, const struct file_identity *identity);

/* The next segment to run, as the span of a job with that owner: 1, 0 after the last one, or
   -ENOMEM. */
int segments_next(struct segments *all, const char *path, void *owner, struct span **span);

/* A span has ended; it is freed. *follow_up may be a span to run next. 0 or -ENOMEM. */
int segments_done(struct segments *all, struct span *span, struct span **follow_up);

/* Free a span that will not be run. */
void segments_drop(struct segments *all, struct span *span);

/* Whether every span was handed out and has come back, by segments_done() or segments_drop(). */
static inline bool segments_finished(const struct segments *all)
{
	return all->next == all->judgement.count && !all->in_flight;
}

/* How many bytes the file has after the listed content, if all of that holds; else 0. */
uint64_t segments_surplus(const struct segments *all);

/* Whether the file differs by one of the algorithms. */
bool segments_differ(const struct segments *all, size_t algorithm);

/* Whether a file that differs is only too short. Then all of its complete segments hold. */
bool segments_are_beginning(const struct segments *all);

/* The next range of bytes that do not hold, including those missing at the end of the file: true
   and the range, or false after the last one. *index is 0 at first. Ranges do not touch. */
bool segments_next_damaged(const struct segments *all, size_t *index, struct ssum_range *range);

/* Append the runs of zeros in a damaged range of the file, each a struct ssum_zeros. 0 or -ENOMEM.
 */
int segments_zeros(const struct segments *all, const struct ssum_range *range, struct bytes *zeros);

/* Whether all damaged ranges hold nothing but zeros; *first is the first of them. */
bool segments_damage_is_zeros(const struct segments *all, struct ssum_range *first);

#endif
