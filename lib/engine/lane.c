/* SPDX-License-Identifier: MIT */
#include "engine/lane.h"

#include <errno.h>
#include <stdlib.h>

/* Data that is shorter than this is not worth waking another thread for: it is read in less time.
   (Measured: of 100,000 extents of a page each, asking for every one took five times as long as
   reading the whole file, holes and all.) */
#define AHEAD_MIN (256 * KIB)

/* ---- Buffers ---- */

static unsigned char *take_buffer(struct lane *lane)
{
	if (!lane->buffer)
		lane->buffer = lane->buffers->free[--lane->buffers->count];
	return lane->buffer;
}

static void give_buffer_back(struct lane *lane)
{
	if (lane->buffer)
		lane->buffers->free[lane->buffers->count++] = lane->buffer;
	lane->buffer = NULL;
}

/* ---- Content ---- */

static int offer_data(struct lane *lane)
{
	struct source *source = lane->span->source;
	size_t length = (size_t)min_u64(lane->extent.length, lane->buffer_length);
	const unsigned char *data;
	int rc;

	if (lane->ahead) {
		rc = read_ahead_take(lane->ahead, source, lane->offset, lane->extent.length, &data,
				     &length);
	} else {
		data = take_buffer(lane);
		rc = source_read(source, lane->buffer, length, lane->offset);
	}
	if (!rc && lane->extent.kind == SSUM_HOLE)
		rc = source_judge_hole(source, data, length);
	if (!rc)
		lane->offer = (struct offer){data, length};
	return rc;
}

/* The extent at an offset below the lane's end, as far as that. */
static struct ssum_extent extent_within(const struct lane *lane, uint64_t offset)
{
	struct source *source = lane->span->source;
	struct ssum_extent extent = source->ops->extent_at(source, offset);

	extent.length = min_u64(extent.length, lane->end - offset);
	return extent;
}

static bool is_read(const struct lane *lane, const struct ssum_extent *extent)
{
	return extent->kind == SSUM_DATA ||
	       lane->shared->context->options.holes == SSUM_HOLES_VERIFY;
}

/* Have the next data read, which are behind the hole if one is next. */
static void ask_ahead(struct lane *lane)
{
	struct ssum_extent next = lane->extent;
	uint64_t offset = lane->offset;

	if (!next.length && offset < lane->end)
		next = lane->extent = extent_within(lane, offset);
	if (next.length && !is_read(lane, &next)) {
		offset += next.length;
		next.length = 0;
		if (offset < lane->end)
			next = extent_within(lane, offset);
	}
	if (next.length >= AHEAD_MIN && is_read(lane, &next))
		read_ahead_ask(lane->ahead, lane->span->source, offset, next.length);
}

static int offer_extent(struct lane *lane)
{
	int rc = 0;

	if (!lane->extent.length)
		lane->extent = extent_within(lane, lane->offset);
	if (is_read(lane, &lane->extent))
		rc = offer_data(lane);
	else
		lane->offer = (struct offer){NULL, lane->extent.length};
	lane->offset += lane->offer.length;
	lane->extent.length -= lane->offer.length;
	if (!rc && lane->ahead)
		ask_ahead(lane);
	return rc;
}

/* Of a source without a size. */
static int offer_what_comes(struct lane *lane)
{
	struct source *source = lane->span->source;
	size_t got;
	int rc = source->ops->read_at(source, take_buffer(lane), lane->buffer_length, lane->offset,
				      &got);

	if (rc)
		return rc;
	lane->offer = (struct offer){lane->buffer, got};
	lane->offset += got;
	lane->at_end = got < lane->buffer_length;
	return 0;
}

static bool all_is_offered(const struct lane *lane)
{
	return lane->span->source->has_size ? lane->offset == lane->end : lane->at_end;
}

/* ---- Beginning and end ---- */

