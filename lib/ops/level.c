/* SPDX-License-Identifier: MIT */
#include "ops/level.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "io/interruptions.h"
#include "ops/path_order.h"

void level_clear(struct level *level)
{
	bytes_free(&level->text);
	free(level->names);
	*level = (struct level){0};
}

static int level_add(struct level *level, const char *name)
{
	int rc = array_reserve(&level->names, &level->capacity, level->count + 1,
			       sizeof(*level->names));

	if (rc)
		return rc;
	level->names[level->count] = (struct name){.at = level->text.length};
	rc = bytes_append(&level->text, name, strlen(name) + 1);
	if (!rc)
		level->count++;
	return rc;
}

/* A directory may have very many names; one of a file system that lies has no last one. */
static int read_names(struct level *level, const struct ssum_context *context, DIR *stream)
{
	int rc = 0;

	while (!rc) {
		if (context && context_cancelled(context))
			return SSUM_ERR_CANCELLED;
		errno = 0;
		const struct dirent *entry = readdir(stream);

		if (!entry)
			return -errno;
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			rc = level_add(level, entry->d_name);
	}
	return rc;
}

const char *level_name(const struct level *level, const struct name *name)
{
	return level->text.data + name->at;
}

static int compare_names(const void *a, const void *b, void *level)
{
	return strcmp(level_name(level, a), level_name(level, b));
}

/* In the order that they have as files, each once: a name that comes twice, since the directory
   moved meanwhile or the file system lies, is one file all the same. */
static void sort_names(struct level *level)
{
	size_t kept = 0;

	if (level->count)
		qsort_r(level->names, level->count, sizeof(*level->names), compare_names, level);
	for (size_t i = 0; i < level->count; i++)
		if (!kept || compare_names(&level->names[kept - 1], &level->names[i], level))
			level->names[kept++] = level->names[i];
	level->count = kept;
}

/* What is in a directory "a" comes after "a.x", since '/' does, while a file "a" comes before.
   Which of the two it is counts when the walk gets there, not what the file system said of it
   earlier: so the directory waits, if there are such names. */
bool level_postpone(struct level *level)
{
	struct name *names = level->names + level->next - 1, directory = *names;
	const char *name = level_name(level, &directory);
	size_t left = level->count - level->next, ahead = 0;

	while (ahead < left && path_order(level_name(level, &names[ahead + 1]),
					  names[ahead + 1].is_postponed, name, true) < 0)
		ahead++;
	if (directory.is_postponed || !ahead)
		return false;
	memmove(names, names + 1, ahead * sizeof(*names));
	directory.is_postponed = true;
	names[ahead] = directory;
	level->next--;
	return true;
}

int level_read(struct level *level, const struct ssum_context *context, int dir, size_t path_length)
{
	struct stat st;
	int rc = 0;

	*level = (struct level){.path_length = path_length};
	if (fstat(dir, &st))
		return -errno;
	level->device = st.st_dev;
	level->inode = st.st_ino;

	int fd = uninterrupted(openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	if (!stream) {
		rc = -errno;
		if (fd >= 0)
			close(fd);
		return rc;
	}
	rc = read_names(level, context, stream);
	closedir(stream);
	if (rc)
		level_clear(level);
	else
		sort_names(level);
	return rc;
}
