/* SPDX-License-Identifier: MIT */
/* Publishing: a folder becomes a package by the manifests that are written for it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/options.h"
#include "file/file_source.h"
#include "formats/manifest.h"
#include "package/checkpoint_sink.h"
#include "package/manifest_set.h"
#include "package/operation.h"
#include "package/output.h"
#include "package/tree.h"

struct creation {
	struct operation operation;
	struct ssum_create_options options;
	const char *folder;
	int root;
	struct algorithms algorithms;
	struct output *outputs; /* one for each algorithm */
	size_t output_count;
	struct manifest_set manifests;
	struct ssum_tree tree;
};

struct create_job {
	struct job job;
	struct file_source file;
	struct checkpoint_sink sink;
	enum ssum_type type;
	char *path;
	char *target; /* of a link */
	int error;    /* known before the span runs */
	struct ssum_digest digests[];
};

/* ---- Jobs ---- */

static struct create_job *job_of(struct span *span)
{
	return container_of(span, struct create_job, job.span);
}

static void job_free(struct create_job *job)
{
	checkpoint_sink_clear(&job->sink);
	free(job->target);
	free(job->path);
	free(job);
}

/* What a manifest cannot list is refused, before anything of it is opened. */
static void job_set_kind(struct creation *creation, struct create_job *job)
{
	if (job->error)
		return;
	switch (job->type) {
	case SSUM_TYPE_FILE:
		file_source_beneath(&job->file, creation->root, job->path,
				    creation->operation.context->options.holes);
		job->file.devices = &creation->operation.devices;
		job->file.descriptors = creation->operation.descriptors;
		job->job.span.source = &job->file.source;
		break;
	case SSUM_TYPE_SYMLINK:
		job->error = link_target(creation->root, job->path, &job->target);
		break;
	case SSUM_TYPE_FOLDER:
		break;
	default:
		job->error = SSUM_ERR_NOT_REGULAR;
	}
}

static struct create_job *job_new(struct creation *creation, const struct ssum_tree_entry *entry)
{
	const struct algorithms *algorithms = &creation->algorithms;
	struct create_job *job =
		calloc(1, sizeof(*job) + algorithms->count * sizeof(job->digests[0]));

	if (!job)
		return NULL;
	checkpoint_sink_init(&job->sink, algorithms, job->digests);
	job->job.span = (struct span){.sink = &job->sink.digest.sink, .end = SPAN_TO_END};
	job->type = entry->type;
	job->error = entry->error;
	job->path = strdup(entry->path);
	if (!job->path) {
		job_free(job);
		return NULL;
	}
	job->job.path = job->path;
	job_set_kind(creation, job);
	return job;
}

/* Of a file that is longer than the interval. */
static int gather_checkpoints(const struct creation *creation, struct create_job *job,
			      uint64_t length)
{
	uint64_t interval = creation->options.checkpoints;

	if (interval == SSUM_NO_CHECKPOINTS || !job->job.span.source || length <= interval)
		return 0;
	return checkpoint_sink_gather(&job->sink, checkpoint_interval_for(length, interval));
}

static int next_job(void *user, struct span **span)
{
	struct creation *creation = user;
	const struct ssum_tree_entry *entry;
	int rc;

	do
		rc = ssum_tree_next(&creation->tree, &entry);
	while (rc == 1 && manifest_set_has(&creation->manifests, &creation->tree));
	if (rc != 1)
		return rc;

	struct create_job *job = job_new(creation, entry);
	if (!job)
		return -ENOMEM;
	operation_due(&creation->operation, &job->job, entry->length);
	rc = gather_checkpoints(creation, job, entry->length);
	if (rc) {
		job_free(job);
		return rc;
	}
	*span = &job->job.span;
	return 1;
}

/* ---- Lines ---- */

static int format_entry(struct bytes *line, const struct algorithm *algorithm,
			const struct create_job *job, const struct ssum_digest *digest)
{
	switch (job->type) {
	case SSUM_TYPE_SYMLINK:
		return manifest_append_link(line, job->path, job->target);
	case SSUM_TYPE_FOLDER:
		return manifest_append_folder(line, job->path);
	default:
		return manifest_append_file(line, 0, algorithm, digest, job->path);
	}
}

/* A temporary name that they may need is no entry either. */
static int write_checkpoints(struct creation *creation, struct output *output,
			     const struct ssum_checkpoints *checkpoints)
{
	bool is_first = output->checkpoints.fd < 0;
	int rc = output_write_checkpoints(output, checkpoints);

	if (!rc && is_first && output->checkpoints.temporary)
		rc = manifest_set_add(&creation->manifests, output->dir,
				      output->checkpoints.temporary);
	return rc;
}

static int write_entry(struct creation *creation, const struct create_job *job)
{
	int rc = 0;

	for (size_t i = 0; i < creation->output_count && !rc; i++) {
		struct output *output = &creation->outputs[i];
		struct bytes line = {0};

		rc = format_entry(&line, &creation->algorithms.rows[i], job, &job->digests[i]);
		if (!rc)
			rc = output_write(output, &line);
		if (!rc && job->sink.checkpoints && job->sink.checkpoints[i].count)
			rc = write_checkpoints(creation, output, &job->sink.checkpoints[i]);
		if (rc)
			context_fail(creation->operation.context, rc, output->path);
		bytes_free(&line);
	}
	return rc;
}

