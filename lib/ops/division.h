/* SPDX-License-Identifier: MIT */
/*
 * Two files that are compared in parts. A comparison has no chain, so parts of both can be compared
 * side by side; they come back in order, and with them the first difference.
 */
#ifndef OPS_DIVISION_H
#define OPS_DIVISION_H

#include "engine/compare_sink.h"
#include "io/shared_file.h"
#include "ops/operation.h"

/* A few milliseconds of work: long against the time that it takes to begin a part, and short enough
   that all threads have work to the end. What a part can hold is 128 KiB of ranges. */
#define PART_LENGTH (32 * MIB)

struct division {
	struct shared_file file[2]; /* of each, its owner says which one it is */
	enum ssum_holes holes;
	const char *path; /* for progress */
	void *owner;      /* of the jobs that parts are */
	bool every;       /* all differences, not only the first */

	/* While both are open. */
	struct shared_view view[2]; /* the calling thread's */
	bool is_open;
	uint64_t length[2], common;
	uint64_t given;                 /* how far parts have been given */
	unsigned parts;                 /* that are given and not yet dropped */
	atomic_uint_least64_t decisive; /* what is behind it decides nothing */

	/* What is known so far. */
	int result; /* the first error, before any difference that ends it */
	int blamed; /* the file that it is of */
	bool differs;
	uint64_t offset; /* of the first difference */
	uint64_t data[2];
	uint64_t skipped, compared; /* bytes: of holes in both, and of parts */
};

/* Ready for its files to be set. The context, path and owner must outlive it; the owner may be
   NULL. It must not be moved. division_end() goes with it, when no part is left. */
void division_init(struct division *division, const struct ssum_context *context, const char *path,
		   void *owner);
void division_end(struct division *division);

/* Open both files, to begin or to begin anew. 0 or a code; nothing is open then. */
int division_open(struct division *division);

/* While they are open: whether they are unchanged. 0 or a code. */
int division_check(struct division *division);

/* Close them; parts that are still to run open them again, and they have to be the very same. */
void division_close(struct division *division);

/* The next part, as a span of a job: 1, 0 after the last, or -ENOMEM. */
int division_next(struct division *division, struct span **span);

/* Whether there is no further part to be given. */
static inline bool division_all_given(const struct division *division)
{
	return division->given == division->common;
}

/* A part is through: note what it came to. In order. The result is that of its span. */
int division_take(struct division *division, struct span *span);

/* What a part found. */
static inline const struct compare_sink *part_sink(const struct span *span)
{
	return container_of(span->sink, struct compare_sink, sink);
}

/* Free a part. */
void division_drop(struct division *division, struct span *span);

/* Of all that is not known otherwise: the length of one is a difference too. True if that is so,
   with the bytes that one of them lacks. */
bool division_rest(struct division *division, struct ssum_range *rest);

#endif
