/* SPDX-License-Identifier: MIT */
#include "ops/merge.h"

#include "manifest/listing.h"

int walk_begin(struct walk *walk, const struct ssum_context *context, int root,
	       const struct ssum_filter *filter)
{
	int rc = walk_init(&walk->tree, context, root, filter);

	walk->entry = NULL;
	return rc ? rc : walk_advance(walk);
}

int walk_advance(struct walk *walk)
{
	int rc = ssum_tree_next(&walk->tree, &walk->entry);

	if (rc != 1)
		walk->entry = NULL;
	return rc < 0 ? rc : 0;
}

void walk_end(struct walk *walk)
{
	walk_clear(&walk->tree);
	walk->entry = NULL;
}

int merge_order(struct merge_head first, struct merge_head second)
{
	if (!first.path || !second.path)
		return !first.path - !second.path;
	return path_order(first.path, first.is_directory, second.path, second.is_directory);
}
