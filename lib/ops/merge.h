/* SPDX-License-Identifier: MIT */
/* Two sorted sequences of paths side by side: a walk and a listing, or two walks. */
#ifndef OPS_MERGE_H
#define OPS_MERGE_H

#include "ops/walk.h"

/* A walk of a directory and the entry that comes next. */
struct walk {
	struct ssum_tree tree;
	const struct ssum_tree_entry *entry; /* NULL: the walk is at its end */
};

/* Start at the first entry, as walk_init(). Call walk_end() even after a failure. 0 or a code. */
int walk_begin(struct walk *walk, const struct ssum_context *context, int root,
	       const struct ssum_filter *filter);

/* Go to the next entry. 0 or a code. */
int walk_advance(struct walk *walk);

void walk_end(struct walk *walk);

/* The next path of a sequence. */
struct merge_head {
	const char *path; /* NULL: the sequence is at its end */
	bool is_directory;
};

static inline struct merge_head walk_head(const struct walk *walk)
{
	const struct ssum_tree_entry *entry = walk->entry;

	return (struct merge_head){.path = entry ? entry->path : NULL,
				   .is_directory = entry && entry->type == SSUM_TYPE_DIRECTORY};
}

/* Which sequence has the path that comes next: the first one alone (< 0), the second one alone
   (> 0), or both (0, also if both are at their ends). */
int merge_order(struct merge_head first, struct merge_head second);

#endif
