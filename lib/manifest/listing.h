/* SPDX-License-Identifier: MIT */
/* What a package should contain: the entries of all its manifests together, in the order of the
   walk. */
#ifndef MANIFEST_LISTING_H
#define MANIFEST_LISTING_H

#include "base/bytes.h"
#include "sparsesum/package.h"

/* The order of the paths of a package: by bytes, a directory as if its path ended in '/'. Less than
   0, 0 or greater than 0, as strcmp(). */
int path_order(const char *a, bool a_is_directory, const char *b, bool b_is_directory);

/* What one manifest says about a path. */
struct listed {
	size_t name_at;     /* index into the text of the listing: a string */
	size_t target_at;   /* likewise: a symlink's target, a string; or the bytes of a digest */
	uint64_t length;    /* of a file, or SSUM_LENGTH_UNKNOWN */
	uint64_t line;      /* in the manifest */
	uint32_t manifest;  /* its index */
	uint32_t algorithm; /* of a file's digest: index into the list of algorithms */
	uint32_t type;      /* enum ssum_type */
	bool has_target;    /* the target of the symlink, or the digest of the file, is listed */
};

struct listing {
	struct bytes text;
	struct listed *rows;
	size_t count, capacity;
};

/* Add a row, without its name_at, target_at and has_target, which are set here. A leading "./" of
   the name is dropped, as in the output of find; target may be NULL. 0, SSUM_ERR_NAME, -ENOMEM. */
int listing_add(struct listing *listing, const struct listed *row, const char *name,
		const void *target, size_t target_length);

/* Sort by path, then by manifest, line and algorithm. Add nothing after this. */
void listing_sort(struct listing *listing);

/* The number of rows, from `first` on, with the same path. The listing is sorted. */
size_t listing_group(const struct listing *listing, size_t first);

const char *listed_name(const struct listing *listing, size_t row);

/* The target of a symlink, or the bytes of a digest. */
const char *listed_target(const struct listing *listing, size_t row);

static inline bool has_digest(const struct listed *row)
{
	return row->type == SSUM_TYPE_FILE && row->has_target;
}

void listing_free(struct listing *listing);

#endif
