/* SPDX-License-Identifier: MIT */
#include "engine/compare_sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "engine/span.h"

#define BUFFER_LENGTH (128 * KIB)
#define BUFFER_ALIGNMENT 4096

void compare_sink_decide(atomic_uint_least64_t *decisive, uint64_t offset)
{
	uint64_t before = atomic_load_explicit(decisive, memory_order_relaxed);

	while (offset < before &&
	       !atomic_compare_exchange_weak_explicit(decisive, &before, offset,
						      memory_order_relaxed, memory_order_relaxed))
		;
}

/* Whether a span before this one has found a difference. The answer may be out of date. Then some
   bytes are read needlessly, but the result is right, because the owner takes the results in the
   order of the spans. */
static bool compare_is_decided(const struct compare_sink *sink)
{
	return sink->decisive &&
	       atomic_load_explicit(sink->decisive, memory_order_relaxed) < sink->start;
}

/* Compare the next bytes of both. One of them may be NULL, for zeros. */
static int compare_bytes(struct compare_sink *sink, const unsigned char *a, const unsigned char *b,
			 size_t length)
{
	const unsigned char *data = a ? a : b;
	const unsigned char *other = a ? b : NULL;
	int rc = 0;

	if (other ? memcmp(data, other, length) != 0 : !bytes_are_zero(data, length)) {
		if (!sink->differs)
			sink->offset = sink->at + first_difference(data, other, length);
		sink->differs = true;
		if (sink->decisive)
			compare_sink_decide(sink->decisive, sink->start);
		rc = sink->every
			     ? differences_find(&sink->differences, data, other, length, sink->at)
			     : SINK_ENOUGH;
	}
	sink->at += rc ? 0 : length;
	return rc;
}

/* Compare an extent of the peer. `data` are the bytes of the source; NULL for zeros. */
static int compare_extent(struct compare_sink *sink, const struct ssum_extent *extent,
			  const unsigned char *data)
{
	bool read = extent->kind == SSUM_DATA || sink->read_holes;
	struct source *peer = sink->peer;
	uint64_t left = extent->length;
	int rc = 0;

	if (!read && !data) {
		sink->at += left;
		return second_reading_add(&sink->again, NULL, left);
	}
	while (left && !rc) {
		size_t length = (size_t)min_u64(left, BUFFER_LENGTH);

		if (read) {
			rc = source_read(peer, sink->buffer, length, peer->start + sink->at);
			if (!rc && extent->kind == SSUM_HOLE)
				rc = source_judge_hole(peer, sink->buffer, length);
			sink->peer_failed = rc != 0;
		}
		if (!rc)
			rc = second_reading_add(&sink->again, read ? sink->buffer : NULL, length);
		if (!rc)
			rc = compare_bytes(sink, data, read ? sink->buffer : NULL, length);
		if (!rc)
			rc = span_progress(sink->sink.shared, 0);
		if (data)
			data += length;
		left -= length;
	}
	return rc;
}

/* How many of the next bytes of the source are not in holes. If holes are read too, the sink gets
   them as data, so ask the source for its extents. */
static uint64_t compare_count_data(const struct compare_sink *sink, const unsigned char *data,
				   uint64_t length)
{
	struct source *source = sink->source;
	uint64_t offset = source->start + sink->at, end = offset + length, count = 0;

	if (!data || !sink->read_holes)
		return data ? length : 0;
	while (offset < end) {
		struct ssum_extent extent = source->ops->extent_at(source, offset);

		extent.length = min_u64(extent.length, end - offset);
		count += extent.kind == SSUM_DATA ? extent.length : 0;
		offset += extent.length;
	}
	return count;
}

