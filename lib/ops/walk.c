/* SPDX-License-Identifier: MIT */
#include "ops/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "io/opening.h"
#include "io/read_write.h"
#include "manifest/listing.h"

/* ---- The names of one directory ---- */

struct level_name {
	size_t at;         /* index into the text of the level */
	bool is_postponed; /* a directory that was moved back to its place in the order */
};

/* A directory from the top of the walk to the current one. */
struct level {
	struct bytes text; /* its names, each with a NUL */
	struct level_name *names;
	size_t count, capacity, next;
	size_t path_length; /* of the directory's own path */
	dev_t device;
	ino_t inode;
};

static const char *level_string(const struct level *level, const struct level_name *name)
{
	return level->text.data + name->at;
}

static int level_compare(const void *a, const void *b, void *level)
{
	return strcmp(level_string(level, a), level_string(level, b));
}

static void level_clear(struct level *level)
{
	bytes_free(&level->text);
	free(level->names);
	*level = (struct level){0};
}

/* Read and sort the names of a directory, whose path has that length. The context may be NULL. On
   failure nothing is allocated. 0, -errno, -ENOMEM or SSUM_ERR_CANCELLED. */
static int level_read(struct level *level, const struct ssum_context *context, int dir,
		      size_t path_length)
{
	const struct dirent *entry;
	struct stat st;
	size_t kept = 0;
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
		rc = array_reserve(&level->names, &level->capacity, level->count + 1,
				   sizeof(*level->names));
		if (rc)
			break;
		level->names[level->count] = (struct level_name){.at = level->text.length};
		rc = bytes_append(&level->text, entry->d_name, strlen(entry->d_name) + 1);
		if (!rc)
			level->count++;
	}
	closedir(stream);
	if (rc) {
		level_clear(level);
		return rc;
	}

	/* Sort as if all names were files; level_postpone() corrects the place of directories. A
	   name may occur twice, if the directory changed meanwhile or the file system is faulty;
	   keep one. */
	if (level->count)
		qsort_r(level->names, level->count, sizeof(*level->names), level_compare, level);
	for (size_t i = 0; i < level->count; i++)
		if (!kept || level_compare(&level->names[kept - 1], &level->names[i], level))
			level->names[kept++] = level->names[i];
	level->count = kept;
	return 0;
}

/*
 * The name before `next` is a directory. Its contents "a/..." sort after "a.x", although a file "a"
 * sorts before it. If there are such names, move the directory after them and return true: the walk
 * will see its name again there. This is decided only when the walk arrives at the name, since its
 * type may have changed since the directory was read.
 */
static bool level_postpone(struct level *level)
{
	struct level_name *names = level->names + level->next - 1, directory = *names;
	const char *name = level_string(level, &directory);
	size_t left = level->count - level->next, before = 0;

	while (before < left && path_order(level_string(level, &names[before + 1]),
					   names[before + 1].is_postponed, name, true) < 0)
		before++;
	if (directory.is_postponed || !before)
		return false;
	memmove(names, names + 1, before * sizeof(*names));
	directory.is_postponed = true;
	names[before] = directory;
	level->next--;
	return true;
}

/* ---- The walk ---- */

int filter_accepts(const struct ssum_filter *filter, const char *path, enum ssum_type type)
{
	int rc = filter->fn ? filter->fn(filter->user, path, type) : 1;

	return rc > 0 ? 1 : rc;
}

/* Make the open directory fd, whose path is set, the current one if it has any names. 1 if so: fd
   is owned by the walk then; 0 if it is empty, or an error. */
static int walk_push(struct ssum_tree *tree, int fd)
{
	struct level level;
	int rc = level_read(&level, tree->context, fd, tree->path.length);

	if (rc || (!level.count && tree->depth))
		return rc;
	rc = array_reserve(&tree->levels, &tree->capacity, tree->depth + 1, sizeof(level));
	if (rc) {
		level_clear(&level);
		return rc;
	}
	tree->levels[tree->depth++] = level;
	if (tree->at >= 0)
		close(tree->at);
	tree->at = fd;
	return 1;
}

/* Return to the parent directory. It must be the one that the walk came from: if the current
   directory was moved meanwhile, ".." leads out of the walk. */
