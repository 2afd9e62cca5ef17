/* SPDX-License-Identifier: MIT */
#include "ops/explain_sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "engine/span.h"

static struct explain_sink *of(struct sink *sink)
{
	return container_of(sink, struct explain_sink, sink);
}

/* ---- Beginning ---- */

/* What comes before all content. */
static int begin_prefixes(struct explain_sink *sink)
{
	int rc = 0;

	for (size_t i = FIRST_OF_OTHERS; i < HYPOTHESES && !rc; i++) {
		struct variant *variant = sink->variants[i];
		const char *prefix = sink->hypotheses[i].row->prefix;

		if (prefix)
			rc = strands_part(&sink->strands, variant);
		if (prefix && !rc)
			rc = ssum_stream_update(strand_of(&sink->strands, variant), prefix,
						strlen(prefix));
	}
	return rc;
}

static int begin_others(struct explain_sink *sink)
{
	int rc = 0;

	sink->other_streams = calloc(sink->others->count + 1, sizeof(*sink->other_streams));
	if (!sink->other_streams)
		return -ENOMEM;
	while (!rc && sink->other_count < sink->others->count) {
		rc = stream_init(&sink->other_streams[sink->other_count],
				 &sink->others->rows[sink->other_count]);
		sink->other_count += !rc;
	}
	return rc;
}

static void forget(struct explain_sink *sink)
{
	sink->at = sink->first_hole = sink->hole_bytes = sink->last_hole = sink->cut = 0;
	sink->extent = (struct ssum_extent){0};
	sink->tally = (struct segment_tally){0};
	sink->explanation = (struct ssum_explanation){.size = sizeof(sink->explanation)};
	for (size_t i = 0; i < HYPOTHESES; i++) {
		sink->hypotheses[i] = (struct hypothesis){
			.row = &hypothesis_rows[i],
			.variant.alive = i != SEGMENT || sink->checkpoints,
		};
		sink->variants[i] = &sink->hypotheses[i].variant;
	}
}

static int explain_begin(struct sink *base, const struct source *source)
{
	struct explain_sink *sink = of(base);
	int rc;

	forget(sink);
	sink->source = (struct source *)source;
	sink->size = source->has_size ? source->size - source->start : UINT64_MAX;
	if (source->has_size && sink->size > sink->algorithm->max_length - TAIL)
		return SSUM_ERR_TOO_LONG;
	rc = strands_begin(&sink->strands, sink->algorithm, sink->variants, HYPOTHESES);
	if (!rc)
		rc = begin_prefixes(sink);
	return rc ? rc : begin_others(sink);
}

static void explain_clear(struct sink *base)
{
	struct explain_sink *sink = of(base);

	strands_clear(&sink->strands);
	for (size_t i = 0; i < sink->other_count; i++)
		stream_clear(&sink->other_streams[i]);
	free(sink->other_streams);
	sink->other_streams = NULL;
	sink->other_count = 0;
	for (size_t i = 0; i < HYPOTHESES; i++) {
		free(sink->hypotheses[i].converted);
		sink->hypotheses[i].converted = NULL;
	}
	stream_clear(&sink->zeros.stream);
	stream_clear(&sink->tail.stream);
	sink->zeros.set = sink->tail.set = false;
}

/* ---- The content, piece by piece ---- */

static int set_bookmark(struct explain_sink *sink, struct bookmark *bookmark)
{
	if (bookmark->set)
		return 0;
	bookmark->offset = sink->at;
	bookmark->set = true;
	return stream_copy(&bookmark->stream, strand_of(&sink->strands, sink->variants[CONTENT]));
}

static void remove_bookmark(struct bookmark *bookmark)
{
	stream_clear(&bookmark->stream);
	bookmark->set = false;
}

static uint64_t interval_of(const struct explain_sink *sink)
{
	return sink->checkpoints ? sink->checkpoints->interval : SSUM_CHECKPOINT_INTERVAL;
}

/* Where the last MiB begins: what is less than that before the end may be padding. */
static uint64_t tail_of(const struct explain_sink *sink)
{
	if (sink->size == UINT64_MAX || sink->size <= TAIL)
		return 0;
	return (sink->size - TAIL + TAIL_UNIT - 1) / TAIL_UNIT * TAIL_UNIT;
}

static uint64_t wanted_length(const struct explain_sink *sink)
{
	return sink->checkpoints ? sink->checkpoints->length : 0;
}

/* The first offset behind `at` where something is to be done. */
static uint64_t next_stop(const struct explain_sink *sink)
{
	uint64_t interval = interval_of(sink);
	uint64_t stop = sink->at - sink->at % interval + interval;
	const uint64_t others[] = {tail_of(sink), wanted_length(sink)};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (others[i] > sink->at)
			stop = min_u64(stop, others[i]);
	return stop;
}

/* The content stands where something is to be done, perhaps. */
static int stop_here(struct explain_sink *sink)
{
	bool is_segment = sink->at && sink->at % interval_of(sink) == 0;
	int rc = 0;

	if (sink->at == tail_of(sink))
		rc = set_bookmark(sink, &sink->tail);
	if (!rc && (is_segment || sink->at == wanted_length(sink)))
		rc = explain_try_cut(sink);
	if (!rc && is_segment && sink->checkpoints)
		rc = explain_segment(sink);
	return rc;
}

