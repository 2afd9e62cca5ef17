/* SPDX-License-Identifier: MIT */
#include "manifest/checkpoint_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/beneath.h"
#include "io/named.h"
#include "ops/manifest_set.h"
#include "ops/path_order.h"

char *checkpoints_path(const char *manifest)
{
	char *path;

	return asprintf(&path, "%s" CHECKPOINTS_SUFFIX, manifest) < 0 ? NULL : path;
}

/* Nothing more is taken from it. */
static void leave(struct checkpoint_file *file, int trouble)
{
	file->trouble = trouble;
	file->line = file->reader.lines.number;
	checkpoints_clear(&file->entry);
	checkpoints_reader_end(&file->reader);
	file->reader = (struct checkpoints_reader){.due = 0};
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

static int open_regular(int root, const char *path)
{
	struct stat st;

	return root < 0 ? regular_open(path) : beneath_open_regular(root, path, -1, &st);
}

int checkpoint_file_open(struct checkpoint_file *file, int root, const char *manifest)
{
	int rc = 0;

	*file = (struct checkpoint_file){.fd = -1, .path = checkpoints_path(manifest)};
	if (!file->path)
		return -ENOMEM;
	file->fd = open_regular(root, file->path);
	if (file->fd >= 0)
		rc = checkpoints_reader_begin(&file->reader, file->fd);
	else if (file->fd != -ENOENT)
		rc = file->fd;
	if (rc)
		leave(file, rc);
	return 0;
}

void checkpoint_file_close(struct checkpoint_file *file)
{
	leave(file, 0);
	free(file->path);
	file->path = NULL;
}

/* Go on to the first entry that does not come before the path: 1 if it is of the path, else 0. */
static int seek(struct checkpoint_file *file, const char *path)
{
	for (;;) {
		int rc =
			file->entry.name ? 1 : checkpoints_reader_next(&file->reader, &file->entry);

		if (rc != 1)
			return rc;
		int order = path_order(file->entry.name, false, path, false);
		if (order >= 0)
			return order == 0;
		checkpoints_clear(&file->entry);
	}
}

/* The entry with its values goes to the caller. */
static int take(struct checkpoint_file *file, struct ssum_checkpoints **found)
{
	struct ssum_checkpoints *taken = malloc(sizeof(*taken));
	int rc = taken ? checkpoints_reader_values(&file->reader, &file->entry) : -ENOMEM;

	if (rc) {
		free(taken);
		return rc;
	}
	*taken = file->entry;
	file->entry = (struct ssum_checkpoints){0};
	*found = taken;
	return 0;
}

int checkpoint_file_find(struct checkpoint_file *file, const char *path,
			 struct ssum_checkpoints **found)
{
	int rc;

	*found = NULL;
	if (file->fd < 0)
		return 0;
	rc = seek(file, path);
	if (rc == 1)
		rc = take(file, found);
	if (rc == -ENOMEM || !rc)
		return rc;
	leave(file, rc);
	return 0;
}

/* ---- Any entry ---- */

/* 1, 0 or a code. */
static int has_value(struct checkpoints_reader *reader, struct ssum_checkpoints *entry,
		     uint64_t offset, const struct ssum_digest *value)
{
	struct ssum_digest listed;
	int rc;

	/* Every entry has all of its values, each at a multiple of its interval. */
	if (!offset || offset % entry->interval || offset >= entry->length)
		return 0;
	rc = checkpoints_reader_values(reader, entry);
	if (rc)
		return rc;
	checkpoints_value(entry, (size_t)(offset / entry->interval), &listed);
	return ssum_digest_equal(&listed, value);
}

static bool scan(int fd, const char *algorithm, uint64_t offset, const struct ssum_digest *value)
{
	struct checkpoints_reader reader;
	int rc = checkpoints_reader_begin(&reader, fd);
	bool found = false;

	while (!rc && !found && !strcmp(reader.algorithm.name, algorithm)) {
		struct ssum_checkpoints entry = {0};

		rc = checkpoints_reader_next(&reader, &entry) == 1 ? 0 : SSUM_ERR_MALFORMED;
		if (!rc)
			rc = has_value(&reader, &entry, offset, value);
		found = rc == 1;
		checkpoints_clear(&entry);
	}
	checkpoints_reader_end(&reader);
	return found;
}

bool checkpoint_file_has(const struct checkpoint_file *file, const char *algorithm, uint64_t offset,
			 const struct ssum_digest *value)
{
	off_t place = file->fd < 0 ? -1 : lseek(file->fd, 0, SEEK_CUR);
	bool found;

	if (place < 0 || lseek(file->fd, 0, SEEK_SET))
		return false;
	found = scan(file->fd, algorithm, offset, value);
	return lseek(file->fd, place, SEEK_SET) == place && found;
}
