/* SPDX-License-Identifier: MIT */
#include "engine/span.h"

#include <errno.h>
#include <stdlib.h>

#define TICK_NANOSECONDS 100000000L
#define NANOSECONDS 1000000000L

/* Another thread reads ahead only if the data are at least this long. Reading less takes no longer
   than waking the thread. (Measured: with 100,000 extents of one page and a request for each, it
   took five times as long as reading the whole file, holes included.) */
#define AHEAD_MIN (256 * KIB)

/* If less than this is left of a span, reading ahead does not make it faster. */
#define READ_AHEAD_MIN (16 * MIB)

#define BUFFER_ALIGNMENT 64

/* ---- Progress ---- */

int ticker_poll(struct ticker *ticker, const struct run_progress *progress)
{
	const struct timespec *due = &ticker->due;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec < due->tv_sec || (now.tv_sec == due->tv_sec && now.tv_nsec < due->tv_nsec))
		return 0;
	now.tv_nsec += TICK_NANOSECONDS;
	now.tv_sec += now.tv_nsec / NANOSECONDS;
	now.tv_nsec %= NANOSECONDS;
	ticker->due = now;
	return ticker->tick ? ticker->tick(ticker->user, progress) : 0;
}

int span_progress(struct span_shared *shared, uint64_t length)
{
	uint64_t before =
		atomic_fetch_add_explicit(&shared->bytes_done, length, memory_order_relaxed);
	int rc = 0;

	if (shared->ticker)
		rc = ticker_poll(shared->ticker,
				 &(struct run_progress){.bytes_done = before + length,
							.oldest = shared->only,
							.is_complete = true});
	bool stop = context_cancelled(shared->context) ||
		    atomic_load_explicit(&shared->stop, memory_order_relaxed);
	return !rc && stop ? SSUM_ERR_CANCELLED : rc;
}

int span_pause(void *user)
{
	return span_progress(user, 0);
}

/* ---- Reading ---- */

static unsigned char *slot_buffer(struct slot *slot)
{
	if (!slot->buffer)
		slot->buffer = slot->memory->free_buffers[--slot->memory->free_count];
	return slot->buffer;
}

static void slot_release_buffer(struct slot *slot)
{
	if (slot->buffer)
		slot->memory->free_buffers[slot->memory->free_count++] = slot->buffer;
	slot->buffer = NULL;
}

/* The extent at an offset, cut at the end of the span. */
static struct ssum_extent slot_extent_at(const struct slot *slot, uint64_t offset)
{
	struct source *source = slot->span->source;
	struct ssum_extent extent = source->ops->extent_at(source, offset);

	extent.length = min_u64(extent.length, slot->end - offset);
	return extent;
}

static bool slot_reads(const struct slot *slot, const struct ssum_extent *extent)
{
	return extent->kind == SSUM_DATA ||
	       slot->shared->context->options.holes == SSUM_HOLES_VERIFY;
}

/* Let the other thread read the next data. If a hole is next, these are the data after it. */
static void slot_request_ahead(struct slot *slot)
{
	struct ssum_extent next = slot->extent;
	uint64_t offset = slot->offset;

	if (!next.length && offset < slot->end)
		next = slot->extent = slot_extent_at(slot, offset);
	if (next.length && !slot_reads(slot, &next)) {
		offset += next.length;
		next.length = 0;
		if (offset < slot->end)
			next = slot_extent_at(slot, offset);
	}
	if (next.length >= AHEAD_MIN && slot_reads(slot, &next))
		read_ahead_request(slot->ahead, slot->span->source, offset, next.length);
}

/* Read the next chunk of a source with a size. It does not cross the end of an extent. */
static int slot_read_extent(struct slot *slot)
{
	struct source *source = slot->span->source;
	int rc = 0;

	if (!slot->extent.length)
		slot->extent = slot_extent_at(slot, slot->offset);
	struct chunk chunk = {.data = NULL, .length = slot->extent.length};
	if (slot_reads(slot, &slot->extent)) {
		size_t length = (size_t)min_u64(slot->extent.length, slot->buffer_length);

		if (slot->ahead) {
			rc = read_ahead_take(slot->ahead, source, slot->offset, slot->extent.length,
					     &chunk.data, &length);
		} else {
			chunk.data = slot_buffer(slot);
			rc = source_read(source, slot->buffer, length, slot->offset);
		}
		if (!rc && slot->extent.kind == SSUM_HOLE)
			rc = source_judge_hole(source, chunk.data, length);
		chunk.length = length;
	}
	if (rc)
		return rc;
	slot->chunk = chunk;
	slot->offset += chunk.length;
	slot->extent.length -= chunk.length;
	if (slot->ahead)
		slot_request_ahead(slot);
	return 0;
}

/* Read the next chunk of a source without a size, such as a pipe. */
static int slot_read_stream(struct slot *slot)
{
	struct source *source = slot->span->source;
	size_t got;
	int rc = source->ops->read_at(source, slot_buffer(slot), slot->buffer_length, slot->offset,
				      &got);

	if (rc)
		return rc;
	slot->chunk = (struct chunk){slot->buffer, got};
	slot->offset += got;
	slot->at_end = got < slot->buffer_length;
	return 0;
}

/* ---- From the beginning of a span to its end ---- */

void slot_begin(struct slot *slot, struct span *span)
{
	slot->span = span;
	span->sink->shared = slot->shared;
	slot->is_open = false;
	slot->chunk.length = 0;
	slot->again = (struct second_reading){.first = NULL};
	slot->error = 0;
	slot->tries = slot->shared->context->options.tries;
}

