/* SPDX-License-Identifier: MIT */
/*
 * The comparison of two files in parts. A comparison has no chain, so the parts can run in
 * parallel. Their results are taken in order, so that the first difference is known.
 */
#ifndef OPS_DIVISION_H
#define OPS_DIVISION_H

#include "engine/compare_sink.h"
#include "io/shared_file.h"
#include "ops/operation.h"

/* A few milliseconds of work: long compared to the time that the start of a part takes, and short
   enough to keep all threads busy until the end. A part has at most 128 KiB of ranges. */
#define PART_LENGTH (32 * MIB)

struct division {
	struct shared_file file[2]; /* their sources are set by the owner of the division */
	enum ssum_holes holes;
	const char *path; /* for progress */
	void *owner;      /* for the jobs of the parts, see struct job */
	bool every;       /* find all differences, not only the first */

	/* While both files are open. */
	struct shared_view view[2]; /* used by the calling thread */
	bool is_open;
	uint64_t length[2], common;
	uint64_t next;                  /* the offset where the next part begins */
	unsigned parts;                 /* returned by division_next(), not dropped yet */
	atomic_uint_least64_t decisive; /* differences after this offset are ignored */

	/* Results so far. */
	bool read_twice;  /* changes of a file could not be detected */
	unsigned changes; /* with SSUM_ERR_CHANGED: what was seen to move, enum ssum_change */
	int result;       /* the first error, unless the first difference is before it */
	int failed;       /* the index of the file with the error */
	bool differs;
	uint64_t offset; /* of the first difference */
	uint64_t data[2];
	uint64_t skipped, compared; /* bytes: of holes in both files, and of parts */
};

/* Initialize. The owner may be NULL. The context, path and owner must outlive the division, which
   must not be moved in memory. Call division_end() after the last part was dropped. */
void division_init(struct division *division, const struct ssum_context *context, const char *path,
		   void *owner);
void division_end(struct division *division);

/* Open both files and reset all results. On failure neither is open. 0, an error of the source, or
   SSUM_ERR_NOT_REGULAR. */
int division_open(struct division *division, const struct waiter *waiter);

/* Check that both open files are unchanged: 0, SSUM_ERR_CHANGED or another error. */
int division_check(struct division *division);

/* Close the files. Parts that still run open them again, and fail if they have changed. */
void division_close(struct division *division);

/* Get the next part, as the span of a job. 1, 0 after the last part, or -ENOMEM. */
int division_next(struct division *division, struct span **span);

/* Whether division_next() has returned all parts, or needs to return no more. */
static inline bool division_at_end(const struct division *division)
{
	return division->next == division->common;
}

/* Add the result of a part that has run to the results so far. Call it in the order of the parts.
   Returns the result of the span. */
int division_take(struct division *division, struct span *span);

/* The sink of a part, with its results. */
static inline const struct compare_sink *part_sink(const struct span *span)
{
	return container_of(span->sink, struct compare_sink, sink);
}

/* Free a part. */
void division_drop(struct division *division, struct span *span);

/* Compare the lengths, after all parts. If they differ, returns true and sets *rest to the range
   that only the longer file has. */
bool division_rest(struct division *division, struct ssum_range *rest);

#endif
