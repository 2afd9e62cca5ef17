/* SPDX-License-Identifier: MIT */
/* Hash one file, or many files in parallel. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
	int directory;          /* paths are beneath it; -1: they are not */
	struct hash_job *first; /* the first two inputs, until the pool has them; or NULL */
	struct hash_job *second;
	bool at_end;     /* there are no more inputs */
	bool is_lost;    /* an allocation for an input failed */
	void *lost_item; /* the item of that input */
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

/* A job for an input; NULL if there is no memory. */
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

/* Get the next input from the caller. 1 and its job, 0 at the end, or a code. */
static int hash_next_input(struct hashing *hashing, struct hash_job **job)
{
	struct ssum_input input = {.size = sizeof(input), .fd = -1};
	int rc = hashing->options.input(hashing->options.user, &input);

	hashing->at_end = rc <= 0;
	if (rc <= 0)
		return rc;
	*job = hash_job_new(hashing, &input);
	if (*job)
		return 1;
	hashing->is_lost = true;
	hashing->lost_item = input.item;
	return -ENOMEM;
}

/* Pass the result of an input to the caller, success or not, and free the job. */
static int hash_report(struct hashing *hashing, struct hash_job *job)
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
		.changes = span->changes,
		.read_twice = !span->result && span->read_twice,
	};
	int stop = hashing->options.result(hashing->options.user, &result);

	hash_job_free(job);
	return stop ? SSUM_ERR_CANCELLED : 0;
}

static int hash_pool_next(void *user, struct span **span)
{
	struct hashing *hashing = user;
	struct hash_job *job = hashing->first;
	int rc = 1;

	if (!job)
		rc = hashing->at_end ? 0 : hash_next_input(hashing, &job);
	if (rc == 1)
		*span = &job->job.span;
	hashing->first = hashing->second;
	hashing->second = NULL;
	return rc;
}

static int hash_pool_done(void *user, struct span *span, struct span **follow_up)
{
	struct hashing *hashing = user;

	(void)follow_up;
	hashing->operation.files_done++;
	return hash_report(hashing, container_of(span, struct hash_job, job.span));
}

static void hash_pool_drop(void *user, struct span *span)
{
	span->result = SSUM_ERR_CANCELLED;
	hash_report(user, container_of(span, struct hash_job, job.span));
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
	int rc = hash_next_input(hashing, &hashing->first);

	if (rc == 1)
		rc = hash_next_input(hashing, &hashing->second);
	struct hash_job *only = hashing->second ? NULL : hashing->first;
	if (!rc && only && !only->job.span.alone) {
		/* A single file needs no pool. */
		if (operation_run_job(&hashing->operation, &only->job) == SSUM_ERR_CANCELLED)
			rc = SSUM_ERR_CANCELLED;
		int stop = hash_report(hashing, only);
		return rc ? rc : stop;
	}
	if (rc == 1 || (!rc && only))
		rc = operation_run(&hashing->operation, client);
	/* If the run failed before it had these inputs, the caller still gets their results. */
	if (hashing->first)
		hash_pool_drop(hashing, &hashing->first->job.span);
	if (hashing->second)
		hash_pool_drop(hashing, &hashing->second->job.span);
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
	if (hashing.is_lost) { /* its result comes after those of all inputs before it */
		const struct ssum_result lost = {.size = sizeof(lost),
						 .item = hashing.lost_item,
						 .error = SSUM_ERR_CANCELLED};

		hashing.options.result(hashing.options.user, &lost);
	}
	if (hashing.directory >= 0)
		close(hashing.directory);
out:
	algorithms_release(&hashing.algorithms);
	return operation_end(&hashing.operation, rc, NULL, culprit);
}

/* ---- One file ---- */

static int hash_one(struct ssum_context *context, const char *path, int fd, const char *algorithm,
		    struct ssum_digest *digest)
{
	struct ssum_input input = {.path = path, .fd = fd};
	const char *const algorithms[] = {algorithm, NULL};
	struct hashing hashing = {.directory = -1};
	const char *culprit = path;
	struct hash_job *job = NULL;
	struct stat st;
	int rc;

	/* The length that progress shows as due. */
	if (!(path ? stat(path, &st) : fstat(fd, &st)) && S_ISREG(st.st_mode))
		input.length = (uint64_t)st.st_size;
	*digest = (struct ssum_digest){0};
	operation_begin(&hashing.operation, context, NULL, NULL);
	rc = algorithms_find(algorithms, &hashing.algorithms, &culprit);
	if (!rc) {
		job = hash_job_new(&hashing, &input);
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
	return hash_one(context, path, -1, algorithm, digest);
}

int ssum_hash_fd(struct ssum_context *context, int fd, const char *algorithm,
		 struct ssum_digest *digest)
{
	return hash_one(context, NULL, fd, algorithm, digest);
}
