/* SPDX-License-Identifier: MIT */
/* Why does it not match? One file and one digest. */
#include "ops/explain.h"

#include <string.h>

#include "base/context.h"
#include "digest/digest.h"

static const struct {
	const char *name;
	int intact;
} causes[SSUM_CAUSE_COUNT] = {
	[SSUM_CAUSE_UNKNOWN] = {"unknown", -1},
	[SSUM_CAUSE_MATCHES] = {"matches", 1},
	[SSUM_CAUSE_SPELLING] = {"spelling", 1},
	[SSUM_CAUSE_BYTE_ORDER] = {"byte order", 1},
	[SSUM_CAUSE_ALGORITHM] = {"algorithm", 1},
	[SSUM_CAUSE_EMPTY] = {"empty", -1},
	[SSUM_CAUSE_MANIFEST] = {"manifest", -1},
	[SSUM_CAUSE_OTHER_ENTRY] = {"other entry", 0},
	[SSUM_CAUSE_TRAILING_HOLE] = {"trailing hole", 1},
	[SSUM_CAUSE_ALLOCATED] = {"allocated", 1},
	[SSUM_CAUSE_ZEROS_DROPPED] = {"zeros dropped", -1},
	[SSUM_CAUSE_ZERO_BLOCKS] = {"zero blocks", 1},
	[SSUM_CAUSE_PADDED] = {"padded", -1},
	[SSUM_CAUSE_ALL_ZEROS] = {"all zeros", -1},
	[SSUM_CAUSE_LINE_ENDINGS] = {"line endings", -1},
	[SSUM_CAUSE_BYTE_ORDER_MARK] = {"byte order mark", -1},
	[SSUM_CAUSE_CUT] = {"cut", -1},
	[SSUM_CAUSE_UNFINISHED] = {"unfinished", 0},
	[SSUM_CAUSE_DAMAGED] = {"damaged", 0},
	[SSUM_CAUSE_CONTRADICTED] = {"contradicted", -1},
};

const char *ssum_cause_name(enum ssum_cause cause)
{
	return (unsigned)cause < SSUM_CAUSE_COUNT ? causes[cause].name : "unknown";
}

int intact_by_cause(enum ssum_cause cause)
{
	return causes[cause].intact;
}

/* ---- The job ---- */

static bool are_of(const struct ssum_checkpoints *checkpoints, const struct algorithm *algorithm,
		   const struct ssum_digest *digest)
{
	return checkpoints && checkpoints->interval &&
	       checkpoints_are_of(checkpoints, algorithm, digest);
}

/* The algorithm that was asked for; or another one, if its digests are of another length. */
static int choose_algorithm(struct explain_job *explain, const char *name, size_t length)
{
	struct algorithms *others = &explain->others;
	int rc = name ? algorithm_find(name, &explain->algorithm) : 0;

	if (!rc)
		rc = algorithms_of_length(length, others);
	if (rc || explain->algorithm.digest_length == length)
		return rc;
	explain->is_other = name;
	algorithm_release(&explain->algorithm);
	return others->count ? algorithm_find(others->rows[0].name, &explain->algorithm)
			     : SSUM_ERR_MALFORMED;
}

/* The algorithm itself is not one of the others. */
static void leave_out(struct algorithms *others, const char *name)
{
	for (size_t i = 0; i < others->count; i++) {
		if (strcmp(others->rows[i].name, name))
			continue;
		algorithm_release(&others->rows[i]);
		others->rows[i] = others->rows[--others->count];
		return;
	}
}

