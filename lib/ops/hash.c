/* SPDX-License-Identifier: MIT */
/* Hashing of one file, and of many side by side. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/context.h"
#include "engine/digest_sink.h"
#include "io/file_source.h"
#include "io/opening.h"
#include "ops/operation.h"

struct hashing {
	struct operation operation;
	struct ssum_hash_options options;
	struct algorithms algorithms;
	int directory;                /* that the paths are below, or -1 */
	struct hash_job *asked_first; /* the inputs that the pool does not have yet, or NULL */
	struct hash_job *asked_second;
	bool is_at_end; /* of the inputs */
	bool is_lost;   /* there was no memory for an input, */
	void *lost;     /* and this is its item */
};

struct hash_job {
	struct job job;
	struct file_source file;
	struct digest_sink sink;
	char *path;
	void *item;
	struct ssum_digest digests[];
};

static void hash_job_free(struct hash_job *job)
{
	if (job)
		free(job->path);
	free(job);
}

/* NULL: no memory. */
static struct hash_job *hash_job_new(struct hashing *hashing, const struct ssum_input *input)
{
	const struct algorithms *algorithms = &hashing->algorithms;
	enum ssum_holes holes = hashing->operation.context->options.holes;
	struct hash_job *job =
		calloc(1, sizeof(*job) + algorithms->count * sizeof(job->digests[0]));

	if (job && input->path)
		job->path = strdup(input->path);
	if (!job || (input->path && !job->path)) {
		free(job);
		return NULL;
	}
	if (!job->path)
		file_source_descriptor(&job->file, input->fd, input->offset, holes);
	else if (hashing->directory >= 0)
		file_source_beneath(&job->file, hashing->directory, job->path, holes);
	else
		file_source_named(&job->file, job->path, holes);
	job->file.devices = &hashing->operation.devices;
	job->file.any_source = hashing->options.any_source;
	digest_sink_init(&job->sink, algorithms, job->digests);
	job->item = input->item;
	job->job.path = job->path;
	job->job.span = (struct span){
		.source = &job->file.source,
		.sink = &job->sink.sink,
		.end = SPAN_TO_END,
		.alone = !input->length && file_source_may_wait(&job->file),
	};
	operation_due(&hashing->operation, &job->job, input->length);
	return job;
}

/* ---- Many files ---- */

/* Ask the caller for an input: 1 and its job, 0 at the end, or a code. */
static int hash_ask(struct hashing *hashing, struct hash_job **job)
{
	struct ssum_input input = {.size = sizeof(input), .fd = -1};
	int rc = hashing->options.input(hashing->options.user, &input);

	hashing->is_at_end = rc <= 0;
	if (rc <= 0)
		return rc;
	*job = hash_job_new(hashing, &input);
	if (*job)
		return 1;
	hashing->is_lost = true;
	hashing->lost = input.item;
	return -ENOMEM;
}

/* Give the result of an input to the caller, with its item, whatever it is. */
static int hash_give_result(struct hashing *hashing, struct hash_job *job)
{
	const struct span *span = &job->job.span;
	const struct ssum_result result = {
		.size = sizeof(result),
		.path = job->path,
		.item = job->item,
		.error = span->result,
		.length = span->length,
		.digest_count = span->result ? 0 : hashing->algorithms.count,
		.digests = job->digests,
	};
	int stop = hashing->options.result(hashing->options.user, &result);

	hash_job_free(job);
	return stop ? SSUM_ERR_CANCELLED : 0;
}

static int hash_pool_next(void *user, struct span **span)
{
	struct hashing *hashing = user;
	struct hash_job *job = hashing->asked_first;
	int rc = 1;

	if (!job)
		rc = hashing->is_at_end ? 0 : hash_ask(hashing, &job);
	if (rc == 1)
		*span = &job->job.span;
	hashing->asked_first = hashing->asked_second;
	hashing->asked_second = NULL;
	return rc;
}

static int hash_pool_done(void *user, struct span *span, struct span **instead)
{
	struct hashing *hashing = user;

	(void)instead;
	hashing->operation.files_done++;
	return hash_give_result(hashing, container_of(span, struct hash_job, job.span));
}

