/* SPDX-License-Identifier: MIT */
/* Publishing: a directory becomes a package by the manifests that are written for it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/context.h"
#include "io/opening.h"
#include "ops/creation.h"

/* ---- Jobs ---- */

static struct create_job *job_of(struct span *span)
{
	return container_of(span, struct create_job, job.span);
}

static void job_free(struct create_job *job)
{
	resumable_clear(&job->hash);
	free(job->target);
	free(job->path);
	free(job);
}

/* What a manifest cannot list is refused, before anything of it is opened. */
static int job_set_kind(const struct creation *creation, struct create_job *job)
{
	if (job->error)
		return 0;
	switch (job->type) {
	case SSUM_TYPE_FILE:
		return resumable_set(&job->hash, &creation->hashing, job->length);
	case SSUM_TYPE_SYMLINK:
		job->error = link_target(creation->root, job->path, &job->target);
		break;
	case SSUM_TYPE_DIRECTORY:
		break;
	default:
		job->error = SSUM_ERR_NOT_REGULAR;
	}
	return 0;
}

static struct create_job *job_new(struct creation *creation, const struct ssum_tree_entry *entry)
{
	const struct algorithms *algorithms = &creation->algorithms;
	struct create_job *job =
		calloc(1, sizeof(*job) + algorithms->count * sizeof(job->digests[0]));

	if (!job)
		return NULL;
	resumable_init(&job->hash, &job->job, algorithms, job->digests);
	job->type = entry->type;
	job->length = entry->length;
	job->error = entry->error;
	job->path = strdup(entry->path);
	job->job.path = job->path;
	if (!job->path || job_set_kind(creation, job)) {
		job_free(job);
		return NULL;
	}
	return job;
}

static int next_job(void *user, struct span **span)
{
	struct creation *creation = user;
	const struct ssum_tree_entry *entry;
	int rc, is_manifest = 1;

	while (is_manifest == 1) {
		rc = ssum_tree_next(&creation->tree, &entry);
		if (rc != 1)
			return rc;
		is_manifest = manifest_set_has(&creation->manifests, &creation->tree);
	}
	if (is_manifest < 0)
		return is_manifest;

	struct create_job *job = job_new(creation, entry);
	if (!job)
		return -ENOMEM;
	operation_due(&creation->operation, &job->job, resumable_due(&job->hash, entry->length));
	*span = &job->job.span;
	return 1;
}

/* ---- Done ---- */

static int job_done(void *user, struct span *span, struct span **instead)
{
	struct creation *creation = user;
	struct create_job *job = job_of(span);
	int error = job->error ? job->error : span->result;
	int rc = 0;

	if (span->source && resumable_done(&job->hash, &job->length)) {
		*instead = span;
		return 0;
	}
	if (!error)
		rc = checkpoint_sink_finish(&job->hash.sink, job->path, job->length);
	if (!rc && !error)
		rc = write_entry(creation, job);
	creation->operation.summary.bytes += span->source ? job->length : 0;
	creation->operation.summary.resumed += span->start;
	operation_done(&creation->operation);
	if (!rc)
		rc = report_entry(creation, job, error);
	job_free(job);
	return rc;
}

static void job_drop(void *user, struct span *span)
{
	(void)user;
	job_free(job_of(span));
}

/* ---- All together ---- */

static int list_entries(struct creation *creation)
{
	const struct pool_client client = {
		.next = next_job,
		.done = job_done,
		.drop = job_drop,
		.user = creation,
		.files = 1,
	};
	const struct ssum_summary *summary = &creation->operation.summary;
	int rc = walk_init(&creation->tree, creation->operation.context, creation->root,
			   &creation->options.filter);

	if (rc)
		return rc;
	rc = operation_run(&creation->operation, client);
	walk_clear(&creation->tree);
	if (rc)
		return rc;
	if (summary->count[SSUM_HOLDS] < summary->entries)
		return SSUM_ERR_UNDECIDED;
	return summary->entries ? 0 : SSUM_ERR_EMPTY;
}

static int check_options(struct creation *creation)
{
	uint64_t *interval = &creation->options.checkpoints;

	if (!*interval)
		*interval = SSUM_CHECKPOINT_INTERVAL;
	if (*interval != SSUM_NO_CHECKPOINTS && !checkpoint_interval_is_valid(*interval))
		return SSUM_ERR_OPTIONS;
	return creation->options.manifest && creation->algorithms.count > 1 ? SSUM_ERR_OPTIONS : 0;
}

/* A journal is of this work alone: of the directory, and of what is asked for. */
static int begin_resume(struct creation *creation)
{
	struct resume_key key;
	int rc =
		resume_key_begin(&key, "create", creation->root,
				 creation->operation.context->options.holes, &creation->algorithms);

	if (!rc)
		rc = resume_key_add(&key, &creation->options.checkpoints,
				    sizeof(creation->options.checkpoints));
	if (!rc && creation->options.manifest)
		rc = resume_key_add(&key, creation->options.manifest,
				    strlen(creation->options.manifest));
	if (!rc)
		rc = resume_begin(&creation->resume, creation->options.journal, &key,
				  creation->options.resume, &creation->algorithms);
	resume_key_end(&key);
	return rc;
}

static int create(struct creation *creation, const char **culprit)
{
	int rc = algorithms_find(creation->options.algorithms, &creation->algorithms, culprit);

	if (!rc)
		rc = check_options(creation);
	if (rc)
		return rc;
	*culprit = creation->directory;
	creation->root = directory_open(creation->directory);
	if (creation->root < 0)
		return creation->root;

	creation->hashing = (struct resumable_options){
		.operation = &creation->operation,
		.resume = &creation->resume,
		.algorithms = &creation->algorithms,
		.root = creation->root,
		.interval = creation->options.checkpoints,
	};
	creation->operation.resume = &creation->resume;
	rc = begin_resume(creation);
	if (!rc)
		rc = begin_outputs(creation);
	if (!rc)
		rc = list_entries(creation);
	if (!rc)
		rc = commit_outputs(creation);
	return rc ? rc : report_outputs(creation);
}

static void creation_clear(struct creation *creation)
{
	for (size_t i = 0; i < creation->output_count; i++)
		output_end(&creation->outputs[i]);
	free(creation->outputs);
	manifest_set_free(&creation->manifests);
	algorithms_release(&creation->algorithms);
	if (creation->root >= 0)
		close(creation->root);
}

int ssum_create(struct ssum_context *context, const char *directory,
		const struct ssum_create_options *options, struct ssum_summary *summary)
{
	struct creation creation = {.directory = directory, .root = -1, .resume.fd = -1};
	const char *culprit = NULL;
	int rc = options_take(&creation.options, sizeof(creation.options), options);

	operation_begin(&creation.operation, context, creation.options.report,
			creation.options.user);
	if (!rc)
		rc = create(&creation, &culprit);
	creation.operation.summary.journal_taken = resume_end(&creation.resume, rc);
	creation_clear(&creation);
	return operation_end(&creation.operation, rc, summary, culprit);
}
