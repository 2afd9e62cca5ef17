/* SPDX-License-Identifier: MIT */
/*
 * Manifests that do not name their algorithm. Digests of 64 digits are taken for SHA-256, but may
 * also be of an algorithm that cannot be computed, such as BLAKE3. Those of other lengths may be of
 * the other algorithms that explain tests, such as BLAKE2b. So a difference proves nothing before
 * one digest holds, or before these tests.
 */
#include <string.h>

#include "ops/verification.h"

#define BLAKE3_LENGTH 32

void guess_learn(struct verification *verification, const struct verify_job *job)
{
	const struct entry_result *result = &job->result;
	const struct ssum_explanation *explanation = result->explanation;
	const struct manifests *manifests = &verification->manifests;

	verification->guess_is_proven |=
		(result->agreeing && result->agreeing->is_guessed) || job->segments;
	/* The cause of a difference is proven by a digest of this algorithm too, unless the cause
	   is another algorithm. */
	if (explanation && explanation->cause != SSUM_CAUSE_UNKNOWN &&
	    explanation->cause != SSUM_CAUSE_ALGORITHM && result->manifest->is_guessed)
		verification->guess_is_proven |=
			!strcmp(explanation->algorithm,
				manifests->algorithms.rows[result->manifest->algorithm].name);
}

bool guess_is_doubtful(const struct verification *verification, const struct verify_job *job)
{
	const struct entry_result *result = &job->result;
	const struct ssum_explanation *explanation = result->explanation;
	const struct algorithm *algorithms = verification->manifests.algorithms.rows;

	if (verification->guess_is_proven || result->verdict != SSUM_DIFFERS || !job->is_read ||
	    !result->manifest || !result->manifest->is_guessed)
		return false;
	return algorithms[result->manifest->algorithm].digest_length == BLAKE3_LENGTH ||
	       !explanation || explanation->cause == SSUM_CAUSE_ALGORITHM ||
	       !(explanation->tested & 1U << SSUM_CAUSE_ALGORITHM);
}

void guess_give_up(const struct verification *verification, struct verify_job *job)
{
	if (!guess_is_doubtful(verification, job))
		return;
	job->result.verdict = SSUM_UNDECIDED;
	job->result.error = SSUM_ERR_ALGORITHM;
}
