/* SPDX-License-Identifier: MIT */
#include "ops/names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "io/opening.h"
#include "io/read_write.h"

/* The most names of a directory that are examined to find a file by its inode. */
#define NAMES_EXAMINED_MAX 4096

/* ---- The names in one directory ---- */

static int names_compare(const void *a, const void *b)
{
	return strcmp(((const struct directory_name *)a)->string,
		      ((const struct directory_name *)b)->string);
}

void names_clear(struct directory_names *names)
{
	bytes_free(&names->text);
	free(names->rows);
	*names = (struct directory_names){0};
}

int names_read(struct directory_names *names, const struct ssum_context *context, int dir)
{
	struct bytes *text = &names->text;
	const struct dirent *entry;
	struct stat st;
	size_t count = 0;
	int rc = 0;

	*names = (struct directory_names){0};
	if (fstat(dir, &st))
		return -errno;
	names->device = st.st_dev;
	names->inode = st.st_ino;
	names->modified = st.st_mtim;

	int fd = uninterrupted(openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	if (!stream) {
		rc = -errno;
		if (fd >= 0)
			close(fd);
		return rc;
	}

	/* A directory may have very many names, and infinitely many on a faulty file system: check
	   for cancellation at each. */
	while (!rc) {
		if (context && context_cancelled(context)) {
			rc = SSUM_ERR_CANCELLED;
			break;
		}
		errno = 0;
		entry = readdir(stream);
		if (!entry) {
			rc = -errno;
			break;
		}
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		rc = bytes_append(text, entry->d_name, strlen(entry->d_name) + 1);
		count++;
	}
	closedir(stream);
	if (!rc && count) {
		names->rows = calloc(count, sizeof(*names->rows));
		rc = names->rows ? 0 : -ENOMEM;
	}
	if (rc) {
		names_clear(names);
		return rc;
	}
	for (size_t at = 0, i = 0; i < count; at += strlen(text->data + at) + 1)
		names->rows[i++].string = text->data + at;
	if (count)
		qsort(names->rows, count, sizeof(*names->rows), names_compare);
	/* A name may occur twice, if the directory changed meanwhile or the file system is faulty;
	   keep one. */
	for (size_t i = 0; i < count; i++)
		if (!names->count || names_compare(&names->rows[names->count - 1], &names->rows[i]))
			names->rows[names->count++] = names->rows[i];
	return 0;
}

/* ---- Names that are found but not listed ---- */

/* A directory above a name that was looked up. */
struct lookup_level {
	char *asked; /* its path as it was looked up; "": the root */
	char *path;  /* its path as the directories list it */
	struct directory_names names;
};

/* A path below a directory, or the name itself if the directory is "". To be freed. */
static char *lookup_join(const char *directory, const char *name)
{
	size_t room = strlen(directory) + 1 + strlen(name) + 1;
	char *path = malloc(room);

	if (path)
		snprintf(path, room, "%s%s%s", directory, *directory ? "/" : "", name);
	return path;
}

static void lookup_level_free(struct lookup_level *level)
{
	free(level->asked);
	free(level->path);
	names_clear(&level->names);
}

static int lookup_open(const struct lookup_level *level, int root)
{
	int fd = *level->path ? beneath_open(root, level->path, O_PATH | O_DIRECTORY) : dup(root);

	return fd < 0 && !*level->path ? -errno : fd;
}

static bool lookup_has(const struct lookup_level *level, const char *name)
{
	const struct directory_names *names = &level->names;

	return names->count && bsearch(&(struct directory_name){.string = name}, names->rows,
				       names->count, sizeof(*names->rows), names_compare);
}

/* The name in an open directory that is the file found by another name: the one that differs only
   in the case of ASCII letters; else the one with the same inode. NULL if there is none. */
static const char *lookup_other(const struct lookup_level *level, int dir, const char *asked)
{
	const struct directory_names *names = &level->names;
	struct stat st, found;

	for (size_t i = 0; i < names->count; i++)
		if (!strcasecmp(names->rows[i].string, asked))
			return names->rows[i].string;
	if (names->count > NAMES_EXAMINED_MAX || fstatat(dir, asked, &found, AT_SYMLINK_NOFOLLOW))
		return NULL;
	for (size_t i = 0; i < names->count; i++)
		if (!fstatat(dir, names->rows[i].string, &st, AT_SYMLINK_NOFOLLOW) &&
		    st.st_dev == found.st_dev && st.st_ino == found.st_ino)
			return names->rows[i].string;
	return NULL;
}

/* Look up a name in the directory of a level: *listed is the path under which it is listed, to be
   freed, or NULL. 0 or a code. */
static int lookup_component(struct lookup_level *level, const struct ssum_context *context,
			    int root, const char *asked, char **listed)
{
	const char *name = asked;
	int dir = -1, rc = 0;

	*listed = NULL;
	if (!lookup_has(level, asked)) {
		struct stat st;

		dir = lookup_open(level, root);
		rc = dir < 0 ? dir : fstat(dir, &st) ? -errno : 0;
		/* The directory may have changed since it was read for an earlier name. */
		if (!rc && (st.st_mtim.tv_sec != level->names.modified.tv_sec ||
			    st.st_mtim.tv_nsec != level->names.modified.tv_nsec)) {
			names_clear(&level->names);
			rc = names_read(&level->names, context, dir);
		}
		if (!rc && !lookup_has(level, asked))
			name = lookup_other(level, dir, asked);
		if (dir >= 0)
			close(dir);
	}
	if (!rc && name) {
		*listed = lookup_join(level->path, name);
		rc = *listed ? 0 : -ENOMEM;
	}
	return rc;
}

/* Add the directory with these paths, which are owned by the level or freed. 0 or a code. */
static int lookup_enter(struct names_lookup *lookup, const struct ssum_context *context, int root,
			char *asked, char *path)
{
	struct lookup_level level = {.asked = asked, .path = path};
	int rc = asked && path ? array_reserve(&lookup->levels, &lookup->capacity,
					       lookup->depth + 1, sizeof(level))
			       : -ENOMEM;
	int fd = rc ? -1 : lookup_open(&level, root);

	if (!rc)
		rc = fd < 0 ? fd : names_read(&level.names, context, fd);
	if (fd >= 0)
		close(fd);
	if (rc)
		lookup_level_free(&level);
	else
		lookup->levels[lookup->depth++] = level;
	return rc;
}

/* Whether the directory of a level is above a path. */
static bool lookup_is_above(const struct lookup_level *level, const char *path)
{
	size_t length = strlen(level->asked);

	return !length || (!strncmp(level->asked, path, length) && path[length] == '/');
}

int names_look_up(struct names_lookup *lookup, const struct ssum_context *context, int root,
		  const char *path, char **other)
{
	int rc = 0;

	*other = NULL;
	while (lookup->depth && !lookup_is_above(&lookup->levels[lookup->depth - 1], path))
		lookup_level_free(&lookup->levels[--lookup->depth]);
	if (!lookup->depth)
		rc = lookup_enter(lookup, context, root, strdup(""), strdup(""));
	while (!rc) {
		struct lookup_level *level = &lookup->levels[lookup->depth - 1];
		size_t begin = strlen(level->asked) + (*level->asked != '\0');
		size_t length = strcspn(path + begin, "/");
		char *asked = strndup(path + begin, length), *listed = NULL;

		rc = asked ? lookup_component(level, context, root, asked, &listed) : -ENOMEM;
		free(asked);
		if (rc)
			break;
		if (listed && path[begin + length]) {
			rc = lookup_enter(lookup, context, root, strndup(path, begin + length),
					  listed);
			continue;
		}
		bool is_listed = listed && !strcmp(listed, path);

		if (is_listed)
			free(listed);
		else
			*other = listed;
		return is_listed;
	}
	if (rc == -ENOMEM || rc == SSUM_ERR_CANCELLED)
		return rc;
	return rc == -ENOENT || rc == -ENOTDIR ? SSUM_ERR_CHANGED : SSUM_ERR_UNLISTED;
}

void names_lookup_free(struct names_lookup *lookup)
{
	while (lookup->depth)
		lookup_level_free(&lookup->levels[--lookup->depth]);
	free(lookup->levels);
	*lookup = (struct names_lookup){0};
}
