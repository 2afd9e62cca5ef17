/* SPDX-License-Identifier: MIT */
/* The names of one directory, in the order in which a walk visits them. */
#ifndef OPS_LEVEL_H
#define OPS_LEVEL_H

#include <sys/types.h>

#include "base/bytes.h"
#include "base/context.h"

struct name {
	size_t at;         /* in the level's text */
	bool is_postponed; /* a directory, where those of its names belong */
};

/* A directory on the way from the top to the current one. */
struct level {
	struct bytes text; /* its names, each with a NUL */
	struct name *names;
	size_t count, capacity, next;
	size_t path_length; /* of what stands before its names in a path */
	dev_t device;
	ino_t inode;
};

/* Read the names of a directory, whose path is that long. The context may be NULL; on failure
   nothing is owned. 0, -errno, -ENOMEM or SSUM_ERR_CANCELLED. */
int level_read(struct level *level, const struct ssum_context *context, int dir,
	       size_t path_length);
void level_clear(struct level *level);

const char *level_name(const struct level *level, const struct name *name);

/* The last name that was taken is a directory: true if others go before what is in it. It comes
   once more then, behind these. */
bool level_postpone(struct level *level);

#endif
