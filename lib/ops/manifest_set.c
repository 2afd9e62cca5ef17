/* SPDX-License-Identifier: MIT */
#include "ops/manifest_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "digest/algorithm.h"
#include "io/atomic_file.h"
#include "manifest/checkpoint_file.h"

int is_manifest_name(const char *path)
{
	size_t length = strlen(path), suffix = strlen(CHECKPOINTS_SUFFIX);
	struct algorithm algorithm;
	char name[sizeof(algorithm.name) + sizeof(CHECKPOINTS_SUFFIX)];

	if (strchr(path, '/') || length >= sizeof(name))
		return 0;
	memcpy(name, path, length + 1);
	if (length > suffix && !strcmp(name + length - suffix, CHECKPOINTS_SUFFIX))
		name[length - suffix] = '\0';
	int rc = algorithm_find_manifest(name, &algorithm);
	if (!rc)
		algorithm_release(&algorithm);
	if (rc == SSUM_ERR_ALGORITHM)
		return 0;
	return rc && rc != SSUM_ERR_KERNEL ? rc : 1; /* an algorithm all the same */
}

int manifest_set_add(struct manifest_set *set, int directory, const char *name)
{
	struct manifest_place *places;
	struct stat st;

	if (fstat(directory, &st))
		return -errno;
	places = realloc(set->places, (set->count + 1) * sizeof(*places));
	if (!places)
		return -ENOMEM;
	set->places = places;
	places[set->count] = (struct manifest_place){st.st_dev, st.st_ino, strdup(name)};
	if (!places[set->count].name)
		return -ENOMEM;
	set->count++;
	return 0;
}

static bool is_named(const struct manifest_set *set, const char *name, const char *place)
{
	return !strcmp(place, name) || (set->in_making && atomic_file_is_temporary(name, place));
}

int manifest_set_has(const struct manifest_set *set, const struct ssum_tree *tree)
{
	const char *path = tree->entry.path, *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	if (tree->entry.error != -ENOENT &&
	    (tree->entry.error || tree->entry.type != SSUM_TYPE_FILE))
		return 0;
	for (size_t i = 0; i < set->count; i++)
		if (is_named(set, name, set->places[i].name) &&
		    walk_is_in(tree, set->places[i].device, set->places[i].inode))
			return 1;
	return is_manifest_name(path);
}

void manifest_set_free(struct manifest_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		free(set->places[i].name);
	free(set->places);
	*set = (struct manifest_set){0};
}