static int open_span(struct lane *lane)
{
	struct span *span = lane->span;
	struct source *source = span->source;
	int rc = span_progress(lane->shared, 0);

	span->length = 0;
	lane->at_end = false;
	lane->extent.length = 0;
	lane->offer.length = 0;
	if (!rc)
		rc = source->ops->open(source);
	if (rc)
		return rc;
	lane->is_open = true;
	lane->offset = source->start + span->start;
	lane->end =
		span->end < source->size - source->start ? source->start + span->end : source->size;
	return span->sink->ops->begin(span->sink, source);
}

/* True when the span is through; false if it is to be run again. */
static bool close_span(struct lane *lane, int rc)
{
	struct span *span = lane->span;
	struct source *source = span->source;

	if (lane->ahead)
		read_ahead_forget(lane->ahead);
	give_buffer_back(lane);
	if (!rc || rc == SINK_ENOUGH)
		rc = source->ops->check(source);
	if (!rc)
		rc = span->sink->ops->end(span->sink);
	if (rc && span->sink->ops->clear)
		span->sink->ops->clear(span->sink);
	if (lane->is_open)
		source->ops->close(source);
	lane->is_open = false;
	lane->offer.length = 0;
	span->result = rc;
	if (rc != SSUM_ERR_CHANGED || !source->can_reopen || !--lane->tries)
		return true;
	atomic_fetch_sub_explicit(&lane->shared->bytes_done, span->length, memory_order_relaxed);
	span->length = 0;
	return false;
}

void lane_begin(struct lane *lane, struct span *span)
{
	lane->span = span;
	span->sink->shared = lane->shared;
	lane->is_open = false;
	lane->offer.length = 0;
	lane->error = 0;
	lane->tries = lane->shared->context->options.tries;
}

bool lane_next(struct lane *lane)
{
	while (lane->error || !lane->offer.length) {
		int rc = lane->error;

		lane->error = 0;
		if (!lane->is_open && !rc)
			rc = open_span(lane);
		if (!rc && !all_is_offered(lane)) {
			rc = lane->span->source->has_size ? offer_extent(lane)
							  : offer_what_comes(lane);
			if (!rc)
				continue;
		}
		if (close_span(lane, rc))
			return false;
	}
	return true;
}

/* Where in the content the sink is. */
static uint64_t position(const struct lane *lane)
{
	return lane->span->start + lane->span->length;
}

uint64_t lane_room(const struct lane *lane)
{
	uint64_t interval = lane->span->sink->interval;

	return interval ? min_u64(lane->offer.length, interval - position(lane) % interval)
			: lane->offer.length;
}

void lane_took(struct lane *lane, uint64_t length)
{
	struct sink *sink = lane->span->sink;

	lane->span->length += length;
	lane->offer.length -= length;
	if (lane->offer.data)
		lane->offer.data += length;
	if (!lane->offer.length)
		give_buffer_back(lane);
	if (!lane->error && sink->interval && length && position(lane) % sink->interval == 0)
		lane->error = sink->ops->mark(sink, position(lane));
}

void lane_feed(struct lane *lane, uint64_t length)
{
	struct sink *sink = lane->span->sink;
	const unsigned char *data = lane->offer.data;

	length = min_u64(length, lane_room(lane));
	lane->error =
		data ? sink->ops->data(sink, data, (size_t)length) : sink->ops->zeros(sink, length);
	if (lane->error)
		return;
	lane->error = span_progress(lane->shared, length);
	lane_took(lane, length);
}

void lane_run(struct lane *lane)
{
	while (lane_next(lane))
		lane_feed(lane, lane->offer.length);
}

/* ---- A span alone ---- */

/* No more memory than the span has bytes to be read: there are very short ones. An empty one has a
   byte too, with which a source without a size is asked for its end. */
int span_run(const struct ssum_context *context, struct span *span)
{
	struct span_shared shared = {.context = context};
	uint64_t length = span->end - span->start;
	size_t room = length ? (size_t)min_u64(PIECE_ALONE, length) : 1;
	unsigned char *buffer = malloc(room);
	struct buffers buffers = {&buffer, 1};
	struct lane lane = {.shared = &shared, .buffers = &buffers, .buffer_length = room};

	if (!buffer)
		return span->result = -ENOMEM;
	lane_begin(&lane, span);
	lane_run(&lane);
	free(buffer);
	return span->result;
}
