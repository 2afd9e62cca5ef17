/* SPDX-License-Identifier: MIT */
/* An explanation as a sink: one reading of a file, and whatever its digest may be of. */
#ifndef OPS_EXPLAIN_SINK_H
#define OPS_EXPLAIN_SINK_H

#include "engine/sink.h"
#include "manifest/checkpoints.h"
#include "ops/hypotheses.h"

/* Padding is less than this, and a multiple of the unit. */
#define TAIL MIB
#define TAIL_UNIT 512

/* A state of the content's hash to go back to. */
struct bookmark {
	struct ssum_stream stream;
	uint64_t offset;
	bool set;
};

/* What the checkpoints have told of the segments that have come. */
struct segment_tally {
	uint64_t judged, failed;
	uint64_t held_at_first;    /* before the first that failed */
	struct ssum_range damaged; /* the first of them that failed, with those that follow it */
	uint64_t last_failed;      /* where the last of them begins */
	uint64_t failed_bytes;
};

struct explain_sink {
	struct sink sink;

	/* What is asked, set by its owner. */
	const struct algorithm *algorithm;
	const struct algorithms *others; /* with digests of the same length */
	struct ssum_digest expected;
	const struct ssum_checkpoints *checkpoints; /* of that digest, or NULL */

	/* When its span has succeeded: what fits and was tested, with what there is to say. */
	struct ssum_explanation explanation;

	/* While the span runs. */
	struct source *source;
	struct ssum_extent extent; /* where the content stands */
	uint64_t at, size;         /* of the content; size is UINT64_MAX if it is not known */
	struct hypothesis hypotheses[HYPOTHESES];
	struct variant *variants[HYPOTHESES];
	struct strands strands;
	struct ssum_stream *other_streams;
	size_t other_count;
	struct bookmark zeros; /* where the zeros began that it stands in */
	struct bookmark tail;  /* before its last MiB */
	uint64_t first_hole, hole_bytes, last_hole;
	uint64_t cut; /* where the content so far had the digest; 0: nowhere yet */
	struct segment_tally tally;
};

void explain_sink_init(struct explain_sink *sink, const struct algorithm *algorithm,
		       const struct algorithms *others, const struct ssum_digest *expected,
		       const struct ssum_checkpoints *checkpoints);

/* explain_fits.c: a cause was tested; or it fits, and what it has to say is kept if none before it
   does. */
void explain_tested(struct explain_sink *sink, enum ssum_cause cause);
void explain_fits(struct explain_sink *sink, enum ssum_cause cause, uint64_t offset, uint64_t count,
		  const char *detail);

/* explain_fits.c: at the end, what fits only because something more likely does is left out. */
void explain_prefer(struct explain_sink *sink);

/* explain_digests.c: at the end of the content, what has been tried, and other algorithms. 0 or a
   code. */
int explain_try_digests(struct explain_sink *sink);

/* explain_digests.c: whether the digest found is the one expected, in another order. */
void explain_try_byte_order(struct explain_sink *sink);

/* explain_cuts.c: whether the digest is that of the content so far. 0 or a code. */
int explain_try_cut(struct explain_sink *sink);

/* explain_cuts.c: at the end of the content, ends and beginnings of zeros. 0 or a code. */
int explain_try_tails(struct explain_sink *sink);

/* explain_segments.c: the content stands behind a segment; or at its end. 0 or a code. */
int explain_segment(struct explain_sink *sink);
int explain_segments_end(struct explain_sink *sink);

#endif
