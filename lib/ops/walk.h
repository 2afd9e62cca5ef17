/* SPDX-License-Identifier: MIT */
/* Walking a directory in the order of path_order(). */
#ifndef OPS_WALK_H
#define OPS_WALK_H

#include "ops/names.h"
#include "sparsesum/package.h"

struct walk_directory;

struct ssum_tree {
	const struct ssum_context *context; /* its cancellation ends the walk; or NULL */
	int fd;                             /* the current directory, or -1 */
	/* From the top of the walk to the current directory. */
	struct walk_directory *directories;
	size_t depth, capacity;
	struct bytes path; /* path of the current entry, with a NUL after it */
	struct ssum_filter filter;
	struct ssum_tree_entry entry;
	/* Points to `entry`; NULL before the first entry, at the end and after an error. */
	const struct ssum_tree_entry *current;
};

/*
 * Initialize a walk of the open directory root, which is not closed. The walk is before its first
 * entry. The context and the filter may be NULL. If the context is cancelled, the walk fails with
 * SSUM_ERR_CANCELLED, even while it reads a directory. On failure nothing is allocated. 0, or an
 * error as ssum_tree_open().
 */
int walk_init(struct ssum_tree *tree, const struct ssum_context *context, int root,
	      const struct ssum_filter *filter);

/* Free the walk. May be called twice, and for a tree that is all zero except fd, which is -1. */
void walk_clear(struct ssum_tree *tree);

/* Set tree->current to the next entry, or to NULL at the end. 0, or an error as ssum_tree_next().
 */
int walk_advance(struct ssum_tree *tree);

/* Whether an entry takes part: 1, 0, or the code of the filter. */
int filter_accepts(const struct ssum_filter *filter, const char *path, enum ssum_type type);

/* Whether the directory of the current entry has this identity. */
bool walk_is_in(const struct ssum_tree *tree, dev_t device, ino_t inode);

/* Whether the current entry is also found by another spelling of its last component, in upper or
   lower case, which its directory does not list: the file system ignores case. */
bool walk_is_found_as(const struct ssum_tree *tree, const char *name);

#endif
