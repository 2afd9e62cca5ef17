/* SPDX-License-Identifier: MIT */
/*
 * Content that moved. What is missing and what is extra is held back until the walk is over. Where
 * there are files of both kinds, the extra ones are hashed then, and a missing one whose digests
 * an extra one has is there under that name. No verdict depends on it, so whatever goes wrong here
 * only leaves something unsaid.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "ops/moves.h"
#include "ops/verification.h"

/* Missing ones that are held back, and extra ones; more are told at once. */
#define HELD_MAX 4096

/* The first row of a path that has a digest, or NULL. */
static const struct listed *first_digest(const struct verification *verification,
					 const struct verify_job *job)
{
	const struct listed *rows = rows_of(verification, job);

	for (size_t i = 0; i < job->row_count; i++)
		if (has_digest(&rows[i]))
			return &rows[i];
	return NULL;
}

/* One that can be recognised. */
static bool is_missing_file(const struct verification *verification, const struct verify_job *job)
{
	return job->missing && rows_of(verification, job)->type == SSUM_TYPE_FILE &&
	       first_digest(verification, job);
}

static bool is_extra_file(const struct verify_job *job)
{
	return !job->row_count && !job->error && job->type == SSUM_TYPE_FILE;
}

void moves_foresee(struct verification *verification, const struct verify_job *job)
{
	struct held *held = &verification->held;

	held->foreseen_missing |= is_missing_file(verification, job);
	held->foreseen_extra |= is_extra_file(job);
	verification->operation.goes_on = held->foreseen_missing && held->foreseen_extra;
}

static bool append(struct held *held, struct verify_job *job)
{
	if (array_reserve(&held->jobs, &held->capacity, held->count + 1,
			  sizeof(struct verify_job *)))
		return false;
	held->jobs[held->count++] = job;
	return true;
}

bool moves_hold(struct verification *verification, struct verify_job *job)
{
	struct held *held = &verification->held;
	bool missing = is_missing_file(verification, job);
	size_t *count = missing ? &held->missing : &held->extra;

	if ((!missing && !is_extra_file(job)) || *count == HELD_MAX || !append(held, job))
		return false;
	++*count;
	return true;
}

/* ---- The extra files are hashed ---- */

struct pass {
	struct verification *verification;
	size_t next; /* of those held */
};

/* Whether a missing one may be that long: it may, unless checkpoints say otherwise of each. */
static bool may_be_missed(const struct held *held, uint64_t length)
{
	for (size_t i = 0; i < held->count; i++) {
		const struct verify_job *job = held->jobs[i];

		if (job->missing && (!job->expected_length || job->expected_length == length))
			return true;
	}
	return false;
}

static int next_extra(void *user, struct span **span)
{
	struct pass *pass = user;
	struct verification *verification = pass->verification;
	struct held *held = &verification->held;

	while (pass->next < held->count) {
		struct verify_job *job = held->jobs[pass->next++];
		int rc;

		if (job->missing || !may_be_missed(held, job->length))
			continue;
		rc = resumable_set(&job->hash, &verification->hashing, job->length);
		if (rc)
			return rc;
		job->job.span.weight = resumable_due(&job->hash, job->length);
		verification->operation.bytes_due += job->job.span.weight;
		*span = &job->job.span;
		return 1;
	}
	return 0;
}

static int extra_done(void *user, struct span *span, struct span **instead)
{
	struct verification *verification = ((struct pass *)user)->verification;
	struct verify_job *job = container_of(span, struct verify_job, job.span);
	uint64_t length;

	if (resumable_done(&job->hash, &length)) {
		*instead = span;
		return 0;
	}
	if (span->result)
		return 0;
	job->is_hashed = true;
	job->length = length;
	verification->operation.summary.bytes += length;
	return 0;
}

/* They are freed with those held. */
static void extra_drop(void *user, struct span *span)
{
	(void)user;
	(void)span;
}

static int hash_extra(struct verification *verification)
{
	struct pass pass = {.verification = verification};

	operation_goes_on(&verification->operation);
	return operation_run(&verification->operation, (struct pool_client){.next = next_extra,
									    .done = extra_done,
									    .drop = extra_drop,
									    .user = &pass,
									    .files = 1});
}

/* ---- They are matched ---- */

/* All that is listed of a missing file has to fit, by whatever algorithm. */
static bool fits(void *user, const void *missing, const void *extra)
{
	const struct verification *verification = user;
	const struct manifests *manifests = &verification->manifests;
	const struct verify_job *gone = missing, *there = extra;
	const struct listed *rows = rows_of(verification, gone);

	for (size_t i = 0; i < gone->row_count; i++) {
		const struct ssum_digest *digest = &there->digests[rows[i].algorithm];

		if (rows[i].type != SSUM_TYPE_FILE || !has_listed_length(&rows[i], there->length) ||
		    (has_digest(&rows[i]) &&
		     memcmp(listed_target(&manifests->listing, gone->row + i), digest->bytes,
			    digest->length)))
			return false;
	}
	return true;
}

static void take_pair(void *user, void *missing, void *extra)
{
	struct verify_job *gone = missing, *there = extra;

	(void)user;
	gone->moved = there->job.path;
	gone->expected_length = there->length;
	there->moved = gone->job.path;
}

/* Those whose first digest is by one algorithm. */
static int match(struct verification *verification, size_t algorithm)
{
	const struct manifests *manifests = &verification->manifests;
	struct moves moves = {.digest_length = manifests->algorithms.rows[algorithm].digest_length,
			      .fits = fits,
			      .take = take_pair,
			      .user = verification};
	const struct held *held = &verification->held;
	int rc = 0;

	for (size_t i = 0; i < held->count && !rc; i++) {
		struct verify_job *job = held->jobs[i];
		const struct listed *first = job->missing ? first_digest(verification, job) : NULL;

		if (job->moved)
			continue;
		if (first && first->algorithm == algorithm)
			rc = moves_add_missing(
				&moves, job->job.path,
				listed_target(&manifests->listing,
					      (size_t)(first - manifests->listing.rows)),
				job);
		else if (!first && job->is_hashed)
			rc = moves_add_extra(&moves, job->job.path, job->digests[algorithm].bytes,
					     !job->length, job);
	}
	if (!rc)
		moves_pair(&moves);
	moves_free(&moves);
	return rc;
}

/* ---- They are told ---- */

int moves_tell(struct verification *verification)
{
	struct held *held = &verification->held;
	int rc = 0;

	verification->operation.goes_on = false;
	if (held->missing && held->extra) {
		rc = hash_extra(verification);
		for (size_t i = 0; i < verification->manifests.algorithms.count && !rc; i++)
			rc = match(verification, i);
	}
	rc = rc == SSUM_ERR_CANCELLED ? rc : 0;
	for (size_t i = 0; i < held->count && !rc; i++) {
		/* That an extra file could not be read for this is no verdict on it. */
		held->jobs[i]->job.span.result = 0;
		rc = judge_and_report(verification, held->jobs[i]);
	}
	return rc;
}

void held_free(struct held *held)
{
	for (size_t i = 0; i < held->count; i++)
		verify_job_free(held->jobs[i]);
	free(held->jobs);
	*held = (struct held){0};
}
