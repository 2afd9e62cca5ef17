/* SPDX-License-Identifier: MIT */
/* Find out why a file of a package differs. After the judgement the file is read again for this,
   unless its segments are enough to explain it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ops/verification.h"

/* The largest file that is hashed by other algorithms too, to find out whether the manifest names a
   wrong one. This takes several times as long as all other tests together. */
#define OTHER_ALGORITHMS_MAX (64 * MIB)

/* ---- By segments alone ------------------------------------------------------------------- */

/*
 * Whether the file, up to the end of its last failed segment, is the beginning of another entry:
 * one that has a checkpoint there with the chaining value of the file. Reads only checkpoints.
 */
static bool begins_like_another_entry(const struct verification *verification,
				      const struct segments *segments, size_t algorithm)
{
	const struct manifests *manifests = &verification->manifests;
	uint64_t offset = judgement_offset(&segments->judgement, segments->values_at);

	for (size_t i = 0; i < manifests->count; i++)
		if (checkpoint_file_has(&manifests->rows[i].checkpoints,
					manifests->algorithms.rows[algorithm].name, offset,
					&segments->values[algorithm]))
			return true;
	return false;
}

/*
 * Explain the result by segments alone, if that is possible. True: the file need not be read again.
 *
 * If only the end of the file is missing, the rest has not arrived. If the last segment holds, it
 * leads to the digest: the file is the listed content, with other bytes in the segments that
 * failed. But two files that were exchanged may end in the same zeros, and then the last segments
 * hold too. If the file begins like another entry, read it again, to compare its digest.
 */
static bool segments_explain(const struct verification *verification, const struct verify_job *job,
			     size_t algorithm)
{
	struct explain_sink *sink = &job->explain->sink;
	const struct segments *segments = job->segments;
	struct ssum_range range;
	size_t index = 0;

	if (!sink->checkpoints || !segments_next_damaged(segments, &index, &range))
		return false;
	sink->explanation.length = sink->size = job->length;
	sink->explanation.expected = sink->expected;
	explain_tested(sink, SSUM_CAUSE_UNFINISHED);
	explain_tested(sink, SSUM_CAUSE_DAMAGED);
	if (segments_are_beginning(segments)) {
		sink->explanation.found = segments->values[algorithm];
		explain_fits(sink, SSUM_CAUSE_UNFINISHED, range.offset, range.length, "");
	} else if (segments->judgement.holds[segments->judgement.count - 1] &&
		   !begins_like_another_entry(verification, segments, algorithm)) {
		explain_fits(sink, SSUM_CAUSE_DAMAGED, range.offset, range.length, "");
	}
	return sink->explanation.cause != SSUM_CAUSE_UNKNOWN;
}

/* ---- Beginning and end ----------------------------------------------------------------------- */

int explanation_begin(struct verification *verification, struct verify_job *job,
		      struct span **follow_up)
{
	const struct entry_result *result = &job->result;
	struct explain_job *explain;
	size_t algorithm;
	int rc;

	if (verification->explained >= verification->options.explain ||
	    result->verdict != SSUM_DIFFERS || job->type != SSUM_TYPE_FILE ||
	    !result->expected.length)
		return 0;
	algorithm = verification->manifests.listing.rows[result->row].algorithm;
	explain = job->explain = calloc(1, sizeof(*explain));
	if (!explain)
		return -ENOMEM;
	explain->job.path = job->job.path;
	operation_source(&verification->operation, &explain->file, verification->root,
			 job->job.path);
	rc = explain_job_init(
		explain, verification->manifests.algorithms.rows[algorithm].name, &result->expected,
		job->segments ? job->segments->judgement.checkpoints[algorithm] : NULL);
	if (rc) {
		/* The verdict does not depend on the explanation. */
		explanation_free(job);
		return rc == -ENOMEM ? rc : 0;
	}
	if (result->expected_length < job->length)
		explain->sink.listed_length = result->expected_length;
	if (job->length > OTHER_ALGORITHMS_MAX)
		algorithms_release(&explain->others);
	verification->explained++;
	if (segments_explain(verification, job, algorithm))
		return 0;

	explain->job.owner = job;
	explain->job.span.weight = job->length;
	verification->operation.bytes_due += job->length;
	*follow_up = &explain->job.span;
	return 0;
}

void explanation_finish(const struct verification *verification, struct verify_job *job)
{
	const struct manifests *manifests = &verification->manifests;
	const struct listing *listing = &manifests->listing;
	struct explain_job *explain = job->explain;
	struct explain_sink *sink;
	const struct ssum_digest *found;

	/* The file cannot be read any more, or holds now. The first reading decides. */
	if (!explain || explain->job.span.result ||
	    explain->sink.explanation.cause == SSUM_CAUSE_MATCHES)
		return;
	sink = &explain->sink;
	found = &sink->explanation.found;

	explain_tested(sink, SSUM_CAUSE_MANIFEST);
	for (size_t i = 0; i < manifests->count; i++)
		if (ssum_digest_equal(&manifests->rows[i].content_hash, &sink->expected))
			explain_fits(sink, SSUM_CAUSE_MANIFEST, 0, 0, manifests->rows[i].path);

	/* Skip this for an empty file: other entries may be empty too, so an equal digest proves
	   nothing. */
	explain_tested(sink, SSUM_CAUSE_OTHER_ENTRY);
	for (size_t row = 0; row < listing->count && sink->size && found->length; row++) {
		const struct ssum_digest digest = row_digest(manifests, row);

		if (ssum_digest_equal(&digest, found) &&
		    !strcmp(manifests->algorithms.rows[listing->rows[row].algorithm].name,
			    sink->algorithm->name)) {
			explain_fits(sink, SSUM_CAUSE_OTHER_ENTRY, 0, 0, listed_name(listing, row));
			break;
		}
	}

	if (job->segments) {
		struct ssum_range range;

		explain_tested(sink, SSUM_CAUSE_ZEROED);
		if (segments_damage_is_zeros(job->segments, &range))
			explain_fits(sink, SSUM_CAUSE_ZEROED, range.offset, range.length, "");
		/* The segments prove that the content is another one. */
		if (sink->explanation.cause == SSUM_CAUSE_ZEROED)
			sink->explanation.intact = 0;
	}
	if (job->row_count > 1) {
		explain_tested(sink, SSUM_CAUSE_CONTRADICTED);
		if (job->result.agreeing)
			explain_fits(sink, SSUM_CAUSE_CONTRADICTED, 0, 0,
				     job->result.agreeing->path);
	}
	explain_job_done(explain);
	job->result.explanation = &sink->explanation;
}

void explanation_free(struct verify_job *job)
{
	if (job->explain)
		explain_job_clear(job->explain);
	free(job->explain);
	job->explain = NULL;
}
