/* SPDX-License-Identifier: MIT */
/*
 * The slots of one thread. Spans that go into digests advance side by side, as many at once as the
 * kernels have lanes; every other span runs alone.
 */
#ifndef ENGINE_SLOTS_H
#define ENGINE_SLOTS_H

#include "engine/digest_sink.h"
#include "engine/slot.h"

/* Slots with data at once. Their buffers together should stay in the second-level cache, 1 MiB and
   more today: wider kernels are faster, but lose more when data come from farther away. (Measured:
   16 lanes of 64 KiB were faster than 32 of 16 or 32 KiB.) */
#define DATA_SLOTS_MAX 16

/* As many in holes as the widest kernel for zeros takes, and those with data besides. */
#define SLOTS_MAX (LANES_MAX + DATA_SLOTS_MAX)

struct slots {
	struct span_shared *shared;
	struct slot slot[SLOTS_MAX]; /* the busy ones first */
	unsigned busy;
	unsigned limit; /* of busy slots */
	unsigned width; /* how many may be busy with data, by the algorithms of those that are */
	const struct algorithms *algorithms; /* the same for all of them */
	unsigned char *buffers;
	struct slot_memory memory;
	unsigned char *free_buffers[SLOTS_MAX];
};

/* At most `limit` slots, up to SLOTS_MAX. 0 or -ENOMEM; on failure nothing is owned. */
int slots_init(struct slots *slots, struct span_shared *shared, unsigned limit);
void slots_free(struct slots *slots);

/* Whether a slot is free. */
bool slots_have_room(const struct slots *slots);

/* Begin a span; there must be room. False if it has ended already, with its result. */
bool slots_add(struct slots *slots, struct span *span);

/*
 * Advance all busy slots by a step. Spans that have ended then are put into `ended`, which has room
 * for SLOTS_MAX; returns how many. With `idle`, a processor is free to read ahead for a slot that
 * is alone.
 */
unsigned slots_step(struct slots *slots, bool idle, struct span *ended[]);

#endif
