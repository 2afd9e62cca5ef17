/* SPDX-License-Identifier: MIT */
/* What is listed of a package, from all sources together and in the order of the walk. */
#ifndef MANIFEST_LISTING_H
#define MANIFEST_LISTING_H

#include "base/bytes.h"
#include "sparsesum/package.h"

/* What one of the manifests says of a path. */
struct listed {
	size_t name_at;   /* in the listing's text, with a NUL */
	size_t target_at; /* of a link the same; of a file where the digest's bytes are */
	uint64_t length;  /* of a file, or SSUM_LENGTH_UNKNOWN */
	uint64_t line;
	uint32_t manifest;  /* its number */
	uint32_t algorithm; /* of a file's digest, in the list of all */
	uint32_t type;      /* enum ssum_type */
	bool has_target;    /* else the link's target, or the file's digest, is not listed */
};

struct listing {
	struct bytes text;
	struct listed *rows;
	size_t count, capacity;
};

/* Add a row; of it everything is set but where its texts are. A leading "./" is taken off the name,
   as in the output of find; target may be NULL. 0, SSUM_ERR_NAME, -ENOMEM. */
int listing_add(struct listing *listing, const struct listed *row, const char *name,
		const void *target, size_t target_length);

/* Sort by path, then by manifest, line and algorithm. After this nothing can be added. */
void listing_sort(struct listing *listing);

/* How many rows from `first` on are for the same path. */
size_t listing_group(const struct listing *listing, size_t first);

const char *listed_name(const struct listing *listing, size_t row);

/* Whether a row has a digest. */
static inline bool has_digest(const struct listed *row)
{
	return row->type == SSUM_TYPE_FILE && row->has_target;
}

/* The target of a link; the digest's bytes of a file. */
const char *listed_target(const struct listing *listing, size_t row);

void listing_free(struct listing *listing);

#endif
