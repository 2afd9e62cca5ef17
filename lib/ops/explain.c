/* SPDX-License-Identifier: MIT */
/* Find out why a digest is not that of a file. */
#include "ops/explain.h"

#include <string.h>

#include "base/context.h"
#include "digest/digest.h"

int explain_job_init(struct explain_job *explain, const char *name,
		     const struct ssum_digest *expected, const struct ssum_checkpoints *checkpoints)
{
	struct algorithm *algorithm = &explain->algorithm;
	struct algorithms *others = &explain->others;
	int rc = name ? algorithm_find(name, algorithm) : 0;

	if (!rc)
		rc = algorithms_of_length(expected->length, others);
	if (rc)
		return rc;
	/* Without a name, or if the named algorithm has digests of another length, use the first
	   algorithm with digests of this length. */
	if (algorithm->digest_length != expected->length) {
		explain->is_other = name;
		algorithm_release(algorithm);
		rc = others->count ? algorithm_find(others->rows[0].name, algorithm)
				   : SSUM_ERR_MALFORMED;
		if (rc)
			return rc;
	}
	for (size_t i = 0; i < others->count; i++) {
		if (strcmp(others->rows[i].name, algorithm->name) != 0)
			continue;
		algorithm_release(&others->rows[i]);
		others->rows[i] = others->rows[--others->count];
		break;
	}

	bool are_of_it = checkpoints && checkpoints->interval &&
			 checkpoints_are_of(checkpoints, algorithm, expected);
	explain_sink_init(&explain->sink, algorithm, others, expected,
			  are_of_it ? checkpoints : NULL);
	explain->file.asks_always = true;
	explain->job.span = (struct span){
		.source = &explain->file.source, .sink = &explain->sink.sink, .end = SPAN_TO_END};
	return 0;
}

void explain_job_clear(struct explain_job *explain)
{
	algorithm_release(&explain->algorithm);
	algorithms_release(&explain->others);
}

void explain_job_done(struct explain_job *explain)
{
	const uint64_t by_map =
		UINT64_C(1) << SSUM_CAUSE_TRAILING_HOLE | UINT64_C(1) << SSUM_CAUSE_ALLOCATED;
	struct ssum_explanation *explanation = &explain->sink.explanation;

	explain_formats(&explain->sink, explain->job.path, explanation);
	/* If the file system was not asked for holes, these causes were not tested. */
	if (!explain->file.map.ask)
		explanation->tested &= ~by_map;
	/* For these two causes the detail is the name of the algorithm. */
	bool is_named = explanation->cause == SSUM_CAUSE_ALGORITHM ||
			explanation->cause == SSUM_CAUSE_EMPTY;
	memcpy(explanation->algorithm, is_named ? explanation->detail : explain->algorithm.name,
	       sizeof(explanation->algorithm));
	if (is_named)
		memset(explanation->detail, 0, sizeof(explanation->detail));
	if (explain->is_other && explanation->cause == SSUM_CAUSE_MATCHES) {
		explanation->cause = SSUM_CAUSE_ALGORITHM;
		explanation->fits = UINT64_C(1) << SSUM_CAUSE_ALGORITHM;
	}
	if (explanation->cause == SSUM_CAUSE_MATCHES)
		explanation->fits = UINT64_C(1) << SSUM_CAUSE_MATCHES;
}

int ssum_explain_file(struct ssum_context *context, const char *path, const char *algorithm,
		      const char *digest, const struct ssum_checkpoints *checkpoints,
		      struct ssum_explanation *result)
{
	struct explain_job explain = {.job.path = path};
	struct ssum_explanation *explanation = &explain.sink.explanation;
	struct operation operation;
	struct digest_text read = {.spelling = NULL};
	const char *culprit = path;
	struct stat st;
	int rc;

	operation_begin(&operation, context, NULL, NULL);
	rc = options_check_out(result);
	if (!rc)
		rc = digest_read(digest, &read);
	file_source_named(&explain.file, path, operation.context->options.holes);
	explain.file.devices = &operation.devices;
	if (!rc)
		rc = explain_job_init(&explain, *read.algorithm ? read.algorithm : algorithm,
				      &read.digest, checkpoints);
	/* The text names its algorithm, but the caller names another one. */
	if (!rc && algorithm &&
	    !algorithm_is_named(&explain.algorithm, algorithm, strlen(algorithm)))
		explain.is_other = true;
	if (!rc && !stat(path, &st))
		operation_due(&operation, &explain.job, (uint64_t)st.st_size);
	if (!rc)
		rc = operation_run_job(&operation, &explain.job);
	if (rc)
		goto out;
	explain_job_done(&explain);
	/* The file's own digest, but written in a way that other programs do not accept. */
	explanation->tested |= UINT64_C(1) << SSUM_CAUSE_SPELLING;
	if (read.spelling && explanation->cause == SSUM_CAUSE_MATCHES) {
		explanation->fits |= UINT64_C(1) << SSUM_CAUSE_SPELLING;
		explanation->cause = SSUM_CAUSE_SPELLING;
		strcpy(explanation->detail, read.spelling);
	}
	rc = explanation->fits & UINT64_C(1) << SSUM_CAUSE_MATCHES ? SSUM_HOLDS : SSUM_DIFFERS;
	options_copy_out(result, explanation, sizeof(*explanation));
out:
	explain_job_clear(&explain);
	if (rc == SSUM_ERR_MALFORMED || rc == SSUM_ERR_ALGORITHM)
		culprit = rc == SSUM_ERR_MALFORMED ? digest
			  : *read.algorithm        ? read.algorithm
						   : algorithm;
	return operation_end(&operation, rc, NULL, culprit);
}
