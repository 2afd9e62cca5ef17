/* SPDX-License-Identifier: MIT */
/*
 * Which segments of a content hold. A segment holds if its data lead from the checkpoint at its
 * start to the one at its end. So segments can be judged alone and in parallel. If all of them
 * hold, and the last one ends in the digest, then by induction that is the digest of the content.
 *
 * A segment that fails proves nothing yet: its data are damaged, or one of its checkpoints is
 * wrong. So the content is hashed again in one chain, from the last chaining value that is known to
 * be true. The chain ends where it has the value of a checkpoint, or where no later checkpoint can
 * match.
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
	uint64_t length; /* length of the content of the file */
	size_t count;    /* of segments */
	bool *holds;     /* for each segment: its data are right, even if a checkpoint is wrong */

	/* Known bounds, so that searches do not begin at an end each time. */
	size_t proven;     /* at least all segments before this one hold */
	size_t proven_end; /* at least all segments from this one on hold */

	bool corrects; /* a chain that holds replaces the checkpoints that it proves to be wrong */
};

/* All arguments must outlive the judgement. At first no segment holds. Call judgement_end() even
   after a failure. 0 or -ENOMEM. */
int judgement_init(struct judgement *judgement, const struct algorithms *algorithms,
		   struct ssum_checkpoints **checkpoints, uint64_t length);
void judgement_end(struct judgement *judgement);

/* Where a segment begins; for index count, where the last one ends. */
uint64_t judgement_offset(const struct judgement *judgement, size_t index);

/* How many segments hold, counted from the first one. A segment that holds stays so, and later
   calls do not look at it again. */
size_t judgement_proven(struct judgement *judgement);

/* The first of `count` segments, from `index` on, whose `holds` has that value; or count. */
size_t judgement_find(const bool *holds, size_t count, size_t index, bool value);

/* Whether a value is the listed one after the first `index` segments: the checkpoint there, or at
   the end the digest. */
bool judgement_expects(const struct judgement *judgement, size_t algorithm, size_t index,
		       const struct ssum_digest *value);

/* Consecutive segments, hashed in one chain by one span. */
struct segment_chain {
	struct job job;
	struct digest_sink sink;
	struct judgement *judgement;
	size_t first, end; /* of the segments */
	/* One for each algorithm: chaining values, or digests at the end of the content. */
	struct ssum_digest *start_values, *end_values;
	struct bytes unlisted; /* the values of each algorithm after each segment where they are not
				  the listed ones */
};

/* Prepare a chain over the segments from `first` to before `end`. The source must not be used by
   anything else. Call chain_clear() even after a failure. 0 or -ENOMEM. */
int chain_init(struct segment_chain *chain, struct judgement *judgement, struct source *source,
	       size_t first, size_t end);

/* As chain_init(), for the segments from the first to the last that does not hold; there must be
   one. The chain ends earlier if its value equals a checkpoint. */
int chain_init_failed(struct segment_chain *chain, struct judgement *judgement,
		      struct source *source);
void chain_clear(struct segment_chain *chain);

/*
 * Call this when the span has succeeded. Returns whether the chain holds, and records it in the
 * judgement. A chain over failed segments that does not hold proves that the content has another
 * digest, by at least one algorithm: all segments after it hold, so only its listed end value leads
 * to the listed digest.
 */
bool chain_judge(const struct segment_chain *chain);

#endif
