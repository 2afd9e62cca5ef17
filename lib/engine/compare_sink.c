/* SPDX-License-Identifier: MIT */
#include "engine/compare_sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "engine/span.h"

#define BUFFER_LENGTH (128 * KIB)
#define BUFFER_ALIGNMENT 4096

static struct compare_sink *of(struct sink *sink)
{
	return container_of(sink, struct compare_sink, sink);
}

/* The index of the first byte in which two buffers differ, zeros standing in for NULL. */
static size_t first_difference(const unsigned char *a, const unsigned char *b, size_t length)
{
	size_t i = 0;

	while (i < length && a[i] == (b ? b[i] : 0))
		i++;
	return i;
}

static bool equal(const unsigned char *a, const unsigned char *b, size_t length)
{
	return b ? !memcmp(a, b, length) : bytes_are_zero(a, length);
}

/* Hold the next bytes of both against each other; NULL is zeros, of which one may be. */
static int hold_against(struct compare_sink *sink, const unsigned char *a, const unsigned char *b,
			size_t length)
{
	const unsigned char *data = a ? a : b;
	const unsigned char *other = a ? b : NULL;

	if (!equal(data, other, length)) {
		sink->differs = true;
		sink->offset = sink->at + first_difference(data, other, length);
		return SINK_ENOUGH;
	}
	sink->at += length;
	return 0;
}

static int read_peer(struct compare_sink *sink, const struct ssum_extent *extent, size_t length)
{
	int rc = source_read(sink->peer, sink->buffer, length, sink->peer->start + sink->at);

	if (!rc && extent->kind == SSUM_HOLE)
		rc = source_judge_hole(sink->peer, sink->buffer, length);
	sink->peer_failed = rc != 0;
	return rc;
}

/* Go through an extent of the peer; data is what the source has there, NULL being zeros. */
static int compare_extent(struct compare_sink *sink, const struct ssum_extent *extent,
			  const unsigned char *data)
{
	bool read = extent->kind == SSUM_DATA || sink->read_holes;
	uint64_t left = extent->length;
	int rc = 0;

	if (!read && !data) {
		sink->at += left;
		return 0;
	}
	while (left && !rc) {
		size_t piece = (size_t)min_u64(left, BUFFER_LENGTH);

		if (read)
			rc = read_peer(sink, extent, piece);
		if (!rc)
			rc = hold_against(sink, data, read ? sink->buffer : NULL, piece);
		if (!rc)
			rc = span_progress(sink->sink.shared, 0);
		if (data)
			data += piece;
		left -= piece;
	}
	return rc;
}

/* The source's next bytes, as far as the peer has any. */
static int compare(struct compare_sink *sink, const unsigned char *data, uint64_t length)
{
	uint64_t common = min_u64(length, sink->length[1] - sink->at);
	uint64_t end = sink->at + common;
	int rc = 0;

	while (sink->at < end && !rc) {
		struct source *peer = sink->peer;
		uint64_t before = sink->at;
		struct ssum_extent extent = peer->ops->extent_at(peer, peer->start + sink->at);

		extent.length = min_u64(extent.length, end - sink->at);
		rc = compare_extent(sink, &extent, data);
		if (data)
			data += sink->at - before;
	}
	if (rc || common == length)
		return rc;
	sink->differs = true;
	sink->offset = sink->at;
	return SINK_ENOUGH;
}

static int open_peer(struct compare_sink *sink)
{
	struct source *peer = sink->peer;
	size_t got = 0;
	int rc = peer->ops->open(peer);

	sink->peer_is_open = !rc;
	if (!rc && !peer->has_size)
		rc = peer->ops->read_at(peer, sink->buffer, 1, peer->start, &got);
	if (got)
		rc = SSUM_ERR_NOT_REGULAR;
	sink->length[1] = rc || !peer->has_size ? 0 : peer->size - peer->start;
	sink->peer_failed = rc != 0;
	return rc;
}

static int compare_begin(struct sink *base, const struct source *source)
{
	struct compare_sink *sink = of(base);
	sink->differs = false;
	sink->at = sink->offset = 0;
	sink->buffer = aligned_alloc(BUFFER_ALIGNMENT, BUFFER_LENGTH);
	if (!sink->buffer)
		return -ENOMEM;
	sink->length[0] = source->has_size ? source->size - source->start : 0;
	return open_peer(sink);
}

static int compare_data(struct sink *base, const unsigned char *data, size_t length)
{
	struct compare_sink *sink = of(base);

	return sink->length[0] ? compare(sink, data, length) : SSUM_ERR_NOT_REGULAR;
}

static int compare_zeros(struct sink *base, uint64_t length)
{
	return compare(of(base), NULL, length);
}

static void compare_clear(struct sink *base)
{
	struct compare_sink *sink = of(base);

	if (sink->peer_is_open)
		sink->peer->ops->close(sink->peer);
	sink->peer_is_open = false;
	free(sink->buffer);
	sink->buffer = NULL;
}

static int compare_end(struct sink *base)
{
	struct compare_sink *sink = of(base);

	if (!sink->differs && sink->at < sink->length[1]) {
		sink->differs = true;
		sink->offset = sink->at;
	}
	int rc = sink->peer->ops->check(sink->peer);
	sink->peer_failed = rc != 0;
	compare_clear(base);
	return rc;
}

static const struct sink_ops compare_ops = {
	.begin = compare_begin,
	.data = compare_data,
	.zeros = compare_zeros,
	.end = compare_end,
	.clear = compare_clear,
};

void compare_sink_init(struct compare_sink *sink, struct source *peer, bool read_holes)
{
	*sink = (struct compare_sink){
		.sink.ops = &compare_ops, .peer = peer, .read_holes = read_holes};
}
