/* SPDX-License-Identifier: MIT */
/* Which files of a package are its manifests, and so no entries of it. */
#ifndef PACKAGE_MANIFEST_SET_H
#define PACKAGE_MANIFEST_SET_H

#include <sys/stat.h>

#include "base/common.h"

/* The suffix of the checkpoints that stand beside a manifest. */
#define CHECKPOINTS_SUFFIX ".checkpoints"

/* Files that are known by what they are, wherever they stand. */
struct file_identity {
	dev_t device;
	ino_t inode;
};

struct manifest_set {
	struct file_identity *files;
	size_t count;
};

/* Whether a path below the folder is that of a manifest or its checkpoints: at the top, and named
   for a known algorithm. */
bool is_manifest_name(const char *path);

/* Add the file that a descriptor refers to. 0, -errno, -ENOMEM. */
int manifest_set_add(struct manifest_set *set, int fd);

/* Whether an entry of a package is one of the set, or named as one. */
bool manifest_set_has(const struct manifest_set *set, const char *path, const struct stat *st);

void manifest_set_free(struct manifest_set *set);

#endif
