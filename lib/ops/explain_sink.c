/* SPDX-License-Identifier: MIT */
#include "ops/explain_sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "digest/digest.h"
#include "engine/span.h"
#include "engine/zero_runs.h"

/* Padding is shorter than the first of these, and ends at a multiple of the second. */
#define TAIL MIB
#define TAIL_UNIT 512

/* The digest may be that of the first bytes only. In data, each multiple of CUT_UNIT is tested as
   their number; in a hole, where there is nothing new to hash, each multiple of CUT_HOLE_UNIT. */
#define CUT_UNIT 4096
#define CUT_HOLE_UNIT (4 * MIB)

/* Lengths and offsets of 32 bits wrap here. Reading again what a loop with such offsets reads is
   tried for files up to this length. */
#define WRAP (UINT64_C(1) << 32)
#define WRAPPED_MAX (4 * WRAP)

static int explain_begin(struct sink *base, const struct source *source)
{
	struct explain_sink *sink = container_of(base, struct explain_sink, sink);
	int rc;

	sink->at = sink->first_hole = sink->hole_bytes = sink->last_hole = sink->cut = 0;
	sink->head_length = 0;
	sink->extent = (struct ssum_extent){0};
	sink->tally.count = 0;
	sink->explanation =
		(struct ssum_explanation){.size = sizeof(sink->explanation), .intact = -1};
	sink->source = (struct source *)source;
	sink->size = source->has_size ? source->size - source->start : UINT64_MAX;
	if (source->has_size && sink->size > sink->algorithm->max_length - TAIL)
		return SSUM_ERR_TOO_LONG;
	rc = candidates_begin(&sink->candidates, sink->algorithm, sink->checkpoints != NULL);
	if (rc)
		return rc;
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

static void explain_clear(struct sink *base)
{
	struct explain_sink *sink = container_of(base, struct explain_sink, sink);

	candidates_clear(&sink->candidates);
	for (size_t i = 0; i < sink->other_count; i++)
		stream_clear(&sink->other_streams[i]);
	free(sink->other_streams);
	sink->other_streams = NULL;
	sink->other_count = 0;
	free(sink->tally.holds);
	sink->tally = (struct segment_tally){0};
	stream_clear(&sink->zeros.stream);
	stream_clear(&sink->tail.stream);
	stream_clear(&sink->wrap.stream);
	sink->zeros.set = sink->tail.set = sink->wrap.set = false;
}

/* ---- The content, chunk by chunk ---- */

static int explain_set_bookmark(struct explain_sink *sink, struct bookmark *bookmark)
{
	if (bookmark->set)
		return 0;
	bookmark->offset = sink->at;
	bookmark->set = true;
	return stream_copy(&bookmark->stream, candidates_stream(&sink->candidates, CONTENT));
}

/* Test whether the digest is that of the content so far. */
static int explain_try_cut(struct explain_sink *sink)
{
	struct ssum_digest digest;
	int rc = stream_peek(candidates_stream(&sink->candidates, CONTENT), &digest);

	if (!rc && sink->at && !sink->cut && ssum_digest_equal(&digest, &sink->expected))
		sink->cut = sink->at;
	return rc;
}

/* The lengths that are tested, whatever the units are: those that the content should have, and the
   length in 32 bits. 0: not known. */
static void explain_lengths(const struct explain_sink *sink, uint64_t lengths[3])
{
	bool is_long = sink->size != UINT64_MAX && sink->size >= WRAP;

	lengths[0] = sink->checkpoints ? sink->checkpoints->length : 0;
	lengths[1] = sink->listed_length;
	lengths[2] = is_long ? sink->size % WRAP : 0;
}

/* Some offsets need a test or a bookmark: the end of each segment, lengths that the digest may be
   of, where 32 bits wrap, and the beginning of the last MiB, since the zeros after it may be
   padding. If the content is at such an offset, do it. *next is the next such offset. */
static int explain_stop(struct explain_sink *sink, uint64_t *next)
{
	const struct ssum_checkpoints *checkpoints = sink->checkpoints;
	uint64_t interval = checkpoints ? checkpoints->interval : SSUM_CHECKPOINT_INTERVAL;
	uint64_t unit = sink->extent.kind == SSUM_HOLE ? CUT_HOLE_UNIT : CUT_UNIT;
	uint64_t lengths[3], tail = 0;
	bool is_segment = sink->at && sink->at % interval == 0;
	bool may_end = is_segment || sink->at % unit == 0;
	int rc = 0;

	if (sink->size != UINT64_MAX && sink->size > TAIL)
		tail = (sink->size - TAIL + TAIL_UNIT - 1) / TAIL_UNIT * TAIL_UNIT;
	if (sink->at == tail)
		rc = explain_set_bookmark(sink, &sink->tail);
	if (sink->at == WRAP && !rc)
		rc = explain_set_bookmark(sink, &sink->wrap);
	explain_lengths(sink, lengths);
	*next = sink->at - sink->at % interval + interval;
	*next = min_u64(*next, sink->at - sink->at % unit + unit);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		may_end |= sink->at == lengths[i];
		if (lengths[i] > sink->at)
			*next = min_u64(*next, lengths[i]);
	}
	if (!rc && may_end)
		rc = explain_try_cut(sink);
	if (!rc && is_segment && checkpoints)
		rc = explain_segment(sink);
	if (tail > sink->at)
		*next = min_u64(*next, tail);
	return rc;
}

