/* SPDX-License-Identifier: MIT */
#include "package/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "package/tree.h"

static int set_path(struct output *output, const char *path, const struct algorithm *algorithm)
{
	struct ssum_algorithm_info info = {.size = sizeof(info)};
	int rc = path ? 0 : ssum_algorithm(algorithm->name, &info);

	if (rc)
		return rc;
	output->path = strdup(path ? path : info.manifest);
	if (!output->path)
		return -ENOMEM;
	const char *slash = strrchr(output->path, '/');
	output->name = slash ? slash + 1 : output->path;
	return *output->name ? 0 : -EISDIR;
}

/* The folder that a path of a file begins with. */
static int open_folder_of(const struct output *output)
{
	size_t length = (size_t)(output->name - output->path);
	char *folder = length ? strndup(output->path, length) : strdup(".");
	int fd = folder ? folder_open(folder) : -ENOMEM;

	free(folder);
	return fd;
}

int output_begin(struct output *output, const char *folder, const char *path,
		 const struct algorithm *algorithm)
{
	*output = (struct output){.dir = -1, .file.fd = -1};
	int rc = set_path(output, path, algorithm);

	if (rc)
		return rc;
	output->dir = path ? open_folder_of(output) : folder_open(folder);
	if (output->dir < 0)
		return output->dir;
	rc = atomic_file_begin(&output->file, output->dir, output->name);
	return rc ? rc : stream_init(&output->content, algorithm);
}

int output_write(struct output *output, const struct bytes *line)
{
	int rc = atomic_file_write(&output->file, line->data, line->length);

	return rc ? rc : ssum_stream_update(&output->content, line->data, line->length);
}

int output_commit(struct output *output)
{
	int rc = ssum_stream_final(&output->content, &output->content_hash);

	return rc ? rc : atomic_file_commit(&output->file);
}

void output_end(struct output *output)
{
	stream_clear(&output->content);
	atomic_file_end(&output->file);
	if (output->dir >= 0)
		close(output->dir);
	free(output->path);
	*output = (struct output){.dir = -1, .file.fd = -1};
}
