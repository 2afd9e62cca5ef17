/* SPDX-License-Identifier: MIT */
#include "ops/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "io/opening.h"
#include "io/read_write.h"
#include "manifest/listing.h"

/* ---- Directories ---- */

/* A directory on the path from the top of the walk to the current entry. Its names are sorted as if
   all were files; walk_postpone() corrects the place of directories. */
struct walk_directory {
	struct directory_names names; /* names from index `next` on are not visited yet */
	size_t next;
	size_t path_length; /* of the directory's own path */
};

/*
 * The name before `next` is a directory. Its contents "a/..." sort after "a.x", although a file "a"
 * sorts before it. If there are such names, move the directory after them and return true: the walk
 * will see its name again there. This is decided only when the walk arrives at the name, since its
 * type may have changed since the directory was read.
 */
static bool walk_postpone(struct walk_directory *directory)
{
	struct directory_name *names = directory->names.rows + directory->next - 1, moved = *names;
	size_t left = directory->names.count - directory->next, before = 0;

	while (before < left && path_order(names[before + 1].string, names[before + 1].is_postponed,
					   moved.string, true) < 0)
		before++;
	if (moved.is_postponed || !before)
		return false;
	memmove(names, names + 1, before * sizeof(*names));
	moved.is_postponed = true;
	names[before] = moved;
	directory->next--;
	return true;
}

/* ---- The walk ---- */

int filter_accepts(const struct ssum_filter *filter, const char *path, enum ssum_type type)
{
	int rc = filter->fn ? filter->fn(filter->user, path, type) : 1;

	return rc > 0 ? 1 : rc;
}

/* Enter the open directory fd, whose path is tree->path, unless it is empty. 1 if the walk has
   entered it, and owns fd; 0 if it is empty, or an error. The top of the walk is entered even if
   it is empty. */
static int walk_enter(struct ssum_tree *tree, int fd)
{
	struct walk_directory directory = {.path_length = tree->path.length};
	int rc = names_read(&directory.names, tree->context, fd);

	if (rc || (!directory.names.count && tree->depth))
		return rc;
	rc = array_reserve(&tree->directories, &tree->capacity, tree->depth + 1, sizeof(directory));
	if (rc) {
		names_clear(&directory.names);
		return rc;
	}
	tree->directories[tree->depth++] = directory;
	if (tree->fd >= 0)
		close(tree->fd);
	tree->fd = fd;
	return 1;
}

/* Return to the parent directory. It must be the directory that the walk came from: if the current
   directory was moved meanwhile, ".." is outside of the walk. */
static int walk_leave(struct ssum_tree *tree)
{
	const struct walk_directory *parent = &tree->directories[tree->depth - 2];
	struct stat st;
	int fd = uninterrupted(openat(tree->fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC));

	if (fd < 0)
		return -errno;
	int rc = fstat(fd, &st) ? -errno : 0;
	if (!rc && (st.st_dev != parent->names.device || st.st_ino != parent->names.inode))
		rc = SSUM_ERR_CHANGED;
	if (rc) {
		close(fd);
		return rc;
	}
	close(tree->fd);
	tree->fd = fd;
	names_clear(&tree->directories[--tree->depth].names);
	return 0;
}

/* Visit the next name of the current directory. 1 if it is an entry; 0 if it is a directory that
   was entered or postponed, or if the filter refuses it; or an error. */
static int walk_visit(struct ssum_tree *tree, struct walk_directory *directory)
{
	const struct directory_name *next = &directory->names.rows[directory->next++];
	const char *name = next->string;
	struct stat st;
	int rc;

	tree->path.length = directory->path_length;
	if (directory->path_length)
		tree->path.data[tree->path.length++] = '/';
	rc = bytes_append(&tree->path, name, strlen(name) + 1);
	if (rc)
		return rc;
	tree->path.length--;

	int error = fstatat(tree->fd, name, &st, AT_SYMLINK_NOFOLLOW) ? -errno : 0;
	enum ssum_type type = error ? SSUM_TYPE_UNKNOWN : type_of_mode(st.st_mode);
	uint64_t length = 0;

	if (type == SSUM_TYPE_DIRECTORY && walk_postpone(directory))
		return 0;
	if (next->is_postponed && !error && type != SSUM_TYPE_DIRECTORY)
		error = SSUM_ERR_CHANGED;
	rc = filter_accepts(&tree->filter, tree->path.data, type);
	if (rc != 1)
		return rc;

	if (!error && type == SSUM_TYPE_DIRECTORY) {
		int fd = beneath_open(tree->fd, name, O_RDONLY | O_DIRECTORY);

		rc = fd < 0 ? fd : walk_enter(tree, fd);
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

int walk_advance(struct ssum_tree *tree)
{
	int rc = 0;

	tree->current = NULL;
	while (!rc) {
		struct walk_directory *directory = &tree->directories[tree->depth - 1];

		if (directory->next < directory->names.count)
			rc = walk_visit(tree, directory);
		else if (tree->depth == 1)
			return 0;
		else
			rc = walk_leave(tree);
	}
	if (rc < 0)
		return rc;
	tree->current = &tree->entry;
	return 0;
}

bool walk_is_in(const struct ssum_tree *tree, dev_t device, ino_t inode)
{
	const struct walk_directory *directory = &tree->directories[tree->depth - 1];

	return directory->names.device == device && directory->names.inode == inode;
}

bool walk_is_found_as(const struct ssum_tree *tree, const char *name)
{
	const struct directory_names *names = &tree->directories[tree->depth - 1].names;
	const char *path = tree->entry.path, *slash = strrchr(path, '/');
	struct stat st;

	if (strcasecmp(slash ? slash + 1 : path, name))
		return false;
	for (size_t i = 0; i < names->count; i++)
		if (!strcmp(names->rows[i].string, name))
			return false;
	return !fstatat(tree->fd, name, &st, AT_SYMLINK_NOFOLLOW);
}

int walk_init(struct ssum_tree *tree, const struct ssum_context *context, int root,
	      const struct ssum_filter *filter)
{
	int fd = uninterrupted(openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	int rc = fd < 0 ? -errno : 0;

	*tree = (struct ssum_tree){.context = context, .fd = -1};
	if (filter)
		tree->filter = *filter;
	if (!rc)
		rc = walk_enter(tree, fd);
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
		names_clear(&tree->directories[--tree->depth].names);
	free(tree->directories);
	bytes_free(&tree->path);
	if (tree->fd >= 0)
		close(tree->fd);
	*tree = (struct ssum_tree){.fd = -1};
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

int ssum_tree_next(struct ssum_tree *tree, const struct ssum_tree_entry **entry)
{
	int rc = walk_advance(tree);

	*entry = tree->current;
	return rc ? rc : *entry != NULL;
}

void ssum_tree_close(struct ssum_tree *tree)
{
	if (!tree)
		return;
	walk_clear(tree);
	free(tree);
}
