/* SPDX-License-Identifier: MIT */
#include "engine/slots.h"

#include <errno.h>
#include <stdlib.h>

#include "digest/compress.h"
#include "digest/stream.h"

/* Bytes that a slot reads at once if there are several slots. */
#define CHUNK_AMONG_MANY (64 * KIB)
#define BUFFER_ALIGNMENT 4096

/* Holes up to this length advance together with data. */
#define SHORT_HOLE (32 * KIB)

/* With at least this many slots in holes, it is faster to advance them separately from slots with
   data. */
#define HOLES_APART_MIN 16

int slots_init(struct slots *slots, struct span_shared *shared, unsigned limit)
{
	*slots = (struct slots){.shared = shared, .limit = limit, .width = 1};
	slots->buffers = aligned_alloc(BUFFER_ALIGNMENT, SLOTS_MAX * CHUNK_ALONE);
	if (!slots->buffers)
		return -ENOMEM;
	slots->memory.free_buffers = slots->free_buffers;
	slots->memory.free_count = SLOTS_MAX;
	for (unsigned i = 0; i < SLOTS_MAX; i++) {
		slots->free_buffers[i] = slots->buffers + i * CHUNK_ALONE;
		slots->slot[i].memory = &slots->memory;
		slots->slot[i].shared = shared;
		slots->slot[i].buffer_length = CHUNK_ALONE;
	}
	return 0;
}

void slots_free(struct slots *slots)
{
	read_ahead_free(slots->memory.ahead);
	free(slots->buffers);
}

static bool slot_is_in_hole(const struct slot *slot)
{
	return !slot->chunk.data && slot->chunk.length > SHORT_HOLE;
}

static unsigned slots_in_holes(const struct slots *slots)
{
	unsigned count = 0;

	for (unsigned i = 0; i < slots->busy; i++)
		count += slot_is_in_hole(&slots->slot[i]);
	return count;
}

/* Slots in holes need no buffer and no cache, so they do not count towards the width. */
bool slots_have_room(const struct slots *slots)
{
	return slots->busy < slots->width || (slots->width > 1 && slots->busy < slots->limit &&
					      slots->busy - slots_in_holes(slots) < slots->width);
}

/* ---- Adding a span ---- */

/* Advance the slot alone until it can advance with others: its position is a multiple of the unit,
   and the chunk has at least one more unit. False if the span ends before that. */
static bool slot_align(struct slot *slot)
{
	while (slot_next(slot)) {
		uint64_t length = slot_room(slot);
		uint64_t over = slot->span->length % BATCH_UNIT;

		if (!over && length >= BATCH_UNIT)
			return true;
		slot_put(slot, over ? min_u64(length, BATCH_UNIT - over) : length);
	}
	return false;
}

bool slots_add(struct slots *slots, struct span *span)
{
	struct slot *slot = &slots->slot[slots->busy];
	const struct digest_sink *digest;

	if (!span->source) {
		span->result = 0;
		return false;
	}
	slot->ahead = NULL;
	slot->buffer_length = slots->busy ? CHUNK_AMONG_MANY : CHUNK_ALONE;
	slot_begin(slot, span);
	digest = digest_sink_of(span->sink);
	if (!digest || span->alone) {
		while (slot_next(slot))
			slot_put(slot, slot->chunk.length);
		return false;
	}
	if (!slots->busy) { /* all digest sinks of a run have the same algorithms */
		unsigned limit = slots->limit < DATA_SLOTS_MAX ? slots->limit : DATA_SLOTS_MAX;

		slots->algorithms = digest->algorithms;
		slots->width = 1;
		for (size_t i = 0; i < slots->algorithms->count; i++) {
			unsigned lanes = compress_width(&slots->algorithms->rows[i]);

			if (lanes > slots->width)
				slots->width = lanes;
		}
		if (slots->width > limit)
			slots->width = limit;
	}
	if (!slot_align(slot))
		return false;
	slots->busy++;
	return true;
}

/* ---- A step ---- */

/*
 * Slots with data and slots in holes take turns, so that each kernel uses all of its lanes. Slots
 * with data wait until there are enough of them, while slots in holes advance. If there are too few
 * of both, all advance together. The shortest chunk sets the length of the step.
 */
static void slots_advance(struct slots *slots)
{
	unsigned in_holes = slots_in_holes(slots), with_data = slots->busy - in_holes;
	bool holes_only = with_data < slots->width && in_holes >= HOLES_APART_MIN;
	bool data_only = !holes_only && with_data >= slots->width;
	unsigned most = holes_only ? LANES_MAX : slots->width;
	struct slot *chosen[SLOTS_MAX];
	uint64_t length = ZEROS_STEP;
	unsigned count = 0;
	int rc = 0;

	for (unsigned i = 0; i < slots->busy && count < most; i++) {
		struct slot *slot = &slots->slot[i];
		bool is_in_hole = slot_is_in_hole(slot);

		if (is_in_hole ? data_only : holes_only)
			continue;
		length = min_u64(length, slot_room(slot));
		chosen[count++] = slot;
	}
	length -= length % BATCH_UNIT;

	for (size_t row = 0; row < slots->algorithms->count && !rc; row++) {
		struct batch batch = {.count = 0};

		for (unsigned i = 0; i < count; i++) {
			struct digest_sink *digest = digest_sink_of(chosen[i]->span->sink);

			batch_add(&batch, &digest->streams[row], chosen[i]->chunk.data);
		}
		rc = batch_advance(&batch, length);
	}
	if (!rc)
		rc = span_progress(slots->shared, count * length);
	for (unsigned i = 0; i < count; i++) {
		chosen[i]->error = rc;
		slot_advance(chosen[i], length);
	}
}

unsigned slots_step(struct slots *slots, bool idle, struct span *ended[])
{
	unsigned count = 0;

	if (slots->busy == 1)
		slot_step(&slots->slot[0], idle);
	else
		slots_advance(slots);

	for (unsigned i = slots->busy; i-- > 0;) {
		struct slot *slot = &slots->slot[i];

		slot->buffer_length = slots->busy > 1 ? CHUNK_AMONG_MANY : CHUNK_ALONE;
		if (slot_align(slot))
			continue;
		ended[count++] = slot->span;

		/* Move the last busy slot into the gap, with its buffer. */
		struct slot *last = &slots->slot[--slots->busy];
		struct slot free_slot = *slot;
		*slot = *last;
		*last = free_slot;
	}
	return count;
}
