/* SPDX-License-Identifier: MIT */
/* Why a file of a package differs: once its verdict is known, it is read again to find out. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ops/verification.h"

/*
 * Whether the manifest names a wrong algorithm shows in its small files as well. The other ones are
 * several times slower than all else together, so large files are not hashed by them.
 */
#define OTHERS_MAX (64 * MIB)

static size_t index_of(const struct algorithms *algorithms, const char *name)
{
	size_t index = 0;

	while (strcmp(algorithms->rows[index].name, name) != 0)
		index++;
	return index;
}

/* By an algorithm of the verification. */
static int begin(struct verification *verification, struct verify_job *job, size_t algorithm,
		 const struct ssum_digest *expected)
{
	struct explain_job *explain = calloc(1, sizeof(*explain));
	const char *name = verification->manifests.algorithms.rows[algorithm].name;
	int rc;

	job->explain = explain;
	if (!explain)
		return -ENOMEM;
	operation_source(&verification->operation, &explain->file, verification->root,
			 job->job.path);
	rc = explain_job_init(explain, name, expected,
			      job->segments ? job->segments->checkpoints[algorithm] : NULL);
	if (rc)
		return rc;
	if (job->length > OTHERS_MAX)
		explain_job_leave_others(explain);
	explain->job.path = job->job.path;
	explain->job.owner = job;
	explain->job.span.weight = job->length;
	return 0;
}

/* Whether the content is that of another entry as far as it is not what it should be, by the
   checkpoints of that one. It takes no reading of files but of checkpoints. */
static bool comes_to_another(const struct verification *verification,
			     const struct segments *segments, size_t algorithm)
{
	const struct manifests *manifests = &verification->manifests;
	uint64_t offset = judgement_offset(&segments->judgement, segments->place);

	for (size_t i = 0; i < manifests->count; i++)
		if (checkpoint_file_has(&manifests->rows[i].checkpoints,
					manifests->algorithms.rows[algorithm].name, offset,
					&segments->values[algorithm]))
			return true;
	return false;
}

/*
 * With checkpoints the segments may have told it all: where the last one comes to the digest, that
 * was made of this content and of nothing else, and the others are what is damaged; and where only
 * the end is not there, the rest has not come yet. No second reading could add to that.
 *
 * But two images that were exchanged may well end in the same zeros: then the file is read once
 * more, for its digest.
 */
static bool is_told_by_segments(const struct verification *verification,
				const struct verify_job *job, size_t algorithm)
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
	} else if (segments_end_in_digest(segments) &&
		   !comes_to_another(verification, segments, algorithm)) {
		explain_fits(sink, SSUM_CAUSE_DAMAGED, range.offset, range.length, "");
	}
	return sink->explanation.cause != SSUM_CAUSE_UNKNOWN;
}

int explain_instead(struct verification *verification, struct verify_job *job,
		    struct span **instead)
{
	struct ssum_digest expected;
	const char *name;
	size_t algorithm;
	int rc;

	if (verification->explained >= verification->options.explain ||
	    !differs_by_digest(verification, job, &name, &expected))
		return 0;
	algorithm = index_of(&verification->manifests.algorithms, name);
	rc = begin(verification, job, algorithm, &expected);
	if (rc) {
		explanation_free(job);
		return rc == -ENOMEM ? rc : 0;
	}
	verification->explained++;
	if (is_told_by_segments(verification, job, algorithm))
		return 0;
	verification->operation.bytes_due += job->length;
	*instead = &job->explain->job.span;
	return 0;
}

/* ---- What the manifests tell ---- */

static void try_manifests(const struct manifests *manifests, struct explain_sink *sink)
{
	explain_tested(sink, SSUM_CAUSE_MANIFEST);
	for (size_t i = 0; i < manifests->count; i++)
		if (ssum_digest_equal(&manifests->rows[i].content_hash, &sink->expected))
			explain_fits(sink, SSUM_CAUSE_MANIFEST, 0, 0, manifests->rows[i].path);
}

/* Whether what is here is what is listed under another name. No content at all is a cause of its
   own, wherever else it is listed. */
static void try_entries(const struct manifests *manifests, struct explain_sink *sink)
{
	const struct listing *listing = &manifests->listing;
	const struct ssum_digest *found = &sink->explanation.found;

	explain_tested(sink, SSUM_CAUSE_OTHER_ENTRY);
	for (size_t row = 0; row < listing->count && sink->size && found->length; row++) {
		const struct listed *listed = &listing->rows[row];

		if (has_digest(listed) &&
		    !strcmp(manifests->algorithms.rows[listed->algorithm].name,
			    sink->algorithm->name) &&
		    !memcmp(listed_target(listing, row), found->bytes, found->length)) {
			explain_fits(sink, SSUM_CAUSE_OTHER_ENTRY, 0, 0, listed_name(listing, row));
			return;
		}
	}
}

/* Whether only some of the manifests have another digest of it. */
static void try_other_manifests(const struct verification *verification,
				const struct verify_job *job)
{
	struct explain_sink *sink = &job->explain->sink;
	const char *manifest;

	if (job->row_count < 2)
		return;
	explain_tested(sink, SSUM_CAUSE_CONTRADICTED);
	manifest = manifest_that_holds(verification, job);
	if (manifest)
		explain_fits(sink, SSUM_CAUSE_CONTRADICTED, 0, 0, manifest);
}

const struct ssum_explanation *explanation_of(const struct verification *verification,
					      struct verify_job *job)
{
	struct explain_job *explain = job->explain;

	/* It cannot be read any more, or holds by now: what was found before stays the verdict. */
	if (!explain || explain->job.span.result ||
	    explain->sink.explanation.cause == SSUM_CAUSE_MATCHES)
		return NULL;
	try_manifests(&verification->manifests, &explain->sink);
	try_entries(&verification->manifests, &explain->sink);
	try_other_manifests(verification, job);
	explain_job_done(explain);
	return &explain->sink.explanation;
}

void explanation_free(struct verify_job *job)
{
	if (job->explain)
		explain_job_clear(job->explain);
	free(job->explain);
	job->explain = NULL;
}
