/* SPDX-License-Identifier: MIT */
/* The names of one folder, in the order in which a walk visits them. */
#ifndef PACKAGE_WALK_LEVEL_H
#define PACKAGE_WALK_LEVEL_H

#include <sys/types.h>

#include "base/bytes.h"
#include "base/context.h"

struct name {
	size_t at;         /* in the level's text */
	bool is_postponed; /* a folder, where those of its names belong */
};

/* A folder on the way from the top to the current one. */
struct level {
	struct bytes text; /* its names, each with a NUL */
	struct name *names;
	size_t count, capacity, next;
	size_t path_length; /* of what stands before its names in a path */
	dev_t device;
	ino_t inode;
};

/* Read the names of a folder, whose path is that long. The context may be NULL; on failure nothing
   is owned. 0, -errno, -ENOMEM or SSUM_ERR_CANCELLED. */
int level_read(struct level *level, const struct ssum_context *context, int dir,
	       size_t path_length);
void level_clear(struct level *level);

const char *level_name(const struct level *level, const struct name *name);

/* The last name that was taken is a folder: true if others go before what is in it. It comes once
   more then, behind these. */
bool level_postpone(struct level *level);

#endif
