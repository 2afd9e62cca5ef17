/* SPDX-License-Identifier: MIT */
/*
 * A group of lanes: what one thread runs. Spans that go into digests advance side by side, as many
 * at once as the kernels have lanes; every other span runs alone.
 */
#ifndef ENGINE_LANES_H
#define ENGINE_LANES_H

#include "engine/digest_sink.h"
#include "engine/lane.h"

/* Lanes with data at once. All their buffers together are to stay in the second-level cache, 1 MiB
   and more today: wider kernels are faster still, but not by what they lose when their data come
   from farther away. (Measured: 16 lanes of 64 KiB went ahead of 32 of 16 or 32 KiB.) */
#define DATA_LANES_MAX 16

/* Lanes of a group: as many in holes as the widest kernel for zeros takes, and besides them those
   with data. */
#define GROUP_MAX (LANES_MAX + DATA_LANES_MAX)

struct lanes {
	struct span_shared *shared;
	struct lane lane[GROUP_MAX]; /* the busy ones first */
	unsigned busy;
	unsigned limit; /* of busy ones in any case */
	unsigned width; /* how many may be busy with data, by the algorithms of those that are */
	const struct algorithms *algorithms; /* the same in all of them */
	unsigned char *memory;
	struct buffers buffers;
	unsigned char *free_buffers[GROUP_MAX];
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