/* At the end of an extent, find the next one. The sink asks for extents itself: if holes
   are read to verify them, it gets them as data. */
static int explain_next_extent(struct explain_sink *sink)
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

/* The next chunk of the content: in one extent, before the next stop, and either all zeros or not
   zero at its end. */
static struct explain_chunk explain_cut_chunk(const struct explain_sink *sink,
					      const unsigned char *data, uint64_t length,
					      uint64_t next_stop)
{
	const struct ssum_extent *extent = &sink->extent;
	bool in_hole = sink->source->has_size && extent->kind == SSUM_HOLE;
	bool long_hole = in_hole && sink->size > EXPLAIN_HOLE_CHUNK_MAX;
	struct explain_chunk chunk = {
		.data = in_hole ? NULL : data,
		.offset = sink->at,
		.in_hole = in_hole,
		.hole = extent->offset,
		.hole_end = extent->offset + extent->length,
		.size = sink->size,
	};

	length = min_u64(length, long_hole ? EXPLAIN_HOLE_CHUNK_MAX : EXPLAIN_CHUNK_MAX);
	length = min_u64(length, next_stop - sink->at);
	if (sink->source->has_size)
		length = min_u64(length, chunk.hole_end - sink->at);
	chunk.length = length;
	if (chunk.data && bytes_are_zero(chunk.data, (size_t)length))
		chunk.data = NULL;
	while (chunk.data && !chunk.data[chunk.length - 1])
		chunk.length--;
	return chunk;
}

static int explain_put(struct sink *base, const unsigned char *data, uint64_t length)
{
	struct explain_sink *sink = container_of(base, struct explain_sink, sink);

	if (!sink->at && data) {
		sink->head_length = (size_t)min_u64(length, sizeof(sink->head));
		memcpy(sink->head, data, sink->head_length);
	}
	while (length) {
		uint64_t next_stop;
		int rc = explain_next_extent(sink);

		if (!rc)
			rc = explain_stop(sink, &next_stop);
		if (rc)
			return rc;
		const struct explain_chunk chunk = explain_cut_chunk(sink, data, length, next_stop);

		/* The hole was written to after the extent was found. */
		if (chunk.in_hole && data && !bytes_are_zero(data, (size_t)chunk.length))
			return SSUM_ERR_CHANGED;
		if (chunk.data) {
			stream_clear(&sink->zeros.stream);
			sink->zeros.set = false;
		} else {
			rc = explain_set_bookmark(sink, &sink->zeros);
		}
		if (!rc)
			rc = candidates_take(&sink->candidates, &chunk);
		for (size_t i = 0; i < sink->other_count && !rc; i++)
			rc = stream_put(&sink->other_streams[i], chunk.data, chunk.length);
		sink->at += chunk.length;
		if (!rc)
			rc = span_progress(sink->sink.shared, 0);
		if (rc)
			return rc;
		if (data)
			data += chunk.length;
		length -= chunk.length;
	}
	return 0;
}

