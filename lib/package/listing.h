/* SPDX-License-Identifier: MIT */
/* What the manifests of a package list, all together and in the order of the walk. */
#ifndef PACKAGE_LISTING_H
#define PACKAGE_LISTING_H

#include "formats/manifest.h"

/* A line of one of the manifests. */
struct listed {
	size_t name_at;   /* in the listing's text, with a NUL */
	size_t target_at; /* of a link the same; of a file where the digest's bytes are */
	uint64_t line;
	uint32_t manifest; /* its number */
	uint32_t type;     /* enum ssum_type */
};

struct listing {
	struct bytes text;
	struct listed *rows;
	size_t count, capacity;
};

/* Add a line of manifest number `manifest`. A leading "./" is taken off its name, as in the output
   of find. 0, SSUM_ERR_NAME, -ENOMEM. */
int listing_add(struct listing *listing, const struct ssum_line *line, uint32_t manifest);

/* Sort by path, then by manifest and line. After this nothing can be added. */
void listing_sort(struct listing *listing);

/* How many rows from `first` on are for the same path. */
size_t listing_group(const struct listing *listing, size_t first);

const char *listed_name(const struct listing *listing, size_t row);

/* The target of a link; the digest's bytes of a file. */
const char *listed_target(const struct listing *listing, size_t row);

void listing_free(struct listing *listing);

#endif
