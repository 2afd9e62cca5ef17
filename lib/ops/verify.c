/* SPDX-License-Identifier: MIT */
/* Verification of a directory, from its manifests to the result. */
#include <unistd.h>

#include "base/context.h"
#include "io/opening.h"
#include "ops/verification.h"

/* ---- Done ---- */

/* The job that a span is, or is a part of. */
static struct verify_job *owner_of(struct span *span)
{
	struct job *job = container_of(span, struct job, span);

	return job->owner ? job->owner : container_of(job, struct verify_job, job);
}

/* A job goes with the last of its parts, unless more of them are still to be given. */
static void release(const struct verification *verification, struct verify_job *job)
{
	if (!job->parts && job != verification->in_parts)
		verify_job_free(job);
}

/* A span was the one that explains, not one that judges. */
static bool is_explanation(const struct verify_job *job, const struct span *span)
{
	return job->explain && span == &job->explain->job.span;
}

static int job_done(void *user, struct span *span, struct span **instead)
{
	struct verification *verification = user;
	struct verify_job *job = owner_of(span);
	bool explained = is_explanation(job, span);
	int rc = 0;

	if (explained) {
		/* The verdict was known before. */
	} else if (job->segments) {
		rc = segment_done(verification, job, span, instead);
		if (!rc && (*instead || !job->segments->finished))
			return 0;
	} else if (job->is_read && resumable_done(&job->hash, &job->length)) {
		*instead = span;
		return 0;
	}
	if (!rc && !explained)
		rc = explain_instead(verification, job, instead);
	if (!rc && *instead)
		return 0;
	if (!rc && moves_hold(verification, job))
		return 0;
	if (!rc)
		rc = judge_and_report(verification, job);
	release(verification, job);
	return rc;
}

static void job_drop(void *user, struct span *span)
{
	struct verification *verification = user;
	struct verify_job *job = owner_of(span);

	if (job->segments && !is_explanation(job, span)) {
		segments_drop(span);
		job->parts--;
	}
	release(verification, job);
}

/* ---- All together ---- */

static int check_content_hash(const struct verification *verification)
{
	const struct ssum_digest *expected = verification->options.content_hash;

	for (size_t i = 0; expected && i < verification->manifests.count; i++)
		if (verification->manifests.rows[i].content_hash.length == expected->length)
			return 0;
	return expected ? context_fail(verification->operation.context, SSUM_ERR_OPTIONS,
				       "content hash")
			: 0;
}

static int verify_entries(struct verification *verification)
{
	const struct pool_client client = {
		.next = merge_next,
		.done = job_done,
		.drop = job_drop,
		.user = verification,
		.files = 1,
	};
	int rc = merge_begin(verification);

	if (!rc)
		rc = operation_run(&verification->operation, client);
	merge_end(verification);
	return rc ? rc : moves_tell(verification);
}

/* A journal is of this work alone: of the directory, and of what its manifests say. */
static int begin_resume(struct verification *verification)
{
	const struct manifests *manifests = &verification->manifests;
	struct resume_key key;
	int rc = resume_key_begin(&key, "verify", verification->root,
				  verification->operation.context->options.holes,
				  &manifests->algorithms);

	for (size_t i = 0; i < manifests->count && !rc; i++)
		rc = resume_key_add(&key, &manifests->rows[i].content_hash,
				    sizeof(manifests->rows[i].content_hash));
	if (!rc && manifests->borrowed)
		rc = resume_key_add(&key, manifests->listing.text.data,
				    manifests->listing.text.length);
	if (!rc)
		rc = resume_begin(&verification->resume, verification->options.journal, &key,
				  verification->options.resume, &manifests->algorithms);
	resume_key_end(&key);
	verification->operation.resume = &verification->resume;
	verification->hashing = (struct resumable_options){
		.operation = &verification->operation,
		.resume = &verification->resume,
		.algorithms = &manifests->algorithms,
		.root = verification->root,
		.interval = SSUM_NO_CHECKPOINTS,
	};
	return rc;
}

static int conclude(const struct verification *verification)
{
	const uint64_t *count = verification->operation.summary.count;

	if (verification->content_hash_differs || count[SSUM_DIFFERS] || count[SSUM_MISSING] ||
	    (count[SSUM_EXTRA] && !verification->options.allow_extra))
		return SSUM_DIFFERS;
	if (count[SSUM_UNREADABLE] || count[SSUM_CHANGED] || count[SSUM_FALSE_HOLE] ||
	    count[SSUM_BAD_LINE])
		return SSUM_ERR_UNDECIDED;
	return SSUM_HOLDS;
}

static int verify(struct verification *verification, const char *directory)
{
	int rc;

	verification->root = directory_open(directory);
	if (verification->root < 0)
		return verification->root;
	rc = manifests_read(&verification->manifests, &verification->operation, verification->root,
			    &verification->options);
	if (!rc)
		rc = check_content_hash(verification);
	/* Of a listing the sources are the caller's, who knows what they are. */
	for (size_t i = 0;
	     !verification->manifests.borrowed && i < verification->manifests.count && !rc; i++)
		rc = report_manifest(verification, &verification->manifests.rows[i]);
	if (!rc)
		rc = report_checkpoint_files(verification);
	if (!rc)
		rc = begin_resume(verification);
	if (!rc)
		rc = verify_entries(verification);
	return rc ? rc : conclude(verification);
}

int ssum_verify(struct ssum_context *context, const char *directory,
		const struct ssum_verify_options *options, struct ssum_summary *summary)
{
	struct verification verification = {.root = -1, .resume.fd = -1};
	int rc = options_take(&verification.options, sizeof(verification.options), options);

	operation_begin(&verification.operation, context, verification.options.report,
			verification.options.user);
	verification.operation.directory = directory;
	if (!rc)
		rc = verify(&verification, directory);
	held_free(&verification.held);
	verification.operation.summary.journal_taken = resume_end(&verification.resume, rc);
	manifests_free(&verification.manifests);
	if (verification.root >= 0)
		close(verification.root);
	return operation_end(&verification.operation, rc, summary, directory);
}
