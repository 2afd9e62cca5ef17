/* SPDX-License-Identifier: MIT */
/* A sink that explains a digest: it reads a file once and tests all causes. */
#ifndef OPS_EXPLAIN_SINK_H
#define OPS_EXPLAIN_SINK_H

#include "engine/sink.h"
#include "manifest/checkpoints.h"
#include "ops/candidates.h"

/* How many of the first bytes are kept to recognise what the file is. */
#define EXPLAIN_HEAD 64

/* A copy of the content's stream at an offset. */
struct bookmark {
	struct ssum_stream stream;
	uint64_t offset;
	bool set;
};

/* Which of the segments so far hold, by the checkpoints. */
struct segment_tally {
	bool *holds;
	size_t count, capacity;
};

struct explain_sink {
	struct sink sink;

	/* The question, set by explain_sink_init(). */
	const struct algorithm *algorithm;
	const struct algorithms *others; /* other ones with digests of the same length */
	struct ssum_digest expected;
	const struct ssum_checkpoints *checkpoints; /* of that digest, or NULL */
	uint64_t listed_length;                     /* that the content should have; 0: not known */

	/* Set when the span has succeeded: the tested causes, and those that fit. */
	struct ssum_explanation explanation;

	/* While the span runs. */
	struct source *source;
	struct ssum_extent extent; /* the current one */
	uint64_t at, size;         /* of the content; size is UINT64_MAX if it is not known */
	struct candidates candidates;
	struct ssum_stream *other_streams;
	size_t other_count;
	struct bookmark zeros;   /* where the zeros at the end of the content so far begin */
	struct bookmark tail;    /* where the last MiB begins */
	struct bookmark wrap;    /* where offsets of 32 bits wrap */
	char head[EXPLAIN_HEAD]; /* the first bytes of the content */
	size_t head_length;
	uint64_t first_hole, hole_bytes, last_hole;
	uint64_t cut; /* the length at which the content so far had the digest; 0: none */
	struct segment_tally tally;
};

void explain_sink_init(struct explain_sink *sink, const struct algorithm *algorithm,
		       const struct algorithms *others, const struct ssum_digest *expected,
		       const struct ssum_checkpoints *checkpoints);

/* explain_causes.c: note that a cause was tested; or that it fits. The explanation reports the
   first cause that fits, in the order of the enumeration. */
void explain_tested(struct explain_sink *sink, enum ssum_cause cause);
void explain_fits(struct explain_sink *sink, enum ssum_cause cause, uint64_t offset, uint64_t count,
		  const char *detail);

/* explain_formats.c: set what the file is by its first bytes, and by its name. */
void explain_formats(const struct explain_sink *sink, const char *path,
		     struct ssum_explanation *explanation);

/* explain_segments.c: the content is at the end of a segment; or at its own end. 0 or a code. */
int explain_segment(struct explain_sink *sink);
int explain_segments_end(struct explain_sink *sink);

#endif
