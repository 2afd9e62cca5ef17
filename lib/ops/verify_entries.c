/* SPDX-License-Identifier: MIT */
/*
 * The entries of a verification. The listing and the walk of the directory are both sorted, and are
 * merged: each path that is listed, or exists, or both, becomes a job. The pool runs the spans of
 * the job, then the job is judged and reported.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/opening.h"
#include "ops/verification.h"

/* ---- Jobs -------------------------------------------------------------------------------- */

static void verify_job_free(struct verify_job *job)
{
	if (!job)
		return;
	segments_free(job->segments);
	explanation_free(job);
	resumable_clear(&job->hash);
	free(job->own_path);
	free(job->other_name);
	free(job->target);
	free(job);
}

/* A job for the next rows of the listing, or, with row_count 0, for a path that is not listed. */
static struct verify_job *verify_job_new(const struct verification *verification, size_t row_count,
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
	job->job.path = job->own_path = strdup(path);
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

/*
 * Prepare a listed path that the walk did not find. It is missing if it still does not exist, or
 * if the file system finds it but its directory lists it under another name. 0 or a code.
 */
static int prepare_listed(struct verification *verification, struct verify_job *job)
{
	int listed = 0;

	job->error = beneath_type(verification->root, job->job.path, &job->type);
	if (!job->error && job->type != SSUM_TYPE_UNKNOWN)
		listed = names_look_up(&verification->lookup, verification->operation.context,
				       verification->root, job->job.path, &job->other_name);
	if (listed == -ENOMEM || listed == SSUM_ERR_CANCELLED)
		return listed;
	if (listed < 0)
		job->error = listed;
	job->missing = !job->error && !listed;
	if (job->missing)
		job->type = SSUM_TYPE_UNKNOWN;
	/* It exists with a listed type: it was created during the walk. This proves nothing for a
	   directory, since the walk reports only empty ones. */
	if (!job->error && !job->missing && job->type != SSUM_TYPE_DIRECTORY &&
	    is_listed_as(verification, job, job->type))
		job->error = SSUM_ERR_CHANGED;
	operation_due(&verification->operation, &job->job, 0);
	return job->missing ? find_expected_length(verification, job) : 0;
}

/* Prepare a path that the walk found, listed or not. It is opened only if it has a listed type. 0
   or a code. */
static int prepare_found(struct verification *verification, struct verify_job *job)
{
	const struct ssum_tree_entry *entry = verification->tree.current;
	const struct listed *rows = rows_of(verification, job);
	bool has_listed_digest = false, has_length = true;
	uint64_t due = 0;
	int rc = 0;

	job->type = entry->type;
	job->length = entry->length;
	job->error = entry->error;
	for (size_t i = 0; i < job->row_count; i++) {
		has_listed_digest |= has_digest(&rows[i]);
		has_length &= has_listed_length(&rows[i], job->length);
	}
	if (!job->error && is_listed_as(verification, job, job->type)) {
		if (job->type == SSUM_TYPE_SYMLINK)
			job->error =
				beneath_readlink(verification->root, job->job.path, &job->target);
		/* A file of another length differs without being read. */
		job->is_read = job->type == SSUM_TYPE_FILE && has_listed_digest && has_length;
	}
	if (job->is_read)
		rc = divide_into_segments(verification, job);
	if (!rc && job->segments) {
		due = job->length - job->segments->skipped;
	} else if (!rc && job->is_read) {
		rc = resumable_set(&job->hash, &verification->hashing, job->length);
		due = resumable_due(&job->hash, job->length);
	}
	operation_due(&verification->operation, &job->job, due);
	return rc;
}

/* ---- The merge --------------------------------------------------------------------------- */

/* Whether the next path is only listed (< 0), only there (> 0), or both (0). */
static int entries_order(const struct verification *verification)
{
	const struct listing *listing = &verification->manifests.listing;
	const struct ssum_tree_entry *entry = verification->tree.current;
	size_t row = verification->row;

	if (row == listing->count || !entry)
		return (row == listing->count) - !entry;
	return path_order(listed_name(listing, row), listing->rows[row].type == SSUM_TYPE_DIRECTORY,
			  entry->path, entry->type == SSUM_TYPE_DIRECTORY);
}

/* Skip entries that are not listed and need not be: paths that no manifest has to list, and the
   manifests themselves. 0 or a code. */
static int skip_not_covered(struct verification *verification)
{
	const struct manifests *manifests = &verification->manifests;
	struct ssum_tree *tree = &verification->tree;
	int rc = 0;

	while (!rc && tree->current && entries_order(verification) > 0 &&
	       (!manifests_cover(manifests, tree->current) ||
		manifest_set_has(&manifests->files, tree)))
		rc = walk_advance(tree);
	return rc;
}

/* The next segment of the job that is being divided. */
static int next_segment_span(struct verification *verification, struct span **span)
{
	struct verify_job *job = verification->dividing;
	int rc = segments_next(job->segments, job->job.path, job, span);

	if (job->segments->next == job->segments->judgement.count)
		verification->dividing = NULL;
	return rc;
}

/* The next span for the pool: a segment, or the span of the next job. 1, 0 or a code. */
static int next_entry_span(void *user, struct span **span)
{
	struct verification *verification = user;
	const struct listing *listing = &verification->manifests.listing;
	struct ssum_tree *tree = &verification->tree;
	struct verify_job *job;
	size_t row_count = 0;
	int order, rc;

	if (verification->dividing)
		return next_segment_span(verification, span);
	rc = skip_not_covered(verification);
	if (rc)
		return rc;
	if (!tree->current && verification->row == listing->count)
		return 0;

	order = entries_order(verification);
	if (order <= 0)
		row_count = listing_group(listing, verification->row);
	job = verify_job_new(verification, row_count, tree->current ? tree->current->path : NULL);
	if (!job)
		return -ENOMEM;
	verification->row += row_count;
	if (order < 0) {
		rc = prepare_listed(verification, job);
	} else {
		rc = prepare_found(verification, job);
		if (!rc)
			rc = walk_advance(tree);
	}
	if (rc) {
		verify_job_free(job);
		return rc;
	}
	moves_expect(verification, job);
	if (job->segments) {
		verification->dividing = job;
		return next_segment_span(verification, span);
	}
	/* An entry that is not read has a span of no bytes. */
	*span = &job->job.span;
	return 1;
}

/* ---- Spans that have ended --------------------------------------------------------------- */

/* The job of a span: the span is the job's own, or of one of its segments, or of its explanation.
 */
static struct verify_job *span_owner(struct span *span)
{
	struct job *job = container_of(span, struct job, span);

	return job->owner ? job->owner : container_of(job, struct verify_job, job);
}

static bool is_explanation(const struct verify_job *job, const struct span *span)
{
	return job->explain && span == &job->explain->job.span;
}

/* Free a job, unless some of its segments have not been returned yet. */
static void release_job(struct verify_job *job)
{
	if (!job->segments || segments_finished(job->segments))
		verify_job_free(job);
}

/* Report a job that was judged, unless it is held until the end of the walk. 0 or a code. */
static int finish_job(struct verification *verification, struct verify_job *job)
{
	int rc = 0;

	if (moves_hold(verification, job))
		return 0;
	rc = result_report(verification, job);
	release_job(job);
	return rc;
}

/* Report the jobs that waited for a proof of the algorithm. 0 or a code. */
static int finish_doubtful(struct verification *verification)
{
	struct held *doubtful = &verification->doubtful;
	int rc = 0;

	for (size_t i = 0; i < doubtful->count; i++) {
		guess_give_up(verification, doubtful->jobs[i]);
		if (rc)
			release_job(doubtful->jobs[i]);
		else
			rc = finish_job(verification, doubtful->jobs[i]);
	}
	doubtful->count = 0;
	return rc;
}

/* Report a job, or hold it, and all after it, until a digest proves the algorithm that was guessed.
   0 or a code. */
static int finish_in_order(struct verification *verification, struct verify_job *job)
{
	struct held *doubtful = &verification->doubtful;
	int rc = 0;

	guess_learn(verification, job);
	if (!verification->guess_is_proven &&
	    (doubtful->count || guess_is_doubtful(verification, job))) {
		rc = array_reserve(&doubtful->jobs, &doubtful->capacity, doubtful->count + 1,
				   sizeof(*doubtful->jobs));
		if (rc)
			release_job(job);
		else
			doubtful->jobs[doubtful->count++] = job;
		return rc;
	}
	rc = finish_doubtful(verification);
	if (rc)
		release_job(job);
	return rc ? rc : finish_job(verification, job);
}

static int entry_span_done(void *user, struct span *span, struct span **follow_up)
{
	struct verification *verification = user;
	struct verify_job *job = span_owner(span);
	int rc = 0;

	if (!is_explanation(job, span)) {
		if (job->segments) {
			rc = segment_returned(verification, job, span, follow_up);
			if (!rc && (*follow_up || !segments_finished(job->segments)))
				return 0;
		} else if (job->is_read && resumable_done(&job->hash, &job->length)) {
			/* The file has changed since the journal was written: hash all of it. */
			*follow_up = span;
			return 0;
		}
		if (!rc) {
			result_make(verification, job);
			rc = explanation_begin(verification, job, follow_up);
		}
		if (!rc && *follow_up)
			return 0;
	}
	if (!rc) {
		explanation_finish(verification, job);
		return finish_in_order(verification, job);
	}
	release_job(job);
	return rc;
}

/* A span will not run, because the operation was stopped. */
static void entry_span_drop(void *user, struct span *span)
{
	struct verify_job *job = span_owner(span);

	(void)user;
	if (job->segments && !is_explanation(job, span))
		segments_drop(job->segments, span);
	release_job(job);
}

int verify_entries(struct verification *verification)
{
	const struct pool_client client = {
		.next = next_entry_span,
		.done = entry_span_done,
		.drop = entry_span_drop,
		.user = verification,
		.files = 1,
	};
	struct held *held = &verification->held;
	int rc = walk_init(&verification->tree, verification->operation.context, verification->root,
			   &verification->options.filter);

	if (!rc)
		rc = walk_advance(&verification->tree);
	if (!rc)
		rc = operation_run(&verification->operation, client);
	verify_job_free(verification->dividing);
	walk_clear(&verification->tree);
	names_lookup_free(&verification->lookup);

	if (!rc)
		rc = finish_doubtful(verification);
	for (size_t i = 0; i < verification->doubtful.count; i++)
		verify_job_free(verification->doubtful.jobs[i]);
	free(verification->doubtful.jobs);
	if (!rc)
		rc = moves_find(verification);
	for (size_t i = 0; i < held->count && !rc; i++)
		rc = result_report(verification, held->jobs[i]);
	for (size_t i = 0; i < held->count; i++)
		verify_job_free(held->jobs[i]);
	free(held->jobs);
	return rc;
}
