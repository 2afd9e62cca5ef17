/* SPDX-License-Identifier: MIT */
/* The walk of a directory meets what its manifests list: what is to be verified, entry by entry. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/opening.h"
#include "ops/verification.h"
#include "manifest/listing.h"

/* ---- Jobs ---- */

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

	/* There after all, as it is listed: it came after the walk had passed. A directory is no
	   such case: the walk goes through those that are not empty. */
	if (!job->error && !job->missing && job->type != SSUM_TYPE_DIRECTORY &&
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
			  listing->rows[verification->row].type == SSUM_TYPE_DIRECTORY, entry->path,
			  entry->type == SSUM_TYPE_DIRECTORY);
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

int merge_next(void *user, struct span **span)
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

int merge_begin(struct verification *verification)
{
	int rc = walk_init(&verification->tree, verification->operation.context, verification->root,
			   &verification->options.filter);

	return rc ? rc : advance_walk(verification);
}

void merge_end(struct verification *verification)
{
	if (verification->in_parts)
		verify_job_free(verification->in_parts);
	walk_clear(&verification->tree);
}
