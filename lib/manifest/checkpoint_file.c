/* SPDX-License-Identifier: MIT */
#include "manifest/checkpoint_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/opening.h"
#include "manifest/listing.h"

char *checkpoint_file_path(const char *manifest)
{
	char *path;

	return asprintf(&path, "%s" CHECKPOINTS_SUFFIX, manifest) < 0 ? NULL : path;
}

/* Stop using the file; error is the reason, or 0 at its end. */
static void checkpoint_file_stop(struct checkpoint_file *file, int error)
{
	file->error = error;
	file->line = file->reader.lines.number;
	checkpoints_clear(&file->entry);
	checkpoints_reader_end(&file->reader);
	file->reader = (struct checkpoints_reader){.values_left = 0};
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

int checkpoint_file_open(const struct ssum_context *context, struct checkpoint_file *file, int root,
			 const char *manifest)
{
	struct stat st;
	int rc = 0;

	*file = (struct checkpoint_file){.fd = -1, .path = checkpoint_file_path(manifest)};
	if (!file->path)
		return -ENOMEM;
	file->fd = root < 0 ? regular_open(context, file->path)
			    : beneath_open_regular(context, root, file->path, -1, &st);
	if (file->fd >= 0)
		rc = checkpoints_reader_begin(&file->reader, file->fd);
	else if (file->fd != -ENOENT)
		rc = file->fd;
	if (rc)
		checkpoint_file_stop(file, rc);
	return 0;
}

void checkpoint_file_close(struct checkpoint_file *file)
{
	checkpoint_file_stop(file, 0);
	free(file->path);
	file->path = NULL;
}

int checkpoint_file_find(struct checkpoint_file *file, const char *path,
			 struct ssum_checkpoints **found)
{
	struct ssum_checkpoints *entry = &file->entry, *taken;
	int rc = 1, order = -1;

	*found = NULL;
	if (file->fd < 0)
		return 0;

	/* Skip the entries of earlier paths. The entry of a later path is kept for the next call.
	 */
	while (order < 0) {
		if (!entry->name)
			rc = checkpoints_reader_next(&file->reader, entry);
		if (rc != 1)
			goto out;
		order = path_order(entry->name, false, path, false);
		if (order < 0)
			checkpoints_clear(entry);
	}
	if (order > 0)
		return 0;

	taken = malloc(sizeof(*taken));
	rc = taken ? checkpoints_reader_values(&file->reader, entry) : -ENOMEM;
	if (rc) {
		free(taken);
		goto out;
	}
	*taken = *entry;
	*entry = (struct ssum_checkpoints){0};
	*found = taken;
out:
	if (!rc || rc == -ENOMEM)
		return rc;
	checkpoint_file_stop(file, rc);
	return 0;
}

bool checkpoint_file_has(const struct checkpoint_file *file, const char *algorithm, uint64_t offset,
			 const struct ssum_digest *value)
{
	off_t place = file->fd < 0 ? -1 : lseek(file->fd, 0, SEEK_CUR);
	struct checkpoints_reader reader;
	bool found = false;
	int rc;

	if (place < 0 || lseek(file->fd, 0, SEEK_SET))
		return false;
	rc = checkpoints_reader_begin(&reader, file->fd);
	while (!rc && !found && !strcmp(reader.algorithm.name, algorithm)) {
		struct ssum_checkpoints entry = {0};
		struct ssum_digest listed;

		rc = checkpoints_reader_next(&reader, &entry) == 1 ? 0 : SSUM_ERR_MALFORMED;
		/* An entry has a value at each multiple of its interval before its end. */
		if (!rc && offset && offset % entry.interval == 0 && offset < entry.length) {
			rc = checkpoints_reader_values(&reader, &entry);
			if (!rc) {
				checkpoints_value(&entry, (size_t)(offset / entry.interval),
						  &listed);
				found = ssum_digest_equal(&listed, value);
			}
		}
		checkpoints_clear(&entry);
	}
	checkpoints_reader_end(&reader);
	return lseek(file->fd, place, SEEK_SET) == place && found;
}
