/* SPDX-License-Identifier: MIT */
/* Verify one file against a digest: in parallel, by segments, if there are checkpoints. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/file_source.h"
#include "ops/segments.h"

/* ---- By segments ---- */

struct file_segments {
	struct segments *all;
	const char *path;
};

static int file_segments_next(void *user, struct span **span)
{
	const struct file_segments *segments = user;

	return segments_next(segments->all, segments->path, NULL, span);
}

static int file_segments_done(void *user, struct span *span, struct span **follow_up)
{
	return segments_done(((struct file_segments *)user)->all, span, follow_up);
}

static void file_segments_drop(void *user, struct span *span)
{
	segments_drop(((struct file_segments *)user)->all, span);
}

/* SSUM_HOLDS, SSUM_DIFFERS or a code. SSUM_ERR_CHANGED if the file changed between two segments;
   then the caller has to read it again in one chain. */
static int verify_by_segments(struct operation *operation, const char *path, uint64_t length,
			      const struct algorithms *algorithms,
			      const struct ssum_checkpoints *checkpoints, ssum_range_fn *damaged,
			      void *user)
{
	struct file_segments segments = {.path = path};
	const struct pool_client client = {
		.next = file_segments_next,
		.done = file_segments_done,
		.drop = file_segments_drop,
		.user = &segments,
		.files = 1,
	};
	struct ssum_checkpoints **row = malloc(sizeof(struct ssum_checkpoints *));
	struct ssum_checkpoints *copy = calloc(1, sizeof(*copy));
	struct ssum_range range;
	size_t index = 0;
	int rc = row && copy ? checkpoints_copy(copy, checkpoints) : -ENOMEM;

	if (!rc) {
		row[0] = copy;
		segments.all = segments_new(algorithms, row, length);
	}
	if (!segments.all) {
		ssum_checkpoints_free(copy);
		free(row);
		return -ENOMEM;
	}
	struct file_source *file = &segments.all->file.file;
	file_source_named(file, path, operation->context->options.holes);
	file->devices = &operation->devices;
	rc = operation_run(operation, client);
	if (!rc)
		rc = segments.all->result;
	operation->changes = segments.all->changes;
	operation->read_twice = segments.all->read_twice;
	if (!rc && segments_differ(segments.all, 0)) {
		rc = SSUM_DIFFERS;
		while (damaged && rc == SSUM_DIFFERS &&
		       segments_next_damaged(segments.all, &index, &range))
			if (damaged(user, &range))
				rc = SSUM_ERR_CANCELLED;
	}
	segments_free(segments.all);
	return rc;
}

/* ---- In one chain ---- */

static int verify_by_digest(struct operation *operation, struct job *job,
			    const struct algorithms *algorithms, const struct ssum_digest *digest)
{
	struct ssum_digest found;
	struct file_source file;
	struct digest_sink sink;
	int rc;

	file_source_named(&file, job->path, operation->context->options.holes);
	file.devices = &operation->devices;
	digest_sink_init(&sink, algorithms, &found);
	job->span.source = &file.source;
	job->span.sink = &sink.sink;
	job->span.end = SPAN_TO_END;
	rc = operation_run_job(operation, job);
	if (rc)
		return rc;
	return ssum_digest_equal(&found, digest) ? SSUM_HOLDS : SSUM_DIFFERS;
}

int ssum_verify_file(struct ssum_context *context, const char *path, const char *algorithm,
		     const struct ssum_digest *digest, const struct ssum_checkpoints *checkpoints,
		     ssum_range_fn *damaged, void *user)
{
	const char *const names[] = {algorithm, NULL};
	struct algorithms algorithms = {0};
	struct operation operation;
	struct job job = {.path = path};
	const char *culprit = path;
	struct stat st;
	int rc;

	operation_begin(&operation, context, NULL, NULL);
	rc = algorithms_find(names, &algorithms, &culprit);
	if (rc)
		goto out;
	if (digest->length != algorithms.rows[0].digest_length)
		rc = SSUM_ERR_OPTIONS;
	else if (stat(path, &st))
		rc = -errno;
	if (rc)
		goto out;
	uint64_t length = (uint64_t)st.st_size;
	operation_due(&operation, &job, length);

	/* Checkpoints can be used only for a regular file, and only if they are of this digest. */
	bool by_segments = checkpoints && checkpoints->count && S_ISREG(st.st_mode) &&
			   checkpoints_are_of(checkpoints, &algorithms.rows[0], digest);
	if (by_segments)
		rc = verify_by_segments(&operation, path, length, &algorithms, checkpoints, damaged,
					user);
	if (by_segments && rc == SSUM_ERR_CHANGED) {
		operation.bytes_of_earlier_runs = operation.bytes_due;
		operation.bytes_due += length;
	}
	if (!by_segments || rc == SSUM_ERR_CHANGED)
		rc = verify_by_digest(&operation, &job, &algorithms, digest);
out:
	algorithms_release(&algorithms);
	return operation_end(&operation, rc, NULL, culprit);
}