static void hash_pool_drop(void *user, struct span *span)
{
	span->result = SSUM_ERR_CANCELLED;
	hash_give_result(user, container_of(span, struct hash_job, job.span));
}

static int hash_inputs(struct hashing *hashing)
{
	const struct pool_client client = {
		.next = hash_pool_next,
		.done = hash_pool_done,
		.drop = hash_pool_drop,
		.user = hashing,
		.files = 1,
	};
	int rc = hash_ask(hashing, &hashing->asked_first);

	if (rc == 1)
		rc = hash_ask(hashing, &hashing->asked_second);
	struct hash_job *only = hashing->asked_second ? NULL : hashing->asked_first;
	if (!rc && only && !only->job.span.alone) {
		/* A single file needs no pool. */
		if (operation_run_job(&hashing->operation, &only->job) == SSUM_ERR_CANCELLED)
			rc = SSUM_ERR_CANCELLED;
		int stop = hash_give_result(hashing, only);
		return rc ? rc : stop;
	}
	if (rc == 1 || (!rc && only))
		rc = operation_run(&hashing->operation, client);
	/* The run failed before these: the caller still gets their items back. */
	if (hashing->asked_first)
		hash_pool_drop(hashing, &hashing->asked_first->job.span);
	if (hashing->asked_second)
		hash_pool_drop(hashing, &hashing->asked_second->job.span);
	return rc;
}

int ssum_hash_each(struct ssum_context *context, const struct ssum_hash_options *options)
{
	struct hashing hashing = {.directory = -1};
	const char *culprit = NULL;
	int rc;

	operation_begin(&hashing.operation, context, NULL, NULL);
	rc = options_copy_in(&hashing.options, sizeof(hashing.options), options);
	if (!rc && (!hashing.options.input || !hashing.options.result))
		rc = SSUM_ERR_OPTIONS;
	if (rc)
		goto out;
	rc = algorithms_find(hashing.options.algorithms, &hashing.algorithms, &culprit);
	if (rc)
		goto out;
	if (hashing.options.directory && hashing.options.any_source)
		rc = SSUM_ERR_OPTIONS;
	else if (hashing.options.directory) {
		hashing.directory = directory_open(hashing.options.directory);
		if (hashing.directory < 0) {
			culprit = hashing.options.directory;
			rc = hashing.directory;
		}
	}
	if (!rc)
		rc = hash_inputs(&hashing);
	if (hashing.is_lost) { /* after the results of all inputs before it */
		const struct ssum_result lost = {
			.size = sizeof(lost), .item = hashing.lost, .error = SSUM_ERR_CANCELLED};

		hashing.options.result(hashing.options.user, &lost);
	}
	if (hashing.directory >= 0)
		close(hashing.directory);
out:
	algorithms_release(&hashing.algorithms);
	return operation_end(&hashing.operation, rc, NULL, culprit);
}

/* ---- One file ---- */

static int hash_one(struct ssum_context *context, const struct ssum_input *input,
		    const char *algorithm, struct ssum_digest *digest)
{
	const char *const algorithms[] = {algorithm, NULL};
	struct hashing hashing = {.directory = -1};
	const char *culprit = input->path;
	struct hash_job *job = NULL;
	int rc;

	*digest = (struct ssum_digest){0};
	operation_begin(&hashing.operation, context, NULL, NULL);
	rc = algorithms_find(algorithms, &hashing.algorithms, &culprit);
	if (!rc) {
		job = hash_job_new(&hashing, input);
		rc = job ? operation_run_job(&hashing.operation, &job->job) : -ENOMEM;
	}
	if (!rc)
		*digest = job->digests[0];
	hash_job_free(job);
	algorithms_release(&hashing.algorithms);
	return operation_end(&hashing.operation, rc, NULL, culprit);
}

int ssum_hash_file(struct ssum_context *context, const char *path, const char *algorithm,
		   struct ssum_digest *digest)
{
	return hash_one(context, &(struct ssum_input){.path = path, .fd = -1}, algorithm, digest);
}

int ssum_hash_fd(struct ssum_context *context, int fd, const char *algorithm,
		 struct ssum_digest *digest)
{
	return hash_one(context, &(struct ssum_input){.fd = fd}, algorithm, digest);
}
