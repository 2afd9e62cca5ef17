/* SPDX-License-Identifier: MIT */
/*
 * A slot: where one span runs. It reads the span's content chunk by chunk, a buffer of data or a
 * run of zeros. Its owner decides how much of a chunk goes into the sink at once, so that several
 * slots can advance together.
 */
#ifndef ENGINE_SLOT_H
#define ENGINE_SLOT_H

#include "engine/read_ahead.h"
#include "engine/span.h"

/* What a slot reads at once when it is alone. */
#define CHUNK_ALONE (128 * KIB)

/* Zeros that are hashed at once: a few milliseconds of work between two looks at the flag that
   cancels. */
#define ZEROS_STEP (8 * MIB)

struct chunk {
	const unsigned char *data; /* NULL: zeros */
	uint64_t length;           /* 0: there is no chunk */
};

/* What the slots of one thread share. The free buffer that was used last is taken first, since it
   is still in the cache. */
struct slot_memory {
	unsigned char **free_buffers;
	unsigned free_count;
	struct read_ahead *ahead; /* for a slot that is alone; NULL until it is needed */
	bool no_ahead;            /* its thread cannot be started */
};

struct slot {
	struct span *span;
	struct span_shared *shared;
	struct slot_memory *memory;
	unsigned char *buffer; /* while the slot has data in it, else NULL */
	size_t buffer_length;
	struct read_ahead *ahead; /* NULL: it reads for itself */

	struct chunk chunk; /* what is left of it */

	/* While its span runs. */
	bool is_open;
	unsigned tries;
	int error;                 /* from the last chunk; may be SINK_ENOUGH */
	uint64_t offset, end;      /* of the source: what follows the chunk */
	struct ssum_extent extent; /* what is left of the extent at offset */
	bool at_end;               /* of a source without a size */
};

/* Give a slot a span to run. */
void slot_begin(struct slot *slot, struct span *span);

/*
 * Make sure that there is a chunk. False if there is no more: the span has ended, source and sink
 * are closed, and its result is set. If the content changed meanwhile, the span runs again, as
 * often as the context allows.
 */
bool slot_next(struct slot *slot);

/* How much of the chunk may go into the sink at once: up to the sink's next mark. */
uint64_t slot_room(const struct slot *slot);

/* Put at most `length` bytes of the chunk into the sink. */
void slot_put(struct slot *slot, uint64_t length);

/* That much of the chunk has gone into the sink by other means; calls the sink's mark. */
void slot_advance(struct slot *slot, uint64_t length);

/* For a slot whose span runs alone: put more of its chunk into the sink. With `idle`, a processor
   is free, and what is long is read ahead by another thread. */
void slot_step(struct slot *slot, bool idle);

/* Run a span on this thread. If the caller has nothing else to run, `ticker` is its callback for
   progress, and long data are read ahead; else it is NULL. The span's result, or -ENOMEM. */
int span_run_alone(const struct ssum_context *context, struct span *span, struct ticker *ticker);

static inline int span_run(const struct ssum_context *context, struct span *span)
{
	return span_run_alone(context, span, NULL);
}

#endif
