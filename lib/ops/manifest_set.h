/* SPDX-License-Identifier: MIT */
/* Which files of a package are its manifests, and so no entries of it. */
#ifndef OPS_MANIFEST_SET_H
#define OPS_MANIFEST_SET_H

#include "ops/walk.h"

/* A name in a directory. (What the file is would say too much: another link to it is an entry.) */
struct manifest_place {
	dev_t device; /* of the directory */
	ino_t inode;
	char *name;
};

struct manifest_set {
	struct manifest_place *places;
	size_t count;
	bool in_making; /* what is on its way to one of these names belongs to it as well */
};

/* Whether a path below the directory is that of a manifest or its checkpoints: at the top, and
   named for a known algorithm. 1, 0, or SSUM_ERR_CRYPTO if libcrypto cannot tell. */
int is_manifest_name(const char *path);

/* Add a name in a directory. 0, -errno, -ENOMEM. */
int manifest_set_add(struct manifest_set *set, int directory, const char *name);

/* Whether the present entry of a walk is one of the set, or is named as one; or was so until it
   went away, replaced by another process perhaps. As is_manifest_name(). */
int manifest_set_has(const struct manifest_set *set, const struct ssum_tree *tree);

void manifest_set_free(struct manifest_set *set);

#endif
