/* SPDX-License-Identifier: MIT */
/* Checkpoints of one file, for callers of the library. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "io/file_source.h"
#include "ops/output.h"
#include "ops/checkpoint_sink.h"
#include "ops/operation.h"

void ssum_checkpoints_free(struct ssum_checkpoints *checkpoints)
{
	if (checkpoints)
		checkpoints_clear(checkpoints);
	free(checkpoints);
}

int ssum_checkpoints_describe(const struct ssum_checkpoints *checkpoints,
			      struct ssum_checkpoints_info *info)
{
	const struct ssum_checkpoints_info value = {
		.size = sizeof(value),
		.name = checkpoints->name,
		.algorithm = checkpoints->algorithm,
		.length = checkpoints->length,
		.interval = checkpoints->interval,
		.count = checkpoints->count,
		.digest = checkpoints->digest,
	};

	return options_give(info, &value, sizeof(value));
}

int ssum_checkpoints_value(const struct ssum_checkpoints *checkpoints, uint64_t index,
			   struct ssum_digest *value)
{
	*value = (struct ssum_digest){0};
	if (!index || index > checkpoints->count)
		return SSUM_ERR_NO_CHECKPOINT;
	checkpoints_value(checkpoints, (size_t)index, value);
	return 0;
}

/* ---- Reading ---- */

static int find_entry(int fd, const char *name, struct ssum_checkpoints *entry)
{
	struct checkpoints_reader reader;
	int rc = checkpoints_reader_begin(&reader, fd);

	while (!rc) {
		rc = checkpoints_reader_next(&reader, entry);
		if (rc != 1 || !name || !strcmp(entry->name, name))
			break;
		checkpoints_clear(entry);
		rc = 0;
	}
	if (rc == 1)
		rc = checkpoints_reader_values(&reader, entry);
	else if (!rc)
		rc = SSUM_ERR_NO_CHECKPOINT;
	checkpoints_reader_end(&reader);
	return rc;
}

int ssum_checkpoints_read(int fd, const char *name, struct ssum_checkpoints **checkpoints)
{
	struct ssum_checkpoints *entry = calloc(1, sizeof(*entry));
	int rc = entry ? find_entry(fd, name, entry) : -ENOMEM;

	if (rc) {
		ssum_checkpoints_free(entry);
		entry = NULL;
	}
	*checkpoints = entry;
	return rc;
}

/* ---- Writing ---- */

int ssum_checkpoints_write(const struct ssum_checkpoints *checkpoints, const char *path)
{
	struct bytes text = {0};
	int rc = checkpoints->name ? 0 : SSUM_ERR_NAME;

	if (!rc)
		rc = checkpoints_append_head(&text, checkpoints->algorithm);
	if (!rc && checkpoints->count)
		rc = checkpoints_append(&text, checkpoints);
	if (!rc)
		rc = write_whole(path, &text);
	bytes_free(&text);
	return rc;
}

/* ---- Making ---- */

/* How long a file or device is, to know how far its checkpoints have to be apart. */
static int find_length(struct source *source, uint64_t *length)
{
	int rc = source->ops->open(source);

	if (rc)
		return rc;
	*length = source->has_size ? source->size : 0;
	source->ops->close(source);
	return 0;
}

static int hash_and_gather(struct operation *operation, struct job *job, struct file_source *file,
			   struct checkpoint_sink *sink, uint64_t interval)
{
	const char *slash = strrchr(job->path, '/');
	uint64_t length;
	int rc = find_length(&file->source, &length);

	if (!rc)
		rc = checkpoint_sink_gather(sink, checkpoint_interval_for(length, interval));
	if (rc)
		return rc;
	operation_due(operation, job, length);
	rc = operation_run_job(operation, job);
	return rc ? rc
		  : checkpoint_sink_finish(sink, slash ? slash + 1 : job->path, job->span.length);
}

static int make(struct operation *operation, const char *path, uint64_t interval,
		const struct algorithms *algorithms, struct ssum_checkpoints **made)
{
	struct file_source file;
	struct checkpoint_sink sink;
	struct ssum_digest digest;
	struct job job = {.path = path};
	int rc;

	file_source_named(&file, path, operation->context->options.holes);
	file.devices = &operation->devices;
	checkpoint_sink_init(&sink, algorithms, &digest);
	job.span = (struct span){
		.source = &file.source, .sink = &sink.digest.sink, .end = SPAN_TO_END};
	rc = hash_and_gather(operation, &job, &file, &sink, interval);
	*made = rc ? NULL : malloc(sizeof(**made));
	if (!rc && !*made)
		rc = -ENOMEM;
	if (!rc) {
		**made = sink.checkpoints[0];
		sink.checkpoints[0] = (struct ssum_checkpoints){0};
	}
	checkpoint_sink_clear(&sink);
	return rc;
}

int ssum_checkpoints_make(struct ssum_context *context, const char *path, const char *algorithm,
			  uint64_t interval, struct ssum_checkpoints **checkpoints)
{
	const char *const names[] = {algorithm_or_default(algorithm), NULL};
	struct operation operation;
	struct algorithms algorithms = {0};
	const char *culprit = path;
	int rc;

	*checkpoints = NULL;
	interval = interval ? interval : SSUM_CHECKPOINT_INTERVAL;
	operation_begin(&operation, context, NULL, NULL);
	rc = checkpoint_interval_is_valid(interval) ? 0 : SSUM_ERR_OPTIONS;
	if (!rc)
		rc = algorithms_find(names, &algorithms, &culprit);
	if (!rc && !chain_length(&algorithms.rows[0]))
		rc = SSUM_ERR_NO_CHECKPOINT;
	if (!rc)
		rc = make(&operation, path, interval, &algorithms, checkpoints);
	algorithms_release(&algorithms);
	return operation_end(&operation, rc, NULL, culprit);
}
