/* SPDX-License-Identifier: MIT */
#include "ops/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "io/beneath.h"
#include "io/interruptions.h"
#include "io/named.h"
#include "ops/level.h"

/* ---- The way down and up ---- */

static int push_level(struct ssum_tree *tree, const struct level *level)
{
	int rc = array_reserve(&tree->levels, &tree->capacity, tree->depth + 1, sizeof(*level));

	if (!rc)
		tree->levels[tree->depth++] = *level;
	return rc;
}

/* Go into the directory whose path is set. 1 if it holds anything, 0 if it is empty, or a code; the
   walk stays where it is unless it is 1. */
static int descend(struct ssum_tree *tree, const char *name)
{
	struct level level;
	int fd = beneath_open(tree->at, name, O_RDONLY | O_DIRECTORY);
	int rc = fd < 0 ? fd : level_read(&level, tree->context, fd, tree->path.length);

	if (fd < 0)
		return rc;
	if (!rc && level.count) {
		rc = push_level(tree, &level);
		if (!rc) {
			close(tree->at);
			tree->at = fd;
			return 1;
		}
		level_clear(&level);
	}
	close(fd);
	return rc;
}

/* The directory above must be the one that the walk came from: if this one was moved elsewhere
   meanwhile, ".." leads out of the walk. */
static int climb(struct ssum_tree *tree)
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

/* ---- The walk ---- */

int filter_accepts(const struct ssum_filter *filter, const char *path, enum ssum_type type)
{
	int rc = filter->fn ? filter->fn(filter->user, path, type) : 1;

	return rc > 0 ? 1 : rc;
}

static int set_path(struct ssum_tree *tree, const struct level *level, const char *name)
{
	tree->path.length = level->path_length;
	if (level->path_length)
		tree->path.data[tree->path.length++] = '/';
	int rc = bytes_append(&tree->path, name, strlen(name) + 1);
	if (!rc)
		tree->path.length--;
	return rc;
}

static int set_entry(struct ssum_tree *tree, enum ssum_type type, uint64_t length, int error)
{
	tree->entry = (struct ssum_tree_entry){
		.size = sizeof(tree->entry),
		.path = tree->path.data,
		.type = type,
		.length = length,
		.error = error,
	};
	return 1;
}

/* 1 with an entry; 0 if it was a directory, which the walk is in now or comes to later, or takes no
   part; or a code. */
static int visit(struct ssum_tree *tree, struct level *level)
{
	const struct name *named = &level->names[level->next - 1];
	const char *name = level_name(level, named);
	struct stat st;
	int rc = set_path(tree, level, name);

	if (rc)
		return rc;
	int error = fstatat(tree->at, name, &st, AT_SYMLINK_NOFOLLOW) ? -errno : 0;
	enum ssum_type type = error ? SSUM_TYPE_UNKNOWN : type_of_mode(st.st_mode);

	if (type == SSUM_TYPE_DIRECTORY && level_postpone(level))
		return 0;
	if (named->is_postponed && !error && type != SSUM_TYPE_DIRECTORY)
		error = SSUM_ERR_CHANGED;
	rc = filter_accepts(&tree->filter, tree->path.data, type);
	if (rc != 1)
		return rc;
	if (error)
		return set_entry(tree, type, 0, error);
	if (type != SSUM_TYPE_DIRECTORY)
		return set_entry(tree, type, S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0, 0);
	rc = descend(tree, name);
	if (rc == -ENOMEM || rc == SSUM_ERR_CANCELLED)
		return rc;
	return rc == 1 ? 0 : set_entry(tree, SSUM_TYPE_DIRECTORY, 0, rc);
}

int ssum_tree_next(struct ssum_tree *tree, const struct ssum_tree_entry **entry)
{
	int rc = 0;

	*entry = &tree->entry;
	while (!rc) {
		struct level *level = &tree->levels[tree->depth - 1];

		if (level->next < level->count) {
			level->next++;
			rc = visit(tree, level);
		} else if (tree->depth == 1) {
			return 0;
		} else {
			rc = climb(tree);
		}
	}
	return rc;
}

bool tree_is_in(const struct ssum_tree *tree, dev_t device, ino_t inode)
{
	const struct level *level = &tree->levels[tree->depth - 1];

	return level->device == device && level->inode == inode;
}

int tree_init(struct ssum_tree *tree, const struct ssum_context *context, int root,
	      const struct ssum_filter *filter)
{
	struct level level;
	int rc;

	*tree = (struct ssum_tree){.context = context};
	if (filter)
		tree->filter = *filter;
	tree->at = uninterrupted(openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (tree->at < 0)
		return -errno;
	rc = level_read(&level, context, tree->at, 0);
	if (!rc) {
		rc = push_level(tree, &level);
		if (rc)
			level_clear(&level);
	}
	if (rc)
		tree_clear(tree);
	return rc;
}

void tree_clear(struct ssum_tree *tree)
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

int ssum_tree_open(const char *directory, const struct ssum_filter *filter, struct ssum_tree **tree)
{
	struct ssum_tree *made = malloc(sizeof(*made));
	int root = made ? directory_open(directory) : -ENOMEM;
	int rc = root < 0 ? root : tree_init(made, NULL, root, filter);

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
	tree_clear(tree);
	free(tree);
}
