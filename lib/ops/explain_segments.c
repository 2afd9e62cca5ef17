/* SPDX-License-Identifier: MIT */
/* Which segments of a file that differs hold, by its checkpoints. */
#include "base/bytes.h"
#include "ops/explain_sink.h"
#include "ops/judgement.h"

/* Add to the tally whether the next segment holds. 0 or -ENOMEM. */
static int explain_note_segment(struct segment_tally *tally, bool holds)
{
	int rc = array_reserve(&tally->holds, &tally->capacity, tally->count + 1,
			       sizeof(*tally->holds));

	if (!rc)
		tally->holds[tally->count++] = holds;
	return rc;
}

int explain_segment(struct explain_sink *sink)
{
	uint64_t index = sink->at / sink->checkpoints->interval;
	struct ssum_stream *stream = candidates_stream(&sink->candidates, SEGMENT);
	struct ssum_digest expected, found;
	bool holds;
	int rc;

	if (!sink->candidates.candidate[SEGMENT].alive)
		return 0;
	if (index > sink->checkpoints->count) {
		candidates_drop(&sink->candidates, SEGMENT);
		return 0;
	}
	checkpoints_value(sink->checkpoints, (size_t)index, &expected);
	rc = ssum_stream_save(stream, &found);
	if (rc)
		return rc;
	holds = ssum_digest_equal(&expected, &found);
	rc = explain_note_segment(&sink->tally, holds);
	if (rc || holds)
		return rc;

	/* Judge the next segment from the checkpoint at its start, as if this segment held. */
	rc = candidates_separate(&sink->candidates, SEGMENT);
	if (rc)
		return rc;
	stream = candidates_stream(&sink->candidates, SEGMENT);
	stream_clear(stream);
	return stream_restore(stream, sink->algorithm, sink->at, &expected);
}

int explain_segments_end(struct explain_sink *sink)
{
	const struct ssum_checkpoints *checkpoints = sink->checkpoints;
	struct segment_tally *tally = &sink->tally;
	uint64_t interval, begin, end;
	size_t failed, next, last;
	bool is_unfinished;
	int rc = 0;

	if (!checkpoints)
		return 0;
	interval = checkpoints->interval;
	/* If the file has the right length, its last segment must end in the digest. */
	if (sink->candidates.candidate[SEGMENT].alive && sink->size == checkpoints->length) {
		struct ssum_digest digest;

		rc = stream_peek(candidates_stream(&sink->candidates, SEGMENT), &digest);
		if (!rc)
			rc = explain_note_segment(tally,
						  ssum_digest_equal(&digest, &sink->expected));
	}
	explain_tested(sink, SSUM_CAUSE_UNFINISHED);
	explain_tested(sink, SSUM_CAUSE_DAMAGED);

	/* The first segment that failed, the next one that holds, and the last one that failed. */
	failed = judgement_find(tally->holds, tally->count, 0, false);
	next = judgement_find(tally->holds, tally->count, failed, true);
	for (last = tally->count; last > failed && tally->holds[last - 1];)
		last--;
	begin = failed * interval;
	end = min_u64(next * interval, checkpoints->length);

	/*
	 * Unfinished: the file ends early, or has only zeros from some offset on, because it was
	 * allocated and not filled. The zeros must begin before the end of the first segment that
	 * failed, and the last one that failed must lie in them. Otherwise the zeros may be right,
	 * and a byte before them is damaged.
	 */
	if (failed == tally->count)
		is_unfinished = sink->size < checkpoints->length;
	else
		is_unfinished = sink->size <= checkpoints->length && sink->zeros.set &&
				(last - 1) * interval >= sink->zeros.offset &&
				sink->zeros.offset <= begin + interval;
	if (failed && is_unfinished)
		explain_fits(sink, SSUM_CAUSE_UNFINISHED, begin, checkpoints->length - begin, "");
	/* Damaged: some segments failed, and some hold. */
	if (failed < tally->count && (failed || next < tally->count))
		explain_fits(sink, SSUM_CAUSE_DAMAGED, begin, end - begin, "");
	return rc;
}
