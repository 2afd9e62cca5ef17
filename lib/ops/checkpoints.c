/* SPDX-License-Identifier: MIT */
/* The public functions for the checkpoints of one file. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "io/file_source.h"
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

	return options_copy_out(info, &value, sizeof(value));
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

int ssum_checkpoints_read(int fd, const char *name, struct ssum_checkpoints **checkpoints)
{
	struct ssum_checkpoints *entry = calloc(1, sizeof(*entry));
	struct checkpoints_reader reader;
	int rc;

	*checkpoints = NULL;
	if (!entry)
		return -ENOMEM;
	rc = checkpoints_reader_begin(&reader, fd);
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
	if (rc)
		ssum_checkpoints_free(entry);
	else
		*checkpoints = entry;
	return rc;
}

struct ssum_checkpoints_list {
	struct checkpoints_reader reader;
};

/* Read a text; or if that is NULL, read fd. */
static int checkpoints_list_open(int fd, const char *text, size_t length,
				 struct ssum_checkpoints_list **list)
{
	struct ssum_checkpoints_list *made = calloc(1, sizeof(*made));
	int rc = -ENOMEM;

	if (made)
		rc = text ? checkpoints_reader_begin_text(&made->reader, text, length)
			  : checkpoints_reader_begin(&made->reader, fd);
	if (rc) {
		ssum_checkpoints_close(made);
		made = NULL;
	}
	*list = made;
	return rc;
}

int ssum_checkpoints_open(int fd, struct ssum_checkpoints_list **list)
{
	return checkpoints_list_open(fd, NULL, 0, list);
}

int ssum_checkpoints_open_text(const char *text, size_t length, struct ssum_checkpoints_list **list)
{
	return checkpoints_list_open(-1, text ? text : "", length, list);
}

int ssum_checkpoints_next(struct ssum_checkpoints_list *list, struct ssum_checkpoints **checkpoints)
{
	struct ssum_checkpoints *entry = calloc(1, sizeof(*entry));
	int rc = entry ? checkpoints_reader_next(&list->reader, entry) : -ENOMEM;

	*checkpoints = NULL;
	if (rc == 1)
		rc = checkpoints_reader_values(&list->reader, entry);
	else if (!rc)
		goto end;
	if (!rc) {
		*checkpoints = entry;
		return 1;
	}
end:
	ssum_checkpoints_free(entry);
	return rc;
}

void ssum_checkpoints_close(struct ssum_checkpoints_list *list)
{
	if (list)
		checkpoints_reader_end(&list->reader);
	free(list);
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
		rc = ssum_replace_file(AT_FDCWD, path, text.data, text.length);
	bytes_free(&text);
	return rc;
}

/* ---- Making ---- */

int ssum_checkpoints_make(struct ssum_context *context, const char *path, const char *algorithm,
			  uint64_t interval, struct ssum_checkpoints **checkpoints)
{
	const char *const names[] = {algorithm, NULL};
	const char *slash = strrchr(path, '/'), *culprit = path;
	struct algorithms algorithms = {0};
	struct checkpoint_sink sink = {0};
	struct operation operation;
	struct file_source file;
	struct job job = {.path = path};
	struct ssum_digest digest;
	uint64_t length;
	int rc;

	*checkpoints = NULL;
	interval = interval ? interval : SSUM_CHECKPOINT_INTERVAL;
	operation_begin(&operation, context, NULL, NULL);
	rc = checkpoint_interval_is_valid(interval) ? 0 : SSUM_ERR_OPTIONS;
	if (!rc)
		rc = algorithms_find(names, &algorithms, &culprit);
	if (!rc && !chain_length(&algorithms.rows[0]))
		rc = SSUM_ERR_NO_CHECKPOINT;
	if (rc)
		goto out;
	digest_sink_init(&sink.digest, &algorithms, &digest);

	/* The interval depends on the length of the file or device, which is known once it is open.
	 */
	file_source_named(&file, path, operation.context->options.holes);
	file.devices = &operation.devices;
	rc = file.source.ops->open(&file.source, NULL);
	if (rc)
		goto out;
	length = file.source.has_size ? file.source.size : 0;
	file.source.ops->close(&file.source);
	rc = checkpoint_sink_collect(&sink, checkpoint_interval_for(length, interval));
	if (rc)
		goto out;

	job.span = (struct span){
		.source = &file.source, .sink = &sink.digest.sink, .end = SPAN_TO_END};
	operation_due(&operation, &job, length);
	rc = operation_run_job(&operation, &job);
	if (!rc)
		rc = checkpoint_sink_finish(&sink, slash ? slash + 1 : path, job.span.length);
	if (rc)
		goto out;
	*checkpoints = malloc(sizeof(**checkpoints));
	if (*checkpoints) {
		**checkpoints = sink.checkpoints[0];
		sink.checkpoints[0] = (struct ssum_checkpoints){0};
	} else {
		rc = -ENOMEM;
	}
out:
	checkpoint_sink_clear(&sink);
	algorithms_release(&algorithms);
	return operation_end(&operation, rc, NULL, culprit);
}