static int slot_open(struct slot *slot)
{
	struct span *span = slot->span;
	struct source *source = span->source;
	const struct waiter waiter = {.pause = span_pause, .user = slot->shared};
	int rc = span_progress(slot->shared, 0);

	span->length = 0;
	span->changes = 0;
	slot->at_end = false;
	slot->extent.length = 0;
	slot->chunk.length = 0;
	if (!rc)
		rc = source->ops->open(source, &waiter);
	if (rc)
		return rc;
	slot->is_open = true;
	span->read_twice = source->is_unsettled;
	slot->offset = source->start + span->start;
	slot->end =
		span->end < source->size - source->start ? source->start + span->end : source->size;
	rc = second_reading_begin(&slot->again, source, slot->offset);
	return rc ? rc : span->sink->ops->begin(span->sink, source);
}

/* True when the span has ended; false if it starts again. */
static bool slot_close(struct slot *slot, int rc)
{
	const struct waiter waiter = {.pause = span_pause, .user = slot->shared};
	struct span *span = slot->span;
	struct source *source = span->source;

	if (slot->ahead)
		read_ahead_cancel(slot->ahead);
	slot_release_buffer(slot);
	if (!rc || rc == SINK_ENOUGH)
		rc = second_reading_compare(&slot->again, source, &waiter);
	span->changes |= source->changes;
	/* After SSUM_ERR_CHANGED, this finds out what has moved. */
	if (slot->is_open && (!rc || rc == SSUM_ERR_CHANGED)) {
		int changed = source->ops->check(source);

		rc = rc ? rc : changed;
	}
	span->changes |= source->changes;
	second_reading_end(&slot->again);
	if (!rc)
		rc = span->sink->ops->end(span->sink);
	if (rc && span->sink->ops->clear)
		span->sink->ops->clear(span->sink);
	if (slot->is_open)
		source->ops->close(source);
	slot->is_open = false;
	slot->chunk.length = 0;
	span->result = rc;
	if (rc != SSUM_ERR_CHANGED || !source->can_reopen || !--slot->tries)
		return true;
	atomic_fetch_sub_explicit(&slot->shared->bytes_done, span->length, memory_order_relaxed);
	span->length = 0;
	return false;
}

bool slot_next(struct slot *slot)
{
	const struct source *source = slot->span->source;

	while (slot->error || !slot->chunk.length) {
		int rc = slot->error;

		slot->error = 0;
		if (!slot->is_open && !rc)
			rc = slot_open(slot);
		if (!rc && source->has_size && slot->offset != slot->end) {
			rc = slot_read_extent(slot);
			if (!rc)
				continue;
		} else if (!rc && !source->has_size && !slot->at_end) {
			rc = slot_read_stream(slot);
			if (!rc)
				continue;
		}
		if (slot_close(slot, rc))
			return false;
	}
	return true;
}

uint64_t slot_room(const struct slot *slot)
{
	uint64_t interval = slot->span->sink->interval;
	uint64_t position = slot->span->start + slot->span->length;

	return interval ? min_u64(slot->chunk.length, interval - position % interval)
			: slot->chunk.length;
}

void slot_advance(struct slot *slot, uint64_t length)
{
	struct span *span = slot->span;
	struct sink *sink = span->sink;

	if (!slot->error)
		slot->error = second_reading_add(&slot->again, slot->chunk.data, length);
	span->length += length;
	slot->chunk.length -= length;
	if (slot->chunk.data)
		slot->chunk.data += length;
	if (!slot->chunk.length)
		slot_release_buffer(slot);

	uint64_t position = span->start + span->length;
	if (!slot->error && sink->interval && length && position % sink->interval == 0)
		slot->error = sink->mark(sink, position);
}

void slot_put(struct slot *slot, uint64_t length)
{
	struct sink *sink = slot->span->sink;

	length = min_u64(length, slot_room(slot));
	slot->error = sink->ops->put(sink, slot->chunk.data, length);
	if (slot->error == SINK_ENOUGH &&
	    second_reading_add(&slot->again, slot->chunk.data, length))
		slot->error = SSUM_ERR_CRYPTO;
	if (slot->error)
		return;
	slot->error = span_progress(slot->shared, length);
	slot_advance(slot, length);
}

/* ---- A span alone ---- */

void slot_step(struct slot *slot, bool idle)
{
	struct slot_memory *memory = slot->memory;

	if (idle && !slot->ahead && !memory->no_ahead && slot->span->source->has_size &&
	    slot->end - slot->offset >= READ_AHEAD_MIN) {
		if (!memory->ahead)
			memory->ahead = read_ahead_new();
		memory->no_ahead = !memory->ahead;
		slot->ahead = memory->ahead;
	}
	slot_put(slot, min_u64(slot->chunk.length, ZEROS_STEP));
}

int span_run(const struct ssum_context *context, struct span *span, struct ticker *ticker)
{
	struct span_shared shared = {.context = context, .ticker = ticker, .only = span};
	/* The buffer is no longer than the span, since some spans are very short. An empty span
	   needs one byte, to see whether a source without a size is at its end. */
	uint64_t length = span->end - span->start;
	size_t room = length ? (size_t)min_u64(CHUNK_ALONE, length) : 1;
	unsigned char *buffer =
		aligned_alloc(BUFFER_ALIGNMENT,
			      (room + BUFFER_ALIGNMENT - 1) / BUFFER_ALIGNMENT * BUFFER_ALIGNMENT);
	struct slot_memory memory = {.free_buffers = &buffer, .free_count = 1};
	struct slot slot = {.shared = &shared, .memory = &memory, .buffer_length = room};

	if (!buffer)
		return span->result = -ENOMEM;
	slot_begin(&slot, span);
	while (slot_next(&slot))
		slot_step(&slot, ticker && context->options.threads > 1);
	read_ahead_free(memory.ahead);
	free(buffer);
	return span->result;
}