static int compare_begin(struct sink *base, const struct source *source)
{
	struct compare_sink *sink = container_of(base, struct compare_sink, sink);
	struct source *peer = sink->peer;
	size_t got = 0;
	char byte;

	sink->differs = false;
	sink->at = sink->start;
	sink->offset = 0;
	sink->data[0] = sink->data[1] = 0;
	sink->length[0] = source->has_size ? source->size - source->start : 0;
	if (compare_is_decided(sink))
		return SINK_ENOUGH;

	const struct waiter waiter = {.pause = span_pause, .user = sink->sink.shared};
	int rc = peer->ops->open(peer, &waiter);
	sink->peer_is_open = !rc;
	sink->peer_read_twice = !rc && peer->is_unsettled;
	if (!rc)
		rc = second_reading_begin(&sink->again, peer, peer->start + sink->start);
	if (!rc && !peer->has_size)
		rc = peer->ops->read_at(peer, &byte, 1, peer->start, &got);
	if (got)
		rc = SSUM_ERR_NOT_REGULAR;
	sink->length[1] = rc || !peer->has_size ? 0 : peer->size - peer->start;
	sink->peer_failed = rc != 0;
	if (rc)
		return rc;

	/* The buffer is no longer than the shorter content. For many small files, allocating a
	   large buffer for each costs more than comparing them. (Measured: half of the system
	   time.) */
	uint64_t most = min_u64(BUFFER_LENGTH, min_u64(sink->length[0], sink->length[1]));
	size_t pages = (size_t)most / BUFFER_ALIGNMENT + 1;
	sink->buffer = aligned_alloc(BUFFER_ALIGNMENT, pages * BUFFER_ALIGNMENT);
	return sink->buffer ? 0 : -ENOMEM;
}

/* Compare the source's next bytes with the peer, up to the peer's end. */
static int compare_put(struct sink *base, const unsigned char *data, uint64_t length)
{
	struct compare_sink *sink = container_of(base, struct compare_sink, sink);
	uint64_t common = min_u64(length, sink->length[1] - sink->at);
	uint64_t end = sink->at + common;
	struct source *peer = sink->peer;
	int rc = 0;

	/* Data of a source without a size, such as a pipe. */
	if (data && !sink->length[0])
		return SSUM_ERR_NOT_REGULAR;
	sink->data[0] += compare_count_data(sink, data, common);
	if (compare_is_decided(sink))
		return SINK_ENOUGH;
	while (sink->at < end && !rc) {
		uint64_t before = sink->at;
		struct ssum_extent extent = peer->ops->extent_at(peer, peer->start + sink->at);

		extent.length = min_u64(extent.length, end - sink->at);
		sink->data[1] += extent.kind == SSUM_DATA ? extent.length : 0;
		rc = compare_extent(sink, &extent, data);
		if (data)
			data += sink->at - before;
	}
	/* compare_end() compares the lengths. */
	return !rc && common < length ? SINK_ENOUGH : rc;
}

static void compare_close_peer(struct compare_sink *sink)
{
	if (sink->peer_is_open)
		sink->peer->ops->close(sink->peer);
	sink->peer_is_open = false;
	second_reading_end(&sink->again);
	free(sink->buffer);
	sink->buffer = NULL;
}

static void compare_clear(struct sink *base)
{
	struct compare_sink *sink = container_of(base, struct compare_sink, sink);

	compare_close_peer(sink);
	differences_free(&sink->differences);
}

static int compare_end(struct sink *base)
{
	struct compare_sink *sink = container_of(base, struct compare_sink, sink);

	/* All common bytes are equal: the first difference is the end of the shorter content. */
	if (!sink->stops && !sink->differs && sink->length[0] != sink->length[1]) {
		sink->differs = true;
		sink->offset = sink->at;
	}
	int rc = 0;
	if (sink->peer_is_open) {
		const struct waiter waiter = {.pause = span_pause, .user = sink->sink.shared};

		rc = second_reading_compare(&sink->again, sink->peer, &waiter);
		sink->peer_changes = sink->peer->changes;
		int changed = sink->peer->ops->check(sink->peer);
		sink->peer_changes |= sink->peer->changes;
		rc = rc ? rc : changed;
	}
	sink->peer_failed = rc != 0;
	compare_close_peer(sink);
	return rc;
}

static const struct sink_ops compare_ops = {
	.begin = compare_begin,
	.put = compare_put,
	.end = compare_end,
	.clear = compare_clear,
};

void compare_sink_init(struct compare_sink *sink, struct source *source, struct source *peer,
		       bool read_holes)
{
	*sink = (struct compare_sink){
		.sink.ops = &compare_ops, .source = source, .peer = peer, .read_holes = read_holes};
}
