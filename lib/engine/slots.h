/* SPDX-License-Identifier: MIT */
/*
 * The slots of one thread. Run spans with a digest sink at the same time on one thread, as many as
 * the kernels have lanes. Every other span runs alone.
 */
#ifndef ENGINE_SLOTS_H
#define ENGINE_SLOTS_H

#include "engine/digest_sink.h"
#include "engine/span.h"

/* The most slots with data at once. Their buffers together should fit into the second-level cache,
   which is 1 MiB or more today. Wider kernels are faster, but lose more when data come from memory.
   (Measured: 16 lanes of 64 KiB were faster than 32 of 16 or 32 KiB.) */
#define DATA_SLOTS_MAX 16

/* The most slots: as many in holes as the widest kernel for zeros has lanes, and those with
   data. */
#define SLOTS_MAX (LANES_MAX + DATA_SLOTS_MAX)

struct slots {
	struct span_shared *shared;
	struct slot slot[SLOTS_MAX]; /* the busy ones first */
	unsigned busy;
	unsigned limit; /* how many may be busy */
	unsigned width; /* how many may be busy with data: as many as the kernels have lanes */
	const struct algorithms *algorithms; /* the same for all busy slots */
	unsigned char *buffers;
	struct slot_memory memory;
	unsigned char *free_buffers[SLOTS_MAX];
};

/* At most `limit` slots, up to SLOTS_MAX. 0 or -ENOMEM; on failure nothing is owned. */
int slots_init(struct slots *slots, struct span_shared *shared, unsigned limit);
void slots_free(struct slots *slots);

/* Whether another span can be added. */
bool slots_have_room(const struct slots *slots);

/* Begin a span; there must be room. False if it has ended already; then its result is set. */
bool slots_add(struct slots *slots, struct span *span);

/*
 * Advance all busy slots by one step. Stores the spans that have ended in `ended`, which has room
 * for SLOTS_MAX, and returns how many. `idle` means that a processor is free: if only one slot is
 * busy, another thread reads ahead for it.
 */
unsigned slots_step(struct slots *slots, bool idle, struct span *ended[]);

#endif