static int report_entry(struct creation *creation, const struct create_job *job, int error)
{
	bool has_digest = !error && job->type == SSUM_TYPE_FILE;
	struct ssum_report report = {
		.verdict = error ? verdict_of_error(error) : SSUM_HOLDS,
		.error = error,
		.path = job->path,
		.type = job->type,
		.length = job->job.span.length,
		.algorithm = has_digest ? creation->algorithms.rows[0].name : NULL,
		.found = job->target,
	};
	char hex[SSUM_HEX_MAX];

	if (has_digest) {
		ssum_digest_hex(&job->digests[0], hex);
		report.found = hex;
	}
	return operation_report(&creation->operation, &report);
}

static int job_done(void *user, struct span *span, struct span **instead)
{
	struct creation *creation = user;
	struct create_job *job = job_of(span);
	int error = job->error ? job->error : span->result;
	int rc = error ? 0 : checkpoint_sink_finish(&job->sink, job->path, span->length);

	if (!rc && !error)
		rc = write_entry(creation, job);

	(void)instead;
	creation->operation.summary.bytes += span->length;
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

/* ---- Manifests ---- */

/* A manifest from before is no entry, and neither is what is being written. */
static int exclude(struct creation *creation, const struct output *output)
{
	struct manifest_set *set = &creation->manifests;
	int rc = manifest_set_add(set, output->dir, output->name);

	if (!rc)
		rc = manifest_set_add(set, output->dir, output->checkpoints_name);
	if (!rc && output->file.temporary)
		rc = manifest_set_add(set, output->dir, output->file.temporary);
	return rc;
}

static int begin_outputs(struct creation *creation)
{
	size_t count = creation->algorithms.count;
	int rc = 0;

	creation->outputs = calloc(count, sizeof(*creation->outputs));
	if (!creation->outputs)
		return -ENOMEM;
	for (size_t i = 0; i < count && !rc; i++) {
		struct output *output = &creation->outputs[creation->output_count++];

		rc = output_begin(output, creation->folder, creation->options.manifest,
				  &creation->algorithms.rows[i]);
		if (!rc)
			rc = exclude(creation, output);
		if (rc)
			context_fail(creation->operation.context, rc, output->path);
	}
	return rc;
}

static int commit_outputs(struct creation *creation)
{
	int rc = 0;

	for (size_t i = 0; i < creation->output_count && !rc; i++) {
		rc = output_commit(&creation->outputs[i]);
		if (rc)
			context_fail(creation->operation.context, rc, creation->outputs[i].path);
	}
	return rc;
}

static int report_outputs(struct creation *creation)
{
	char hex[SSUM_HEX_MAX];
	int rc = 0;

	for (size_t i = 0; i < creation->output_count && !rc; i++) {
		struct ssum_report report = {
			.verdict = SSUM_HOLDS,
			.path = creation->outputs[i].path,
			.type = SSUM_TYPE_MANIFEST,
			.algorithm = creation->algorithms.rows[i].name,
			.found = hex,
		};

		ssum_digest_hex(&creation->outputs[i].content_hash, hex);
		rc = operation_report(&creation->operation, &report);
	}
	return rc;
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
	int rc = tree_init(&creation->tree, creation->root);

	if (rc)
		return rc;
	rc = operation_run(&creation->operation, client);
	tree_clear(&creation->tree);
	if (rc)
		return rc;
	if (summary->count[SSUM_HOLDS] < summary->entries)
		return SSUM_ERR_UNDECIDED;
	return summary->entries ? 0 : SSUM_ERR_EMPTY;
}

static int create(struct creation *creation, const char **culprit)
{
	int rc = algorithms_find(creation->options.algorithms, &creation->algorithms, culprit);

	if (rc)
		return rc;
	if (creation->options.manifest && creation->algorithms.count > 1)
		return SSUM_ERR_OPTIONS;
	if (!creation->options.checkpoints)
		creation->options.checkpoints = SSUM_CHECKPOINT_INTERVAL;
	if (creation->options.checkpoints != SSUM_NO_CHECKPOINTS &&
	    !checkpoint_interval_is_valid(creation->options.checkpoints))
		return SSUM_ERR_OPTIONS;
	*culprit = creation->folder;
	creation->root = folder_open(creation->folder);
	if (creation->root < 0)
		return creation->root;

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

int ssum_create(struct ssum_context *context, const char *folder,
		const struct ssum_create_options *options, struct ssum_summary *summary)
{
	struct creation creation = {.folder = folder, .root = -1};
	const char *culprit = NULL;
	int rc = options_take(&creation.options, sizeof(creation.options), options);

	operation_begin(&creation.operation, context, creation.options.report,
			creation.options.user);
	if (!rc)
		rc = create(&creation, &culprit);
	creation_clear(&creation);
	return operation_end(&creation.operation, rc, summary, culprit);
}