/* ---- The end: digests ---- */

/* Test whether the digest is that of a candidate. */
static int explain_try_candidates(struct explain_sink *sink)
{
	int rc = candidates_finish(&sink->candidates);

	for (size_t i = 0; i < CANDIDATES && !rc; i++) {
		const struct candidate_row *row = sink->candidates.candidate[i].row;
		const struct ssum_stream *stream = candidates_stream(&sink->candidates, i);
		bool is_allocated = row->cause == SSUM_CAUSE_ALLOCATED;
		bool is_shorter = is_allocated || row->cause == SSUM_CAUSE_ZERO_BLOCKS;
		struct ssum_digest digest;

		if (!sink->candidates.candidate[i].alive || i == SEGMENT)
			continue;
		rc = stream_peek(stream, &digest);
		explain_tested(sink, row->cause);
		if (i == CONTENT)
			sink->explanation.found = digest;
		if (!rc && ssum_digest_equal(&digest, &sink->expected))
			explain_fits(sink, row->cause, is_allocated ? sink->first_hole : 0,
				     is_shorter ? sink->size - stream->length : 0, row->detail);
	}
	return rc;
}

/* Test whether it is the digest of an empty content, by this algorithm. */
static int explain_try_empty(struct explain_sink *sink, const struct algorithm *algorithm)
{
	struct ssum_stream empty;
	struct ssum_digest digest;
	int rc = stream_init(&empty, algorithm);

	if (rc)
		return rc;
	rc = ssum_stream_final(&empty, &digest);
	if (!rc && ssum_digest_equal(&digest, &sink->expected))
		explain_fits(sink, SSUM_CAUSE_EMPTY, 0, 0, algorithm->name);
	stream_clear(&empty);
	return rc;
}

/* Test whether it is the content's digest by another algorithm, or that of an empty content. */
static int explain_try_others(struct explain_sink *sink)
{
	int rc = explain_try_empty(sink, sink->algorithm);

	explain_tested(sink, SSUM_CAUSE_EMPTY);
	if (sink->other_count)
		explain_tested(sink, SSUM_CAUSE_ALGORITHM);
	for (size_t i = 0; i < sink->other_count && !rc; i++) {
		const struct algorithm *algorithm = &sink->others->rows[i];
		struct ssum_digest digest;

		rc = stream_peek(&sink->other_streams[i], &digest);
		if (!rc && ssum_digest_equal(&digest, &sink->expected))
			explain_fits(sink, SSUM_CAUSE_ALGORITHM, 0, 0, algorithm->name);
		if (!rc)
			rc = explain_try_empty(sink, algorithm);
	}
	return rc;
}

static void explain_try_byte_order(struct explain_sink *sink)
{
	static const char *const details[] = {"the whole of it", "each word of four bytes"};
	struct ssum_digest reversed;

	explain_tested(sink, SSUM_CAUSE_BYTE_ORDER);
	for (int each_word = 0; each_word < 2; each_word++) {
		digest_reverse(&sink->expected, each_word, &reversed);
		if (ssum_digest_equal(&reversed, &sink->explanation.found))
			explain_fits(sink, SSUM_CAUSE_BYTE_ORDER, 0, 0, details[each_word]);
	}
}

/* Test whether it is the file's digest with one mistake: one wrong digit, or two neighbouring
   digits that are exchanged. */
static void explain_try_mistyped(struct explain_sink *sink)
{
	const struct ssum_digest *expected = &sink->expected, *found = &sink->explanation.found;
	char a[SSUM_HEX_MAX], b[SSUM_HEX_MAX];
	size_t first = 0, length = 2 * found->length;

	explain_tested(sink, SSUM_CAUSE_MISTYPED);
	ssum_digest_hex(expected, a);
	ssum_digest_hex(found, b);
	while (first < length && a[first] == b[first])
		first++;
	if (first == length || expected->length != found->length)
		return;
	if (!strcmp(a + first + 1, b + first + 1))
		explain_fits(sink, SSUM_CAUSE_MISTYPED, first + 1, 1, "one digit is another one");
	else if (a[first] == b[first + 1] && a[first + 1] == b[first] &&
		 !strcmp(a + first + 2, b + first + 2))
		explain_fits(sink, SSUM_CAUSE_MISTYPED, first + 1, 2,
			     "two neighbouring digits are exchanged");
}

