/* SPDX-License-Identifier: MIT */
#include "package/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "package/tree.h"

/* Where it is wanted, else at the top of the folder. */
static int open_place(struct output *output, const char *folder, const char *path,
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
	output->dir = path ? folder_open_above(output->path, &output->name) : folder_open(folder);
	if (output->dir < 0)
		return output->dir;
	return *output->name ? 0 : -EISDIR;
}

int output_begin(struct output *output, const char *folder, const char *path,
		 const struct algorithm *algorithm)
{
	*output = (struct output){.dir = -1, .file.fd = -1};
	int rc = open_place(output, folder, path, algorithm);

	if (!rc)
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
