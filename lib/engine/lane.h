/* SPDX-License-Identifier: MIT */
/*
 * A lane: where one span runs. It walks the span and offers its content piece by piece, a buffer of
 * data or a run of zeros; who runs the lane takes as much of an offer as suits the other lanes.
 */
#ifndef ENGINE_LANE_H
#define ENGINE_LANE_H

#include "engine/read_ahead.h"
#include "engine/span.h"

/* What a lane reads at once when it is alone. */
#define PIECE_ALONE (128 * KIB)

struct offer {
	const unsigned char *data; /* NULL: zeros */
	uint64_t length;           /* 0: nothing is offered */
};

/* Buffers that no lane of a group has; the one that was used last is taken first, since it is still
   in the cache. */
struct buffers {
	unsigned char **free;
	unsigned count;
};

struct lane {
	struct span *span;
	struct span_shared *shared;
	struct buffers *buffers;
	unsigned char *buffer; /* while the lane has data in it, else NULL */
	size_t buffer_length;
	struct read_ahead *ahead; /* or NULL */

	struct offer offer;

	/* While its span runs. */
	bool is_open;
	unsigned tries;
	int error;                 /* from taking the last offer; SINK_ENOUGH too */
	uint64_t offset, end;      /* of the source: what is not yet offered */
	struct ssum_extent extent; /* what is left of the extent at offset */
	bool at_end;               /* of a source without a size */
};

/* Give a lane a span to run. */
void lane_begin(struct lane *lane, struct span *span);

/*
 * Make sure that there is an offer. False if there is no more: the span is through, source and sink
 * are closed, and its result is set. Content that changed meanwhile is gone through again, as often
 * as the context allows.
 */
bool lane_next(struct lane *lane);

/* How much of the offer may be taken at once: no more than up to the sink's next mark. */
uint64_t lane_room(const struct lane *lane);

/* That much of the offer has gone into the sink, which is told of a mark. */
void lane_took(struct lane *lane, uint64_t length);

/* Put at most so much of the offer into the lane's sink. */
void lane_feed(struct lane *lane, uint64_t length);

/* All that is left of the span, to its end. */
void lane_run(struct lane *lane);

/* Run a span on this thread, in a lane of its own. Its result, which is -ENOMEM too. */
int span_run(const struct ssum_context *context, struct span *span);

#endif
