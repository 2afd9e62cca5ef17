/* SPDX-License-Identifier: MIT */
/* Where a file has data and where it has holes. */
#ifndef IO_EXTENT_H
#define IO_EXTENT_H

#include "base/common.h"

struct extent_map {
	int fd; /* the map moves its position */
	uint64_t size;
	bool ask;                /* query the file system; false: everything is data */
	uint64_t data_at;        /* where the last hole ends and data begins */
	bool data_known;         /* data_at is valid */
	struct ssum_extent last; /* the last answer */
};

/* Begin a map of the bytes 0 to size. */
void extent_map_init(struct extent_map *map, int fd, uint64_t size, bool ask);

/* The extent that begins at offset, which must be below the map's size. If the answer of the file
   system is an error or impossible, the extent is data: then its bytes are read. */
struct ssum_extent extent_at(struct extent_map *map, uint64_t offset);

/* Whether an offset is within an extent. */
static inline bool extent_covers(const struct ssum_extent *extent, uint64_t offset)
{
	return offset >= extent->offset && offset - extent->offset < extent->length;
}

/* Whether a policy queries holes of a file of this size on a file system of this type (f_type of
   statfs(2)). */
bool extent_policy_asks(enum ssum_holes holes, uint64_t fs_type, uint64_t size);

#endif
