/* SPDX-License-Identifier: MIT */
/* The walk of a directory, in the order of the bytes of the paths. */
#ifndef OPS_TREE_H
#define OPS_TREE_H

#include <sys/stat.h>

#include "base/bytes.h"
#include "base/context.h"
#include "sparsesum/package.h"

struct level;

struct ssum_tree {
	const struct ssum_context *context; /* stops the walk, or NULL */
	int at;                             /* the directory of the current level */
	struct level *levels;
	size_t depth, capacity;
	struct bytes path; /* of the entry, as a string */
	struct ssum_filter filter;
	struct ssum_tree_entry entry;
};

/* As ssum_tree_open(), in place, for the directory root, which stays the caller's. Where the
   context is cancelled, a directory's names are not read to their end: SSUM_ERR_CANCELLED. It may
   be NULL. */
int tree_init(struct ssum_tree *tree, const struct ssum_context *context, int root,
	      const struct ssum_filter *filter);
void tree_clear(struct ssum_tree *tree);

/* Whether an entry takes part: 1, 0 or a code. */
int filter_accepts(const struct ssum_filter *filter, const char *path, enum ssum_type type);

/* Whether the present entry is in the directory of that identity. */
bool tree_is_in(const struct ssum_tree *tree, dev_t device, ino_t inode);

#endif
