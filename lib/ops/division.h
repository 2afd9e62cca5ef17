/* SPDX-License-Identifier: MIT */
/*
 * Two files that are compared in parts. A comparison has no chain, so the parts can be compared in
 * parallel. They are judged in order, so that the first difference is known.
 */
#ifndef OPS_DIVISION_H
#define OPS_DIVISION_H

#include "engine/compare_sink.h"
#include "io/shared_file.h"
#include "ops/operation.h"

/* A few milliseconds of work: long compared to the time it takes to start a part, and short enough
   to keep all threads busy until the end. A part holds at most 128 KiB of ranges. */
#define PART_LENGTH (32 * MIB)

struct division {
	struct shared_file file[2]; /* their sources are set by the owner of the division */
	enum ssum_holes holes;
	const char *path; /* for progress */
	void *owner;      /* of the jobs of the parts */
	bool every;       /* find all differences, not only the first */

	/* While both files are open. */
	struct shared_view view[2]; /* used by the calling thread */
	bool is_open;
	uint64_t length[2], common;
	uint64_t given;                 /* offset up to which parts were given */
	unsigned parts;                 /* given and not dropped yet */
	atomic_uint_least64_t decisive; /* differences after this offset are ignored */

	/* Results so far. */
	int result; /* the first error, unless the first difference is before it */
	int blamed; /* the file with the error */
	bool differs;
	uint64_t offset; /* of the first difference */
	uint64_t data[2];
	uint64_t skipped, compared; /* bytes: in holes of both files, and in parts */
};

/* Initialize; the owner may be NULL. The context, path and owner must outlive the division, which
   must not be moved. Call division_end() when no part is left. */
void division_init(struct division *division, const struct ssum_context *context, const char *path,
		   void *owner);
void division_end(struct division *division);

/* Open both files and reset all results. On failure neither is open. 0, an error of the source, or
   SSUM_ERR_NOT_REGULAR. */
int division_open(struct division *division);

/* Check that both open files are unchanged: 0, SSUM_ERR_CHANGED or another error. */
int division_check(struct division *division);

/* Close the files. Parts that still run open them again; they must be unchanged then. */
void division_close(struct division *division);

/* The next part, as the span of a job. 1, 0 after the last part, or -ENOMEM. */
int division_next(struct division *division, struct span **span);

/* Whether all parts were given. */
static inline bool division_all_given(const struct division *division)
{
	return division->given == division->common;
}

/* Take over the result of a part that has run. Call it in the order of the parts. Returns the
   result of the span. */
int division_take(struct division *division, struct span *span);

/* What a part found. */
static inline const struct compare_sink *part_sink(const struct span *span)
{
	return container_of(span->sink, struct compare_sink, sink);
}

/* Free a part. */
void division_drop(struct division *division, struct span *span);

/* Compare the lengths, after all parts. True if they differ: *rest is what only the longer file
   has. */
bool division_rest(struct division *division, struct ssum_range *rest);

#endif
