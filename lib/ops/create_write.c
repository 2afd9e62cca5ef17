/* SPDX-License-Identifier: MIT */
/* What a creation writes: manifests and their checkpoints, line by line, and what it tells. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/manifest.h"
#include "ops/creation.h"

/* ---- Lines ---- */

/* To sha1sum "-" is standard input; both of us read "./-" as that file. */
static const char *name_to_list(const char *path)
{
	return strcmp(path, "-") ? path : "./-";
}

static int format_entry(struct bytes *line, const struct algorithm *algorithm,
			const struct create_job *job, const struct ssum_digest *digest)
{
	switch (job->type) {
	case SSUM_TYPE_SYMLINK:
		return manifest_append_symlink(line, job->path, job->target);
	case SSUM_TYPE_DIRECTORY:
		return manifest_append_directory(line, job->path);
	default:
		return manifest_append_file(line, 0, algorithm, digest, name_to_list(job->path));
	}
}

/* What went wrong with an output, which the caller named or which is in the directory. */
static int fail(struct creation *creation, int code, const char *path)
{
	return context_fail_below(creation->operation.context, code,
				  creation->options.manifest ? NULL : creation->directory, path);
}

int write_entry(struct creation *creation, const struct create_job *job)
{
	int rc = 0;

	for (size_t i = 0; i < creation->output_count && !rc; i++) {
		struct output *output = &creation->outputs[i];
		struct bytes line = {0};

		rc = format_entry(&line, &creation->algorithms.rows[i], job, &job->digests[i]);
		if (!rc)
			rc = output_write(output, &line);
		if (!rc && job->hash.sink.checkpoints && job->hash.sink.checkpoints[i].count)
			rc = output_write_checkpoints(output, &job->hash.sink.checkpoints[i]);
		if (rc)
			fail(creation, rc, output->path);
		bytes_free(&line);
	}
	return rc;
}

int report_entry(struct creation *creation, const struct create_job *job, int error)
{
	bool has_digest = !error && job->type == SSUM_TYPE_FILE;
	struct ssum_report report = {
		.verdict = error ? verdict_of_error(error) : SSUM_HOLDS,
		.error = error,
		.path = job->path,
		.algorithm = has_digest ? creation->algorithms.rows[0].name : NULL,
		.found = {.type = job->type,
			  .length = job->length,
			  .digest = has_digest ? &job->digests[0] : NULL,
			  .target = error ? NULL : job->target},
	};

	return operation_report(&creation->operation, &report);
}

/* ---- Manifests ---- */

/* A manifest from before is no entry, and neither is what is being written, here or by another
   process that publishes the same directory. */
static int exclude(struct creation *creation, const struct output *output)
{
	struct manifest_set *set = &creation->manifests;
	int rc = manifest_set_add(set, output->dir, output->name);

	set->in_making = true;
	return rc ? rc : manifest_set_add(set, output->dir, output->checkpoints_name);
}

int begin_outputs(struct creation *creation)
{
	size_t count = creation->algorithms.count;
	int rc = 0;

	creation->outputs = calloc(count, sizeof(*creation->outputs));
	if (!creation->outputs)
		return -ENOMEM;
	for (size_t i = 0; i < count && !rc; i++) {
		struct output *output = &creation->outputs[creation->output_count++];

		rc = output_begin(output, creation->directory, creation->options.manifest,
				  &creation->algorithms.rows[i]);
		if (!rc)
			rc = exclude(creation, output);
		if (rc && output->path)
			fail(creation, rc, output->path);
	}
	return rc;
}

int commit_outputs(struct creation *creation)
{
	int rc = 0;

	for (size_t i = 0; i < creation->output_count && !rc; i++) {
		rc = output_commit(&creation->outputs[i]);
		if (rc)
			fail(creation, rc, creation->outputs[i].path);
	}
	return rc;
}

int report_outputs(struct creation *creation)
{
	int rc = 0;

	for (size_t i = 0; i < creation->output_count && !rc; i++) {
		struct ssum_report report = {
			.kind = SSUM_REPORT_MANIFEST,
			.verdict = SSUM_HOLDS,
			.path = creation->outputs[i].path,
			.algorithm = creation->algorithms.rows[i].name,
			.found.digest = &creation->outputs[i].content_hash,
		};

		rc = operation_report(&creation->operation, &report);
	}
	return rc;
}