/* ---- The end: other lengths ---- */

/* All bytes after the bookmark are zeros. Test whether the digest is that of the content up to the
   bookmark, or up to one of the next multiples of the unit. */
static int explain_try_ends(struct explain_sink *sink, const struct bookmark *from)
{
	uint64_t at = from->offset, end = min_u64(sink->size, at + TAIL);
	struct ssum_stream stream;
	struct ssum_digest digest;
	int rc = stream_copy(&stream, &from->stream);

	while (!rc && at < end && !sink->cut) {
		uint64_t step = TAIL_UNIT - at % TAIL_UNIT;

		rc = stream_peek(&stream, &digest);
		if (!rc && at && ssum_digest_equal(&digest, &sink->expected))
			sink->cut = at;
		if (!rc)
			rc = ssum_stream_zeros(&stream, step);
		at += step;
	}
	stream_clear(&stream);
	return rc;
}

/* Test whether it is the digest of the content's first bytes. The rest decides which cause it is.
 */
static int explain_try_beginnings(struct explain_sink *sink)
{
	bool ends_in_hole = sink->hole_bytes && sink->extent.kind == SSUM_HOLE;
	enum ssum_cause cause = SSUM_CAUSE_CUT;
	const char *detail = "";
	uint64_t lengths[3];
	int rc = 0;

	if (sink->zeros.set)
		rc = explain_try_ends(sink, &sink->zeros);
	if (!rc && sink->zeros.set && sink->tail.set && sink->tail.offset > sink->zeros.offset)
		rc = explain_try_ends(sink, &sink->tail);
	explain_tested(sink, SSUM_CAUSE_TRAILING_HOLE);
	explain_tested(sink, SSUM_CAUSE_ZEROS_DROPPED);
	explain_tested(sink, SSUM_CAUSE_CUT);
	explain_lengths(sink, lengths);
	if (lengths[0] || lengths[1])
		explain_tested(sink, SSUM_CAUSE_LONGER);
	if (sink->size >= WRAP)
		explain_tested(sink, SSUM_CAUSE_32_BITS);
	if (!sink->cut || sink->cut == sink->size)
		return rc;
	if (sink->cut == lengths[0] || sink->cut == lengths[1]) {
		cause = SSUM_CAUSE_LONGER;
	} else if (sink->cut == lengths[2]) {
		cause = SSUM_CAUSE_32_BITS;
		detail = "the length is taken modulo 4 GiB";
	} else if (ends_in_hole && sink->cut == sink->last_hole) {
		cause = SSUM_CAUSE_TRAILING_HOLE;
	} else if (sink->zeros.set && sink->cut >= sink->zeros.offset) {
		cause = SSUM_CAUSE_ZEROS_DROPPED;
	}
	explain_fits(sink, cause, sink->cut, sink->size - sink->cut, detail);
	return rc;
}

/* Test whether it is the digest of what a loop with offsets of 32 bits reads: after 4 GiB it begins
   again at the start of the file. These bytes are read again, if nothing else fits. */
