/* SPDX-License-Identifier: MIT */
#include "ops/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/read_write.h"
#include "io/opening.h"
#include "manifest/checkpoint_file.h"

/* Where it is wanted, else at the top of the directory. */
static int open_place(struct output *output, const char *directory, const char *path,
		      const struct algorithm *algorithm)
{
	struct ssum_algorithm_info info = {.size = sizeof(info)};
	int rc = path ? 0 : ssum_algorithm(algorithm->name, &info);

	if (rc)
		return rc;
	output->path = strdup(path ? path : info.manifest);
	if (!output->path)
		return -ENOMEM;
	output->name = output->path;
	output->dir = path ? directory_open_above(AT_FDCWD, output->path, &output->name)
			   : directory_open(directory);
	if (output->dir < 0)
		return output->dir;
	return *output->name ? 0 : -EISDIR;
}

int output_begin(struct output *output, const char *directory, const char *path,
		 const struct algorithm *algorithm)
{
	*output = (struct output){.dir = -1, .file.fd = -1, .checkpoints.fd = -1};
	int rc = open_place(output, directory, path, algorithm);

	if (rc)
		return rc;
	output->checkpoints_name = checkpoints_path(output->name);
	rc = output->checkpoints_name ? 0 : -ENOMEM;
	if (!rc)
		rc = atomic_file_begin(&output->file, output->dir, output->name);
	return rc ? rc : stream_init(&output->content, algorithm);
}

int output_write(struct output *output, const struct bytes *line)
{
	int rc = atomic_file_write(&output->file, line->data, line->length);

	return rc ? rc : ssum_stream_update(&output->content, line->data, line->length);
}

static int begin_checkpoints(struct output *output, const char *algorithm)
{
	struct bytes head = {0};
	int rc = atomic_file_begin(&output->checkpoints, output->dir, output->checkpoints_name);

	if (!rc)
		rc = checkpoints_append_head(&head, algorithm);
	if (!rc)
		rc = atomic_file_write(&output->checkpoints, head.data, head.length);
	bytes_free(&head);
	return rc;
}

int output_write_checkpoints(struct output *output, const struct ssum_checkpoints *checkpoints)
{
	struct bytes entry = {0};
	int rc = 0;

	if (output->checkpoints.fd < 0)
		rc = begin_checkpoints(output, checkpoints->algorithm);
	if (!rc)
		rc = checkpoints_append(&entry, checkpoints);
	if (!rc)
		rc = atomic_file_write(&output->checkpoints, entry.data, entry.length);
	bytes_free(&entry);
	return rc;
}

/* Those of the manifest that is being replaced are of no use any more. What is no such file stays,
   whatever its name. */
static void remove_old_checkpoints(const struct output *output)
{
	int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	int fd = uninterrupted(openat(output->dir, output->checkpoints_name, flags));

	if (fd < 0)
		return;
	if (is_checkpoints_file(fd))
		unlinkat(output->dir, output->checkpoints_name, 0);
	close(fd);
}

int output_commit(struct output *output)
{
	int rc = ssum_stream_final(&output->content, &output->content_hash);

	if (!rc && output->checkpoints.fd >= 0)
		rc = atomic_file_commit(&output->checkpoints);
	if (!rc)
		rc = atomic_file_commit(&output->file);
	if (!rc && output->checkpoints.fd < 0)
		remove_old_checkpoints(output);
	return rc;
}

void output_end(struct output *output)
{
	stream_clear(&output->content);
	atomic_file_end(&output->file);
	atomic_file_end(&output->checkpoints);
	if (output->dir >= 0)
		close(output->dir);
	free(output->checkpoints_name);
	free(output->path);
	*output = (struct output){.dir = -1, .file.fd = -1, .checkpoints.fd = -1};
}
