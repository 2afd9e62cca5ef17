/* SPDX-License-Identifier: MIT */
/*
 * Manifests that do not name their algorithm. Digests of 64 digits are taken for SHA-256, but may
 * also be of another algorithm, such as BLAKE3. So a difference proves nothing before one digest
 * holds.
 */
#include <string.h>

#include "ops/verification.h"

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

	return !verification->guess_is_proven && result->verdict == SSUM_DIFFERS &&
	       result->manifest && result->manifest->is_guessed && job->is_read;
}

void guess_give_up(const struct verification *verification, struct verify_job *job)
{
	if (!guess_is_doubtful(verification, job))
		return;
	job->result.verdict = SSUM_UNDECIDED;
	job->result.error = SSUM_ERR_ALGORITHM;
}