static int explain_try_wrapped(struct explain_sink *sink)
{
	uint64_t left = sink->size - min_u64(sink->size, WRAP), at = 0;
	struct ssum_stream stream;
	struct ssum_digest digest;
	unsigned char *buffer;
	int rc;

	if (!sink->wrap.set || !left || sink->size > WRAPPED_MAX || sink->explanation.fits)
		return 0;
	buffer = malloc(MIB);
	rc = buffer ? stream_copy(&stream, &sink->wrap.stream) : -ENOMEM;
	if (rc) {
		free(buffer);
		return rc;
	}
	while (left && !rc) {
		size_t length = (size_t)min_u64(left, MIB);

		rc = source_read(sink->source, buffer, length, sink->source->start + at);
		if (!rc)
			rc = ssum_stream_update(&stream, buffer, length);
		if (!rc)
			rc = span_progress(sink->sink.shared, 0);
		at = (at + length) % WRAP;
		left -= length;
	}
	if (!rc)
		rc = ssum_stream_final(&stream, &digest);
	if (!rc && ssum_digest_equal(&digest, &sink->expected))
		explain_fits(sink, SSUM_CAUSE_32_BITS, WRAP, sink->size - WRAP,
			     "offsets begin again after 4 GiB");
	stream_clear(&stream);
	free(buffer);
	return rc;
}

/* The file holds nothing but zeros. This explains the file, not the digest. */
static void explain_note_zeros(struct explain_sink *sink)
{
	struct ssum_explanation *explanation = &sink->explanation;
	uint64_t begin = sink->zeros.set ? sink->zeros.offset : sink->size;

	explain_tested(sink, SSUM_CAUSE_ZEROED);
	if (!begin && sink->size)
		explain_fits(sink, SSUM_CAUSE_ZEROED, 0, sink->size, "");
	if (explanation->cause == SSUM_CAUSE_UNKNOWN && sink->size - begin >= ZERO_RUN_MIN) {
		explanation->offset = begin;
		explanation->count = sink->size - begin;
	}
}

/* Test whether it is the digest of the content followed by zeros. */
static int explain_try_padded(struct explain_sink *sink)
{
	static const uint64_t units[] = {512, 4096, 64 * KIB, MIB};
	uint64_t lengths[ARRAY_SIZE(units) + 1];
	size_t count = 0;
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (sink->size % units[i])
			lengths[count++] = sink->size - sink->size % units[i] + units[i];
	if (sink->checkpoints && sink->checkpoints->length > sink->size)
		lengths[count++] = sink->checkpoints->length;

	explain_tested(sink, SSUM_CAUSE_PADDED);
	for (size_t i = 0; i < count && !rc; i++) {
		uint64_t zeros = lengths[i] - sink->size;
		struct ssum_stream stream;
		struct ssum_digest digest;

		rc = stream_copy(&stream, candidates_stream(&sink->candidates, CONTENT));
		if (!rc)
			rc = ssum_stream_zeros(&stream, zeros);
		if (!rc)
			rc = ssum_stream_final(&stream, &digest);
		stream_clear(&stream);
		if (!rc && ssum_digest_equal(&digest, &sink->expected))
			explain_fits(sink, SSUM_CAUSE_PADDED, sink->size, zeros, "");
	}
	return rc;
}

static int explain_end(struct sink *base)
{
	struct explain_sink *sink = container_of(base, struct explain_sink, sink);
	struct ssum_explanation *explanation = &sink->explanation;
	const uint64_t blocks = UINT64_C(1) << SSUM_CAUSE_ZERO_BLOCKS;
	const uint64_t before_blocks =
		(blocks - 1) | UINT64_C(1) << SSUM_CAUSE_LONGER | UINT64_C(1) << SSUM_CAUSE_32_BITS;
	int rc;

	sink->size = sink->at;
	explanation->length = sink->at;
	explanation->expected = sink->expected;
	rc = explain_try_candidates(sink);
	if (!rc)
		rc = explain_try_others(sink);
	if (!rc)
		rc = explain_try_beginnings(sink);
	if (!rc)
		rc = explain_try_padded(sink);
	if (!rc)
		rc = explain_segments_end(sink);
	explain_try_byte_order(sink);
	explain_try_mistyped(sink);
	if (!rc)
		rc = explain_try_wrapped(sink);
	explain_note_zeros(sink);
	/* If the file's own holes or its end explain the digest, do not report the holes of a copy
	   that it may have had. */
	if (explanation->fits & before_blocks)
		explanation->fits &= ~blocks;
	explain_clear(base);
	return rc;
}

static const struct sink_ops explain_ops = {
	.begin = explain_begin,
	.put = explain_put,
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
