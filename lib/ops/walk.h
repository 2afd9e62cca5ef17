/* SPDX-License-Identifier: MIT */
/* Walking a directory in the order of the bytes of the paths. */
#ifndef OPS_WALK_H
#define OPS_WALK_H

#include <sys/stat.h>

#include "base/bytes.h"
#include "base/context.h"
#include "sparsesum/package.h"

struct level;

struct ssum_tree {
	const struct ssum_context *context; /* its cancellation ends the walk; or NULL */
	int at;                             /* the directory of the current level */
	struct level *levels;               /* from the top of the walk to the current directory */
	size_t depth, capacity;
	struct bytes path; /* of the current entry, with a NUL after it */
	struct ssum_filter filter;
	struct ssum_tree_entry entry;
};

/*
 * As ssum_tree_open(), in place, for the open directory root, which is not closed. The context and
 * the filter may be NULL. If the context is cancelled, the walk fails with SSUM_ERR_CANCELLED, even
 * within a directory.
 */
int walk_init(struct ssum_tree *tree, const struct ssum_context *context, int root,
	      const struct ssum_filter *filter);
void walk_clear(struct ssum_tree *tree);

/* Whether an entry takes part: 1, 0 or an error. */
int filter_accepts(const struct ssum_filter *filter, const char *path, enum ssum_type type);

/* Whether the current entry is in the directory with this identity. */
bool walk_is_in(const struct ssum_tree *tree, dev_t device, ino_t inode);

#endif