static int walk_climb(struct ssum_tree *tree)
{
	const struct level *above = &tree->levels[tree->depth - 2];
	struct stat st;
	int fd = uninterrupted(openat(tree->at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC));

	if (fd < 0)
		return -errno;
	int rc = fstat(fd, &st) ? -errno : 0;
	if (!rc && (st.st_dev != above->device || st.st_ino != above->inode))
		rc = SSUM_ERR_CHANGED;
	if (rc) {
		close(fd);
		return rc;
	}
	close(tree->at);
	tree->at = fd;
	level_clear(&tree->levels[--tree->depth]);
	return 0;
}

/* Take the next name of a level. 1 if it is an entry; 0 if it is a directory that was entered or
   postponed, or does not take part; or an error. */
static int walk_visit(struct ssum_tree *tree, struct level *level)
{
	const struct level_name *next = &level->names[level->next++];
	const char *name = level_string(level, next);
	struct stat st;
	int rc;

	tree->path.length = level->path_length;
	if (level->path_length)
		tree->path.data[tree->path.length++] = '/';
	rc = bytes_append(&tree->path, name, strlen(name) + 1);
	if (rc)
		return rc;
	tree->path.length--;

	int error = fstatat(tree->at, name, &st, AT_SYMLINK_NOFOLLOW) ? -errno : 0;
	enum ssum_type type = error ? SSUM_TYPE_UNKNOWN : type_of_mode(st.st_mode);
	uint64_t length = 0;

	if (type == SSUM_TYPE_DIRECTORY && level_postpone(level))
		return 0;
	if (next->is_postponed && !error && type != SSUM_TYPE_DIRECTORY)
		error = SSUM_ERR_CHANGED;
	rc = filter_accepts(&tree->filter, tree->path.data, type);
	if (rc != 1)
		return rc;

	if (!error && type == SSUM_TYPE_DIRECTORY) {
		int fd = beneath_open(tree->at, name, O_RDONLY | O_DIRECTORY);

		rc = fd < 0 ? fd : walk_push(tree, fd);
		if (rc == 1)
			return 0;
		if (fd >= 0)
			close(fd);
		if (rc == -ENOMEM || rc == SSUM_ERR_CANCELLED)
			return rc;
		error = rc;
	} else if (!error && type == SSUM_TYPE_FILE) {
		length = (uint64_t)st.st_size;
	}
	tree->entry = (struct ssum_tree_entry){
		.size = sizeof(tree->entry),
		.path = tree->path.data,
		.type = type,
		.length = length,
		.error = error,
	};
	return 1;
}

int ssum_tree_next(struct ssum_tree *tree, const struct ssum_tree_entry **entry)
{
	int rc = 0;

	*entry = &tree->entry;
	while (!rc) {
		struct level *level = &tree->levels[tree->depth - 1];

		if (level->next < level->count)
			rc = walk_visit(tree, level);
		else if (tree->depth == 1)
			return 0;
		else
			rc = walk_climb(tree);
	}
	return rc;
}

bool walk_is_in(const struct ssum_tree *tree, dev_t device, ino_t inode)
{
	const struct level *level = &tree->levels[tree->depth - 1];

	return level->device == device && level->inode == inode;
}

int walk_init(struct ssum_tree *tree, const struct ssum_context *context, int root,
	      const struct ssum_filter *filter)
{
	int fd = uninterrupted(openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	int rc = fd < 0 ? -errno : 0;

	*tree = (struct ssum_tree){.context = context, .at = -1};
	if (filter)
		tree->filter = *filter;
	if (!rc)
		rc = walk_push(tree, fd);
	if (rc == 1)
		return 0;
	if (fd >= 0)
		close(fd);
	walk_clear(tree);
	return rc;
}

void walk_clear(struct ssum_tree *tree)
{
	while (tree->depth)
		level_clear(&tree->levels[--tree->depth]);
	free(tree->levels);
	bytes_free(&tree->path);
	if (tree->at >= 0)
		close(tree->at);
	tree->at = -1;
	tree->levels = NULL;
}

/* ---- Public functions ---- */

int ssum_tree_open(const char *directory, const struct ssum_filter *filter, struct ssum_tree **tree)
{
	struct ssum_tree *made = malloc(sizeof(*made));
	int root = made ? directory_open(directory) : -ENOMEM;
	int rc = root < 0 ? root : walk_init(made, NULL, root, filter);

	if (root >= 0)
		close(root);
	if (rc) {
		free(made);
		made = NULL;
	}
	*tree = made;
	return rc;
}

void ssum_tree_close(struct ssum_tree *tree)
{
	if (!tree)
		return;
	walk_clear(tree);
	free(tree);
}
