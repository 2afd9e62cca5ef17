/* SPDX-License-Identifier: MIT */
/*
 * Which segments of a content hold. What lies between two checkpoints can be judged alone and in
 * parallel with the rest: it holds if it leads from one value to the next. If all segments hold,
 * and the last one ends in the digest, then by induction that is the digest of the content.
 *
 * A segment that fails proves nothing yet: either the data are damaged, or a checkpoint is wrong.
 * So the content is hashed again in one chain, from the last value that is known to be true, until
 * the chain has the value of a checkpoint, or it is clear that it never will.
 */
#ifndef OPS_JUDGEMENT_H
#define OPS_JUDGEMENT_H

#include "engine/digest_sink.h"
#include "manifest/checkpoints.h"
#include "ops/operation.h"

struct judgement {
	const struct algorithms *algorithms;
	/* One for each algorithm, all of one interval. Without values there is one segment. */
	struct ssum_checkpoints **checkpoints;
	uint64_t length; /* bytes of the content that is there */
	size_t count;    /* of segments */
	bool *holds;     /* of each segment: the data are right, even if its checkpoint is wrong */
	size_t proven;   /* at least the segments before this one hold, */
	size_t proven_end; /* and at least those from this one on */
	bool corrects; /* a chain that holds replaces checkpoints that it has shown to be wrong */
};

/* All arguments must outlive the judgement. At first no segment holds. Call judgement_end() even
   after a failure. 0 or -ENOMEM. */
int judgement_init(struct judgement *judgement, const struct algorithms *algorithms,
		   struct ssum_checkpoints **checkpoints, uint64_t length);
void judgement_end(struct judgement *judgement);

/* Where a segment begins; for index count, where the last one ends. */
uint64_t judgement_offset(const struct judgement *judgement, size_t index);

/* How many segments hold, counted from the first one. Segments that hold stay so, and are not
   looked at again in the next call. */
size_t judgement_proven(struct judgement *judgement);

/* The first segment from `index` on that does not hold, or count. */
size_t judgement_failed(const struct judgement *judgement, size_t index);

/* The first of `count` segments, from `index` on, that holds, or that does not; or count. */
size_t next_segment(const bool *holds, size_t count, size_t index, bool that_holds);

/* A span over consecutive segments, in one chain. */
struct stretch {
	struct job job;
	struct digest_sink sink;
	const struct judgement *judgement;
	size_t first, end;          /* of the segments */
	struct ssum_digest *values; /* of each algorithm at the start, then of each at the end */
	struct bytes own; /* of a chain: its values, of each algorithm, after each segment where
			     they were not the listed ones */
};

/* Over one segment; or a chain, from the first segment that does not hold (there must be one) to
   the segments at the end that all hold. The source belongs to the span alone. Call stretch_end()
   even after a failure. 0 or -ENOMEM. */
int stretch_segment(struct stretch *stretch, const struct judgement *judgement,
		    struct source *source, size_t index);
int stretch_chain(struct stretch *stretch, struct judgement *judgement, struct source *source);
void stretch_end(struct stretch *stretch);

/*
 * The span has succeeded. Whether the stretch holds, which is noted in the judgement. A chain that
 * has met a checkpoint holds up to there, its new end. A chain that does not hold has reached the
 * segments that all hold, with another value than the one that leads to the digest: so the content
 * has another digest, by some of the algorithms.
 */
bool stretch_judge(const struct stretch *stretch, struct judgement *judgement);
bool stretch_differs(const struct stretch *stretch, size_t algorithm);

/* The chaining value at its end, or the digest. */
const struct ssum_digest *stretch_value(const struct stretch *stretch, size_t algorithm);

#endif
