/* SPDX-License-Identifier: MIT */
/* What checkpoints tell of a file that differs: which segments lead from one value to the next. */
#include "ops/explain_sink.h"

static struct ssum_stream *stream_of(struct explain_sink *sink)
{
	return candidates_stream(&sink->candidates, SEGMENT);
}

static void count_segment(struct explain_sink *sink, uint64_t begin, bool holds)
{
	struct segment_tally *tally = &sink->tally;
	struct ssum_range *damaged = &tally->damaged;
	uint64_t length = sink->at - begin;

	tally->judged++;
	if (holds && !tally->failed)
		tally->held_at_first++;
	if (holds)
		return;
	tally->failed++;
	tally->last_failed = begin;
	if (!damaged->length)
		damaged->offset = begin;
	if (damaged->offset + damaged->length == begin)
		damaged->length += length;
}

/* From a checkpoint on, as if all before it held. */
static int go_on_from(struct explain_sink *sink, const struct ssum_digest *value)
{
	int rc = candidates_separate(&sink->candidates, SEGMENT);

	if (rc)
		return rc;
	stream_clear(stream_of(sink));
	return stream_restore(stream_of(sink), sink->algorithm, sink->at, value);
}

int explain_segment(struct explain_sink *sink)
{
	uint64_t interval = sink->checkpoints->interval, index = sink->at / interval;
	struct ssum_digest expected, found;
	int rc;

	if (!sink->candidates.candidate[SEGMENT].alive)
		return 0;
	if (index > sink->checkpoints->count) {
		candidates_drop(&sink->candidates, SEGMENT);
		return 0;
	}
	checkpoints_value(sink->checkpoints, (size_t)index, &expected);
	rc = ssum_stream_save(stream_of(sink), &found);
	if (rc)
		return rc;
	count_segment(sink, sink->at - interval, ssum_digest_equal(&expected, &found));
	return ssum_digest_equal(&expected, &found) ? 0 : go_on_from(sink, &expected);
}

/* ---- The end ---- */

static int judge_last(struct explain_sink *sink)
{
	const struct ssum_checkpoints *checkpoints = sink->checkpoints;
	struct ssum_digest digest;
	int rc;

	if (!sink->candidates.candidate[SEGMENT].alive || sink->size != checkpoints->length)
		return 0;
	rc = stream_peek(stream_of(sink), &digest);
	if (!rc)
		count_segment(sink, checkpoints->count * checkpoints->interval,
			      ssum_digest_equal(&digest, &sink->expected));
	return rc;
}

/*
 * The file stops before its end, or nothing but zeros stands behind a place, as in a file that was
 * made as long as it should be and then not filled. That is said only if a segment that is all
 * zeros should not be: a damaged byte before zeros that belong there is another matter.
 */
static bool is_unfinished(const struct explain_sink *sink)
{
	const struct segment_tally *tally = &sink->tally;
	uint64_t proven = tally->held_at_first * sink->checkpoints->interval;

	if (!tally->held_at_first || sink->size > sink->checkpoints->length)
		return false;
	if (!tally->failed)
		return sink->size < sink->checkpoints->length;
	return sink->zeros.set && tally->last_failed >= sink->zeros.offset &&
	       sink->zeros.offset <= proven + sink->checkpoints->interval;
}

int explain_segments_end(struct explain_sink *sink)
{
	const struct segment_tally *tally = &sink->tally;
	int rc;

	if (!sink->checkpoints)
		return 0;
	rc = judge_last(sink);
	explain_tested(sink, SSUM_CAUSE_UNFINISHED);
	explain_tested(sink, SSUM_CAUSE_DAMAGED);
	uint64_t proven = tally->held_at_first * sink->checkpoints->interval;
	if (is_unfinished(sink))
		explain_fits(sink, SSUM_CAUSE_UNFINISHED, proven,
			     sink->checkpoints->length - proven, "");
	if (tally->failed && tally->failed < tally->judged)
		explain_fits(sink, SSUM_CAUSE_DAMAGED, tally->damaged.offset, tally->damaged.length,
			     "");
	return rc;
}
