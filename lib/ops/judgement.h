/* SPDX-License-Identifier: MIT */
/*
 * Which segments of a content hold. With checkpoints, what lies between two of them can be judged
 * by itself, side by side with the rest: it has to lead from the one value to the next. When all
 * do, and the last ends in the digest, then by induction that is the digest of the content.
 *
 * A segment that fails proves nothing yet: the data may be damaged, or the checkpoint wrong. So
 * from the last value that is known to be true the content is gone over again in one chain, until
 * that meets a checkpoint, or has shown that it never will.
 */
#ifndef OPS_JUDGEMENT_H
#define OPS_JUDGEMENT_H

#include "engine/digest_sink.h"
#include "manifest/checkpoints.h"
#include "ops/operation.h"

struct judgement {
	const struct algorithms *algorithms;
	struct ssum_checkpoints **checkpoints; /* one for each algorithm, of one interval; without
						  any values there is one segment */
	uint64_t length;                       /* bytes of what is there */
	size_t count;                          /* segments */
	bool *holds;       /* each of them; where a checkpoint was wrong: the data do */
	size_t proven;     /* hold: at least those before this one */
	size_t proven_end; /* and those from this one on */
	bool corrects; /* a chain that holds puts its own values in the place of those that it did
			  not meet: they are the true ones */
};

/* All of it must outlive the judgement, of which nothing holds yet. judgement_end() is due in any
   case. 0 or -ENOMEM. */
int judgement_init(struct judgement *judgement, const struct algorithms *algorithms,
		   struct ssum_checkpoints **checkpoints, uint64_t length);
void judgement_end(struct judgement *judgement);

/* Where a segment begins; with index count, where the last one ends. */
uint64_t judgement_offset(const struct judgement *judgement, size_t index);

/* How many segments hold from the first on. What holds goes on to hold, so each is looked at once,
   however often this is asked. */
size_t judgement_proven(struct judgement *judgement);

/* The first segment from `index` on that does not hold, or count. */
size_t judgement_failed(const struct judgement *judgement, size_t index);

/* A span over segments in one chain. */
struct stretch {
	struct job job;
	struct digest_sink sink;
	const struct judgement *judgement;
	size_t first, end;          /* of the segments */
	struct ssum_digest *values; /* one for each algorithm at the start, then at the end */
	struct bytes own; /* of a chain, where it did not meet what is listed: the values of each
			     algorithm, behind one segment after the other */
};

/* Over one segment; or from the first one that does not hold, of which there has to be one, to
   where all that follow do. The source is the span's own. stretch_end() is due in any case.
   0 or -ENOMEM. */
int stretch_segment(struct stretch *stretch, const struct judgement *judgement,
		    struct source *source, size_t index);
int stretch_chain(struct stretch *stretch, struct judgement *judgement, struct source *source);
void stretch_end(struct stretch *stretch);

/*
 * A stretch is through, without an error: whether it holds, which is noted in the judgement. Of a
 * chain that is what it went over, up to its new end, where it has met a checkpoint. One that does
 * not hold has come to where all would have followed and did not have the value that leads to the
 * digest: then nothing leads there, and the content is another by some of the algorithms.
 */
bool stretch_judge(const struct stretch *stretch, struct judgement *judgement);
bool stretch_differs(const struct stretch *stretch, size_t algorithm);

/* What it has come to at its end. */
const struct ssum_digest *stretch_value(const struct stretch *stretch, size_t algorithm);

#endif
