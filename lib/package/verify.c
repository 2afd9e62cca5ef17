/* SPDX-License-Identifier: MIT */
/* Verification: the walk of a folder meets what its manifests list. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/options.h"
#include "file/beneath.h"
#include "file/link.h"
#include "file/named.h"
#include "package/path_order.h"
#include "package/verification.h"

/* ---- Jobs ---- */

static struct verify_job *job_of(struct span *span)
{
	return container_of(span, struct verify_job, job.span);
}

void verify_job_free(struct verify_job *job)
{
	segments_free(job->segments);
	explanation_free(job);
	resumable_clear(&job->hash);
	free(job->own_path);
	free(job->target);
	free(job);
}

static struct verify_job *job_new(struct verification *verification, size_t row_count,
				  const char *path)
{
	const struct algorithms *algorithms = &verification->manifests.algorithms;
	struct verify_job *job =
		calloc(1, sizeof(*job) + algorithms->count * sizeof(job->digests[0]));

	if (!job)
		return NULL;
	resumable_init(&job->hash, &job->job, algorithms, job->digests);
	job->row = verification->row;
	job->row_count = row_count;
	if (row_count) {
		job->job.path = listed_name(&verification->manifests.listing, job->row);
		return job;
	}
	job->own_path = strdup(path);
	job->job.path = job->own_path;
	if (!job->own_path) {
		verify_job_free(job);
		return NULL;
	}
	return job;
}

static bool is_listed_as(const struct verification *verification, const struct verify_job *job,
			 enum ssum_type type)
{
	const struct listed *rows = rows_of(verification, job);

	for (size_t i = 0; i < job->row_count; i++)
		if (rows[i].type == type)
			return true;
	return false;
}

/* Listed, but the walk did not meet it: that is missing only if it is certain not to be there. */
static void probe(struct verification *verification, struct verify_job *job)
{
	job->error = beneath_look(verification->root, job->job.path, &job->type);
	job->missing = !job->error && job->type == SSUM_TYPE_UNKNOWN;

	/* There after all, as it is listed: it came after the walk had passed. A folder is no such
	   case: the walk goes through those that are not empty. */
	if (!job->error && !job->missing && job->type != SSUM_TYPE_FOLDER &&
	    is_listed_as(verification, job, job->type))
		job->error = SSUM_ERR_CHANGED;
}

/* Whether a file has to be read to judge it: not if it is known already to have another length, or
   if nothing is listed but that. */
static bool must_be_read(const struct verification *verification, const struct verify_job *job)
{
	const struct listed *rows = rows_of(verification, job);
	bool digests = false;

	for (size_t i = 0; i < job->row_count; i++) {
		if (!has_listed_length(&rows[i], job->length))
			return false;
		digests |= has_digest(&rows[i]);
	}
	return digests;
}

/* Listed and there. What is not of the listed type is not opened. */
static int examine(struct verification *verification, struct verify_job *job)
{
	int rc;

	if (job->error || !is_listed_as(verification, job, job->type))
		return 0;
	if (job->type == SSUM_TYPE_SYMLINK)
		job->error = link_target(verification->root, job->job.path, &job->target);
	if (job->type != SSUM_TYPE_FILE || !must_be_read(verification, job))
		return 0;
	job->is_read = true;
	rc = cut_into_segments(verification, job);
	return rc || job->segments ? rc
				   : resumable_set(&job->hash, &verification->hashing, job->length);
}

/* How much of a file is still to be read, as far as that is known. */
static uint64_t bytes_due(const struct verify_job *job)
{
	if (job->segments)
		return job->length - segments_skipped(job->segments);
	return job->is_read ? resumable_due(&job->hash, job->length) : 0;
}

/* ---- The merge ---- */

static int advance_walk(struct verification *verification)
{
	int rc = ssum_tree_next(&verification->tree, &verification->entry);

	if (rc != 1)
		verification->entry = NULL;
	return rc < 0 ? rc : 0;
}

/* Whether what comes next is listed (< 0), there (> 0) or both (0). */
static int next_side(const struct verification *verification)
{
	const struct listing *listing = &verification->manifests.listing;
	const struct ssum_tree_entry *entry = verification->entry;

	if (verification->row == listing->count)
		return 1;
	if (!entry)
		return -1;
	return path_order(listed_name(listing, verification->row),
			  listing->rows[verification->row].type == SSUM_TYPE_FOLDER, entry->path,
			  entry->type == SSUM_TYPE_FOLDER);
}

