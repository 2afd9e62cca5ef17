/* SPDX-License-Identifier: MIT */
/* The names in a directory, and whether it lists the names that are found in it. */
#ifndef OPS_NAMES_H
#define OPS_NAMES_H

#include <sys/stat.h>

#include "base/bytes.h"
#include "base/context.h"

struct directory_name {
	const char *string;
	bool is_postponed; /* for the walk: a directory that was moved to its place in the order */
};

/* The names in one directory. */
struct directory_names {
	struct bytes text;           /* the names, each with a NUL */
	struct directory_name *rows; /* sorted by their bytes, each once */
	size_t count;
	dev_t device; /* of the directory */
	ino_t inode;
	struct timespec modified; /* before it was read */
};

/* Read and sort the names in the open directory `dir`, which may be an O_PATH descriptor. The
   context may be NULL. On failure nothing is allocated. 0, -errno, -ENOMEM or SSUM_ERR_CANCELLED.
 */
int names_read(struct directory_names *names, const struct ssum_context *context, int dir);
void names_clear(struct directory_names *names);

/*
 * Some file systems find a file by names that its directory does not list: they ignore case or the
 * form of characters, or have a second, short name for each file. So a name that can be opened is
 * looked up in its directory. The directories above the last name are kept for the next one.
 */
struct names_lookup {
	struct lookup_level *levels; /* the root of the lookups, and the directories below it */
	size_t depth, capacity;
};

/*
 * Whether the directories beneath `root` list a path that can be opened, component by component. 1;
 * or 0, and *other is the path under which they list it, to be freed, or NULL if that is not known.
 * Or an error: -ENOMEM, SSUM_ERR_CANCELLED, SSUM_ERR_CHANGED if the path has gone meanwhile,
 * SSUM_ERR_UNLISTED if a directory cannot be listed.
 */
int names_look_up(struct names_lookup *lookup, const struct ssum_context *context, int root,
		  const char *path, char **other);
void names_lookup_free(struct names_lookup *lookup);

#endif
