/* SPDX-License-Identifier: MIT */
#include "package/manifest_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "digest/algorithm.h"

bool is_manifest_name(const char *path)
{
	size_t length = strlen(path), suffix = strlen(CHECKPOINTS_SUFFIX);
	struct algorithm algorithm;
	char name[sizeof(algorithm.name) + sizeof(CHECKPOINTS_SUFFIX)];

	if (strchr(path, '/') || length >= sizeof(name))
		return false;
	memcpy(name, path, length + 1);
	if (length > suffix && !strcmp(name + length - suffix, CHECKPOINTS_SUFFIX))
		name[length - suffix] = '\0';
	if (algorithm_find_manifest(name, &algorithm))
		return false;
	algorithm_release(&algorithm);
	return true;
}

int manifest_set_add(struct manifest_set *set, int fd)
{
	struct file_identity *files;
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	files = realloc(set->files, (set->count + 1) * sizeof(*files));
	if (!files)
		return -ENOMEM;
	files[set->count++] = (struct file_identity){st.st_dev, st.st_ino};
	set->files = files;
	return 0;
}

bool manifest_set_has(const struct manifest_set *set, const char *path, const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return false;
	for (size_t i = 0; i < set->count; i++)
		if (set->files[i].inode == st->st_ino && set->files[i].device == st->st_dev)
			return true;
	return is_manifest_name(path);
}

void manifest_set_free(struct manifest_set *set)
{
	free(set->files);
	*set = (struct manifest_set){0};
}