/* A manifest is no entry, unless one of them lists it; nor is what none of them has to list. */
static int skip_what_is_no_entry(struct verification *verification)
{
	int rc = 0;

	while (!rc && verification->entry && next_side(verification) > 0) {
		rc = !manifests_cover(&verification->manifests, verification->entry);
		if (!rc)
			rc = manifest_set_has(&verification->manifests.files, &verification->tree);
		if (rc != 1)
			return rc;
		rc = advance_walk(verification);
	}
	return rc;
}

static int make_job(struct verification *verification, struct verify_job **made)
{
	int side = next_side(verification);
	size_t rows =
		side <= 0 ? listing_group(&verification->manifests.listing, verification->row) : 0;
	const struct ssum_tree_entry *entry = verification->entry;
	struct verify_job *job = job_new(verification, rows, side > 0 ? entry->path : NULL);
	int rc = 0;

	*made = job;
	if (!job)
		return -ENOMEM;
	verification->row += rows;
	if (side < 0) {
		probe(verification, job);
		operation_due(&verification->operation, &job->job, 0);
		moves_foresee(verification, job);
		return job->missing ? find_expected_length(verification, job) : 0;
	}
	job->type = entry->type;
	job->length = entry->length;
	job->error = entry->error;
	if (!side)
		rc = examine(verification, job);
	operation_due(&verification->operation, &job->job, bytes_due(job));
	moves_foresee(verification, job);
	return rc ? rc : advance_walk(verification);
}

/* The next segment of the job whose segments are being given. */
static int next_part(struct verification *verification, struct span **span)
{
	struct verify_job *job = verification->in_parts;
	int rc = segments_next(job->segments, job->job.path, job, span);

	job->parts += rc == 1;
	if (job->segments->given == job->segments->judgement.count)
		verification->in_parts = NULL;
	return rc;
}

static int next_job(void *user, struct span **span)
{
	struct verification *verification = user;
	struct verify_job *job;
	int rc = 0;

	if (verification->in_parts)
		return next_part(verification, span);
	rc = skip_what_is_no_entry(verification);
	if (rc)
		return rc;
	if (!verification->entry && verification->row == verification->manifests.listing.count)
		return 0;
	rc = make_job(verification, &job);
	if (rc) {
		if (job)
			verify_job_free(job);
		return rc;
	}
	verification->in_parts = job->segments ? job : NULL;
	if (job->segments)
		return next_part(verification, span);
	*span = &job->job.span;
	return 1;
}

/* ---- Done ---- */

/* The job that a span is, or is a part of. */
static struct verify_job *owner_of(struct span *span)
{
	struct job *job = container_of(span, struct job, span);

	return job->owner ? job->owner : job_of(span);
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
		.next = next_job,
		.done = job_done,
		.drop = job_drop,
		.user = verification,
		.files = 1,
	};
	int rc = tree_init(&verification->tree, verification->operation.context, verification->root,
			   selection_of(&verification->options));

	if (rc)
		return rc;
	rc = advance_walk(verification);
	if (!rc)
		rc = operation_run(&verification->operation, client);
	if (verification->in_parts)
		verify_job_free(verification->in_parts);
	tree_clear(&verification->tree);
	return rc ? rc : moves_tell(verification);
}

/* A journal is of this work alone: of the folder, and of what its manifests say. */
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

	if (verification->content_hash_differs || count[SSUM_DIFFERENT] || count[SSUM_MISSING] ||
	    (count[SSUM_EXTRA] && !verification->options.allow_extra))
		return SSUM_DIFFERS;
	if (count[SSUM_UNREADABLE] || count[SSUM_UNSTABLE] || count[SSUM_FALSE_HOLE] ||
	    count[SSUM_BAD_LINE])
		return SSUM_ERR_UNDECIDED;
	return SSUM_SAME;
}

static int verify(struct verification *verification, const char *folder)
{
	int rc;

	verification->root = folder_open(folder);
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

int ssum_verify(struct ssum_context *context, const char *folder,
		const struct ssum_verify_options *options, struct ssum_summary *summary)
{
	struct verification verification = {.root = -1, .resume.fd = -1};
	int rc = options_take(&verification.options, sizeof(verification.options), options);

	operation_begin(&verification.operation, context, verification.options.report,
			verification.options.user);
	verification.operation.folder = folder;
	if (!rc)
		rc = verify(&verification, folder);
	held_free(&verification.held);
	verification.operation.summary.journal_taken = resume_end(&verification.resume, rc);
	manifests_free(&verification.manifests);
	if (verification.root >= 0)
		close(verification.root);
	return operation_end(&verification.operation, rc, summary, folder);
}
