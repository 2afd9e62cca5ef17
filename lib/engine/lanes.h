/* SPDX-License-Identifier: MIT */
/*
 * A group of lanes: what one thread runs. Spans that go into digests advance side by side, as many
 * at once as the kernels have lanes; every other span runs alone.
 */
#ifndef ENGINE_LANES_H
#define ENGINE_LANES_H

#include "engine/digest_sink.h"
#include "engine/lane.h"

/* Lanes of a group: as many as the widest kernel for zeros has. */
#define GROUP_MAX LANES_MAX

struct lanes {
	struct span_shared *shared;
	struct lane lane[GROUP_MAX]; /* the busy ones first */
	unsigned busy;
	unsigned limit; /* of busy ones in any case */
	unsigned width; /* how many may be busy with data, by the algorithms of those that are */
	const struct algorithms *algorithms; /* the same in all of them */
	unsigned char *memory;
	struct buffers buffers;
	struct read_ahead *ahead; /* for a lane that is alone */
	bool no_ahead;            /* its thread cannot be had */
};

/* A group of at most `limit` lanes, up to GROUP_MAX. 0 or -ENOMEM; on failure nothing is owned. */
int lanes_init(struct lanes *lanes, struct span_shared *shared, unsigned limit);
void lanes_free(struct lanes *lanes);

/* Whether a lane is free. */
bool lanes_have_room(const struct lanes *lanes);

/* Begin a span; there has to be room. False if it is through already, with its result. */
bool lanes_add(struct lanes *lanes, struct span *span);

/*
 * Advance all busy lanes by a step. The spans that are through by then are put into `through`,
 * which has room for GROUP_MAX; returns how many. With `spare`, a processor is idle that may read
 * ahead for a lane that is alone.
 */
unsigned lanes_step(struct lanes *lanes, bool spare, struct span *through[]);

#endif
