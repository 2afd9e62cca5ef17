/* SPDX-License-Identifier: MIT */
/* Hashing of one file, and of many side by side. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/options.h"
#include "engine/digest_sink.h"
#include "io/file_source.h"
#include "io/named.h"
#include "ops/operation.h"

struct hashing {
	struct operation operation;
	struct ssum_hash_options options;
	struct algorithms algorithms;
	int directory; /* that the paths are below, or -1 */
	bool is_lost;  /* an input that there was no memory for, */
	void *lost;    /* and its item */
};

struct hash_job {
	struct job job;
	struct file_source file;
	struct digest_sink sink;
	char *path;
	void *item;
	struct ssum_digest digests[];
};

static void job_free(struct hash_job *job)
{
	free(job->path);
	free(job);
}

static struct hash_job *job_new(struct hashing *hashing, const struct ssum_input *input)
{
	const struct algorithms *algorithms = &hashing->algorithms;
	struct hash_job *job =
		calloc(1, sizeof(*job) + algorithms->count * sizeof(job->digests[0]));
	enum ssum_holes holes = hashing->operation.context->options.holes;

	if (!job)
		return NULL;
	digest_sink_init(&job->sink, algorithms, job->digests);
	if (input->path) {
		job->path = strdup(input->path);
		if (!job->path) {
			job_free(job);
			return NULL;
		}
		if (hashing->directory >= 0)
			file_source_beneath(&job->file, hashing->directory, job->path, holes);
		else
			file_source_named(&job->file, job->path, holes);
	} else {
		file_source_given(&job->file, input->fd, input->offset, holes);
	}
	job->file.devices = &hashing->operation.devices;
	job->file.any_source = hashing->options.any_source;
	job->item = input->item;
	job->job.path = job->path;
	job->job.span = (struct span){
		.source = &job->file.source,
		.sink = &job->sink.sink,
		.end = SPAN_TO_END,
		.alone = !input->length && file_source_may_wait(&job->file),
	};
	return job;
}

static int next_job(void *user, struct span **span)
{
	struct hashing *hashing = user;
	struct ssum_input input = {.size = sizeof(input), .fd = -1};
	int rc = hashing->options.input(hashing->options.user, &input);

	if (rc <= 0)
		return rc;
	struct hash_job *job = job_new(hashing, &input);
	if (!job) {
		hashing->is_lost = true;
		hashing->lost = input.item;
		return -ENOMEM;
	}
	operation_due(&hashing->operation, &job->job, input.length);
	*span = &job->job.span;
	return 1;
}

static struct hash_job *job_of(struct span *span)
{
	return container_of(span, struct hash_job, job.span);
}

/* Whatever comes of an input, its item goes back to the caller. */
static int give_result(struct hashing *hashing, struct hash_job *job)
{
	const struct span *span = &job->job.span;
	struct ssum_result result = {
		.size = sizeof(result),
		.path = job->path,
		.item = job->item,
		.error = span->result,
		.length = span->length,
		.digest_count = span->result ? 0 : hashing->algorithms.count,
		.digests = job->digests,
	};
	int stop = hashing->options.result(hashing->options.user, &result);

	job_free(job);
	return stop ? SSUM_ERR_CANCELLED : 0;
}

static int job_done(void *user, struct span *span, struct span **instead)
{
	(void)instead;
	operation_done(&((struct hashing *)user)->operation);
	return give_result(user, job_of(span));
}

static void job_drop(void *user, struct span *span)
{
	span->result = SSUM_ERR_CANCELLED;
	give_result(user, job_of(span));
}

/* After all that were given before it. */
static void give_lost(struct hashing *hashing)
{
	const struct ssum_result lost = {
		.size = sizeof(lost), .item = hashing->lost, .error = SSUM_ERR_CANCELLED};

	if (hashing->is_lost)
		hashing->options.result(hashing->options.user, &lost);
}

static int open_directory(struct hashing *hashing, const char **culprit)
{
	int fd;

	if (!hashing->options.directory)
		return 0;
	if (hashing->options.any_source)
		return SSUM_ERR_OPTIONS;
	fd = directory_open(hashing->options.directory);
	if (fd < 0) {
		*culprit = hashing->options.directory;
		return fd;
	}
	hashing->directory = fd;
	return 0;
}

static int run(struct hashing *hashing, const char **culprit)
{
	const struct pool_client client = {
		.next = next_job,
		.done = job_done,
		.drop = job_drop,
		.user = hashing,
		.files = 1,
	};
	int rc;

	if (!hashing->options.input || !hashing->options.result)
		return SSUM_ERR_OPTIONS;
	rc = algorithms_find(hashing->options.algorithms, &hashing->algorithms, culprit);
	if (!rc)
		rc = open_directory(hashing, culprit);
	if (!rc)
		rc = operation_run(&hashing->operation, client);
	give_lost(hashing);
	if (hashing->directory >= 0)
		close(hashing->directory);
	algorithms_release(&hashing->algorithms);
	return rc;
}

int ssum_hash_each(struct ssum_context *context, const struct ssum_hash_options *options)
{
	struct hashing hashing = {.directory = -1};
	const char *culprit = NULL;
	int rc;

	operation_begin(&hashing.operation, context, NULL, NULL);
	rc = options_take(&hashing.options, sizeof(hashing.options), options);
	if (!rc)
		rc = run(&hashing, &culprit);
	return operation_end(&hashing.operation, rc, NULL, culprit);
}

/* ---- One file ---- */

struct single {
	const char *path;
	int fd;
	bool given;
	int error;
	struct ssum_digest *digest;
};

static int single_input(void *user, struct ssum_input *input)
{
	struct single *single = user;

	if (single->given)
		return 0;
	single->given = true;
	input->path = single->path;
	input->fd = single->fd;
	return 1;
}

static int single_result(void *user, const struct ssum_result *result)
{
	struct single *single = user;

	single->error = result->error;
	if (!result->error)
		*single->digest = result->digests[0];
	return 0;
}

static int hash_single(struct ssum_context *context, struct single *single, const char *algorithm)
{
	const char *const algorithms[] = {algorithm, NULL};
	const struct ssum_hash_options options = {
		.size = sizeof(options),
		.algorithms = algorithms,
		.input = single_input,
		.result = single_result,
		.user = single,
	};
	int rc = ssum_hash_each(context, &options);
	int error = rc ? rc : single->error;
	bool is_system_error = rc < 0 && rc > SSUM_ERR_CHANGED;

	if (context && error && (!rc || is_system_error))
		context_fail(context, error, single->path);
	return error;
}

int ssum_hash_file(struct ssum_context *context, const char *path, const char *algorithm,
		   struct ssum_digest *digest)
{
	struct single single = {.path = path, .fd = -1, .digest = digest};

	*digest = (struct ssum_digest){0};
	return hash_single(context, &single, algorithm);
}

int ssum_hash_fd(struct ssum_context *context, int fd, const char *algorithm,
		 struct ssum_digest *digest)
{
	struct single single = {.fd = fd, .digest = digest};

	*digest = (struct ssum_digest){0};
	return hash_single(context, &single, algorithm);
}