/* The extents are asked for here once more, since a hole that is read to be verified comes as data.
 */
static int find_extent(struct explain_sink *sink)
{
	struct source *source = sink->source;
	struct ssum_extent *extent = &sink->extent;

	if (!source->has_size || sink->at < extent->offset + extent->length)
		return 0;
	*extent = source->ops->extent_at(source, source->start + sink->at);
	extent->offset -= source->start;
	if (extent->kind == SSUM_DATA)
		return 0;
	if (!sink->hole_bytes)
		sink->first_hole = sink->at;
	sink->hole_bytes += extent->length;
	sink->last_hole = sink->at;
	return sink->at ? explain_try_cut(sink) : 0;
}

/* The next piece of what has come: in one extent, and all of it zeros or not zero at its end. */
static struct piece cut_piece(const struct explain_sink *sink, const unsigned char *data,
			      uint64_t length)
{
	const struct ssum_extent *extent = &sink->extent;
	bool in_hole = sink->source->has_size && extent->kind == SSUM_HOLE;
	struct piece piece = {.data = in_hole ? NULL : data,
			      .offset = sink->at,
			      .in_hole = in_hole,
			      .hole = extent->offset,
			      .hole_end = extent->offset + extent->length,
			      .size = sink->size};
	bool long_hole = in_hole && sink->size > PIECE_OF_HOLE_MAX;

	length = min_u64(length, long_hole ? PIECE_OF_HOLE_MAX : PIECE_MAX);
	length = min_u64(length, next_stop(sink) - sink->at);
	if (sink->source->has_size)
		length = min_u64(length, piece.hole_end - sink->at);
	piece.length = length;
	if (piece.data && bytes_are_zero(piece.data, (size_t)length))
		piece.data = NULL;
	while (piece.data && !piece.data[piece.length - 1])
		piece.length--;
	return piece;
}

static int advance(struct explain_sink *sink, const struct piece *piece)
{
	int rc = 0;

	if (piece->data)
		remove_bookmark(&sink->zeros);
	else
		rc = set_bookmark(sink, &sink->zeros);
	for (size_t i = 0; i < HYPOTHESES && !rc; i++) {
		struct hypothesis *hypothesis = &sink->hypotheses[i];

		if (hypothesis->variant.alive)
			rc = hypothesis->row->take(hypothesis, piece);
		if (hypothesis->gave_up)
			strands_leave(&sink->strands, &hypothesis->variant);
	}
	if (!rc)
		rc = strands_advance(&sink->strands, sink->variants, HYPOTHESES);
	for (size_t i = 0; i < sink->other_count && !rc; i++)
		rc = piece->data ? ssum_stream_update(&sink->other_streams[i], piece->data,
						      (size_t)piece->length)
				 : ssum_stream_zeros(&sink->other_streams[i], piece->length);
	sink->at += piece->length;
	return rc;
}

static int take(struct explain_sink *sink, const unsigned char *data, uint64_t length)
{
	int rc = 0;

	while (length && !rc) {
		rc = find_extent(sink);
		if (!rc)
			rc = stop_here(sink);
		if (rc)
			break;
		const struct piece piece = cut_piece(sink, data, length);

		/* What was a hole a moment ago is none any more. */
		if (piece.in_hole && data && !bytes_are_zero(data, (size_t)piece.length))
			return SSUM_ERR_CHANGED;
		rc = advance(sink, &piece);
		if (!rc)
			rc = span_progress(sink->sink.shared, 0);
		if (data)
			data += piece.length;
		length -= piece.length;
	}
	return rc;
}

static int explain_data(struct sink *base, const unsigned char *data, size_t length)
{
	return take(of(base), data, length);
}

static int explain_zeros(struct sink *base, uint64_t length)
{
	return take(of(base), NULL, length);
}

/* ---- The end ---- */

static int explain_end(struct sink *base)
{
	struct explain_sink *sink = of(base);
	int rc;

	sink->size = sink->at;
	sink->explanation.length = sink->at;
	sink->explanation.expected = sink->expected;
	rc = explain_try_digests(sink);
	if (!rc)
		rc = explain_try_tails(sink);
	if (!rc)
		rc = explain_segments_end(sink);
	explain_try_byte_order(sink);
	explain_prefer(sink);
	explain_clear(base);
	return rc;
}

static const struct sink_ops explain_ops = {
	.begin = explain_begin,
	.data = explain_data,
	.zeros = explain_zeros,
	.end = explain_end,
	.clear = explain_clear,
};

void explain_sink_init(struct explain_sink *sink, const struct algorithm *algorithm,
		       const struct algorithms *others, const struct ssum_digest *expected,
		       const struct ssum_checkpoints *checkpoints)
{
	*sink = (struct explain_sink){.sink.ops = &explain_ops,
				      .algorithm = algorithm,
				      .others = others,
				      .expected = *expected,
				      .checkpoints = checkpoints};
}