int explain_job_init(struct explain_job *explain, const char *name,
		     const struct ssum_digest *expected, const struct ssum_checkpoints *checkpoints)
{
	int rc = choose_algorithm(explain, name, expected->length);

	if (rc)
		return rc;
	leave_out(&explain->others, explain->algorithm.name);
	explain_sink_init(&explain->sink, &explain->algorithm, &explain->others, expected,
			  are_of(checkpoints, &explain->algorithm, expected) ? checkpoints : NULL);
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

void explain_job_leave_others(struct explain_job *explain)
{
	algorithms_release(&explain->others);
}

static const uint64_t of_the_map =
	UINT64_C(1) << SSUM_CAUSE_TRAILING_HOLE | UINT64_C(1) << SSUM_CAUSE_ALLOCATED;

/* The name of the algorithm that fits stands in the detail until here. */
static void name_algorithm(const struct explain_job *explain, struct ssum_explanation *explanation)
{
	bool is_named = explanation->cause == SSUM_CAUSE_ALGORITHM ||
			explanation->cause == SSUM_CAUSE_EMPTY;

	memcpy(explanation->algorithm, is_named ? explanation->detail : explain->algorithm.name,
	       sizeof(explanation->algorithm));
	if (is_named)
		memset(explanation->detail, 0, sizeof(explanation->detail));
}

void explain_job_done(struct explain_job *explain)
{
	struct ssum_explanation *explanation = &explain->sink.explanation;

	if (!explain->file.map.ask)
		explanation->tested &= ~of_the_map;
	name_algorithm(explain, explanation);
	if (explain->is_other && explanation->cause == SSUM_CAUSE_MATCHES) {
		explanation->cause = SSUM_CAUSE_ALGORITHM;
		explanation->fits = UINT64_C(1) << SSUM_CAUSE_ALGORITHM;
	}
	if (explanation->cause == SSUM_CAUSE_MATCHES)
		explanation->fits = UINT64_C(1) << SSUM_CAUSE_MATCHES;
	explanation->intact = intact_by_cause(explanation->cause);
}

/* ---- For callers of the library ---- */

/* The file's own digest, but written in a way that programs do not read. */
static void judge_spelling(struct ssum_explanation *explanation, const char *spelling)
{
	explanation->tested |= UINT64_C(1) << SSUM_CAUSE_SPELLING;
	if (!spelling || explanation->cause != SSUM_CAUSE_MATCHES)
		return;
	explanation->fits |= UINT64_C(1) << SSUM_CAUSE_SPELLING;
	explanation->cause = SSUM_CAUSE_SPELLING;
	strcpy(explanation->detail, spelling);
}

static int explain(struct operation *operation, struct explain_job *job, const char *name,
		   const char *text, const struct ssum_checkpoints *checkpoints)
{
	struct ssum_digest expected;
	const char *spelling;
	struct stat st;
	int rc = digest_read(text, &expected, &spelling);

	file_source_named(&job->file, job->job.path, operation->context->options.holes);
	job->file.devices = &operation->devices;
	if (!rc)
		rc = explain_job_init(job, name, &expected, checkpoints);
	if (!rc && !stat(job->job.path, &st))
		operation_due(operation, &job->job, (uint64_t)st.st_size);
	if (!rc)
		rc = operation_run_job(operation, &job->job);
	if (rc)
		return rc;
	explain_job_done(job);
	judge_spelling(&job->sink.explanation, spelling);
	return job->sink.explanation.fits & UINT64_C(1) << SSUM_CAUSE_MATCHES ? SSUM_HOLDS
									      : SSUM_DIFFERS;
}

int ssum_explain_file(struct ssum_context *context, const char *path, const char *algorithm,
		      const char *digest, const struct ssum_checkpoints *checkpoints,
		      struct ssum_explanation *explanation)
{
	struct explain_job job = {.job.path = path};
	struct operation operation;
	int rc;

	operation_begin(&operation, context, NULL, NULL);
	rc = explain(&operation, &job, algorithm, digest, checkpoints);
	if (rc >= 0 &&
	    options_give(explanation, &job.sink.explanation, sizeof(job.sink.explanation)))
		rc = SSUM_ERR_OPTIONS;
	explain_job_clear(&job);
	if (rc == SSUM_ERR_MALFORMED || rc == SSUM_ERR_ALGORITHM)
		path = rc == SSUM_ERR_MALFORMED ? digest : algorithm;
	return operation_end(&operation, rc, NULL, path);
}
