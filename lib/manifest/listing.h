/* SPDX-License-Identifier: MIT */
/* Listings: the entries of all manifests of a package, in the order of the walk. */
#ifndef MANIFEST_LISTING_H
#define MANIFEST_LISTING_H

#include "base/bytes.h"
#include "sparsesum/package.h"

/* Compare two paths of a package: by their bytes, a directory as if its path ended in '/'. Less
   than 0, 0 or greater than 0, as strcmp(). */
int path_order(const char *a, bool a_is_directory, const char *b, bool b_is_directory);

/* A row of a listing: one digest, symlink or directory that a manifest lists. */
struct listed {
	size_t name_at;     /* index into the text of the listing: a string */
	size_t target_at;   /* likewise: the target of a symlink, a string; or the bytes of a digest
			     */
	uint64_t length;    /* of a file, or SSUM_LENGTH_UNKNOWN */
	uint64_t line;      /* in the manifest */
	uint32_t manifest;  /* the index of the manifest */
	uint32_t algorithm; /* of the digest: index into the list of algorithms */
	uint32_t type;      /* enum ssum_type */
	bool has_target;    /* the target of the symlink, or the digest of the file, is listed */
};

struct listing {
	struct bytes text;
	struct listed *rows;
	size_t count, capacity;
};

/* Add a copy of *row; name_at, target_at and has_target are set here. A leading "./" of the name,
   as in the output of find, is removed. target may be NULL. 0, SSUM_ERR_NAME, -ENOMEM. */
int listing_add(struct listing *listing, const struct listed *row, const char *name,
		const void *target, size_t target_length);

/* Sort by path, then by manifest, line and algorithm. Add nothing after this. */
void listing_sort(struct listing *listing);

/* The number of rows, from `first` on, that have the same path. The listing must be sorted. */
size_t listing_group(const struct listing *listing, size_t first);

/* Whether a path is listed, as any type. The listing must be sorted. */
bool listing_has(const struct listing *listing, const char *path);

const char *listed_name(const struct listing *listing, size_t row);

/* The target of a symlink, or the bytes of a digest. */
const char *listed_target(const struct listing *listing, size_t row);

static inline bool has_digest(const struct listed *row)
{
	return row->type == SSUM_TYPE_FILE && row->has_target;
}

void listing_free(struct listing *listing);

#endif
