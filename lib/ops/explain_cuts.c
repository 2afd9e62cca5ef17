/* SPDX-License-Identifier: MIT */
/* Beginnings of the content, and what stands at its end: holes, zeros, padding. */
#include "ops/explain_sink.h"

static struct ssum_stream *content_of(struct explain_sink *sink)
{
	return strand_of(&sink->strands, sink->variants[CONTENT]);
}

int explain_try_cut(struct explain_sink *sink)
{
	struct ssum_digest digest;
	int rc = stream_peek(content_of(sink), &digest);

	if (!rc && sink->at && !sink->cut && ssum_digest_equal(&digest, &sink->expected))
		sink->cut = sink->at;
	return rc;
}

/* ---- Zeros at the end ---- */

/* From a state of the content on there is nothing but zeros. Whether the digest is that of the
   content up to there, or up to one of the next multiples of the unit, so far and below `end`. */
static int try_ends(struct explain_sink *sink, const struct bookmark *from, uint64_t end)
{
	struct ssum_stream stream;
	struct ssum_digest digest;
	uint64_t at = from->offset;
	int rc = stream_copy(&stream, &from->stream);

	end = min_u64(end, at + TAIL);
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

static int try_dropped(struct explain_sink *sink)
{
	int rc = 0;

	if (!sink->zeros.set)
		return 0;
	rc = try_ends(sink, &sink->zeros, sink->size);
	if (!rc && sink->tail.set && sink->tail.offset > sink->zeros.offset)
		rc = try_ends(sink, &sink->tail, sink->size);
	return rc;
}

/* What was cut off says why. */
static void judge_cut(struct explain_sink *sink)
{
	uint64_t rest = sink->size - sink->cut;
	bool ends_in_hole = sink->hole_bytes && sink->extent.kind == SSUM_HOLE;

	explain_tested(sink, SSUM_CAUSE_TRAILING_HOLE);
	explain_tested(sink, SSUM_CAUSE_ZEROS_DROPPED);
	explain_tested(sink, SSUM_CAUSE_CUT);
	if (!sink->cut)
		return;
	if (ends_in_hole && sink->cut == sink->last_hole)
		explain_fits(sink, SSUM_CAUSE_TRAILING_HOLE, sink->cut, rest, "");
	else if (sink->zeros.set && sink->cut >= sink->zeros.offset)
		explain_fits(sink, SSUM_CAUSE_ZEROS_DROPPED, sink->cut, rest, "");
	else
		explain_fits(sink, SSUM_CAUSE_CUT, sink->cut, rest, "");
}

/* ---- Zeros behind the end ---- */

static int try_padded_to(struct explain_sink *sink, uint64_t length)
{
	uint64_t zeros = length - sink->size;
	struct ssum_stream stream;
	struct ssum_digest digest;
	int rc = stream_copy(&stream, content_of(sink));

	if (!rc)
		rc = ssum_stream_zeros(&stream, zeros);
	if (!rc)
		rc = ssum_stream_final(&stream, &digest);
	stream_clear(&stream);
	if (!rc && ssum_digest_equal(&digest, &sink->expected))
		explain_fits(sink, SSUM_CAUSE_PADDED, sink->size, zeros, "");
	return rc;
}

static int try_padded(struct explain_sink *sink)
{
	static const uint64_t units[] = {512, 4096, 64 * KIB, MIB};
	uint64_t wanted = sink->checkpoints ? sink->checkpoints->length : 0;
	int rc = 0;

	explain_tested(sink, SSUM_CAUSE_PADDED);
	for (size_t i = 0; i < ARRAY_SIZE(units) && !rc; i++)
		if (sink->size % units[i])
			rc = try_padded_to(sink, sink->size - sink->size % units[i] + units[i]);
	if (!rc && wanted > sink->size)
		rc = try_padded_to(sink, wanted);
	return rc;
}

int explain_try_tails(struct explain_sink *sink)
{
	int rc = try_dropped(sink);

	judge_cut(sink);
	return rc ? rc : try_padded(sink);
}
