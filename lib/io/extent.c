/* SPDX-License-Identifier: MIT */
#include "io/extent.h"

#include <errno.h>
#include <linux/magic.h>
#include <unistd.h>

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif

/*
 * File systems whose holes are known to be true. Others have reported holes over data that was not
 * written out yet (OpenZFS issues 11900 and 15526), or pass on the answers of a file system that
 * cannot be seen from here (overlayfs, NFS, FUSE).
 */
static const struct {
	uint64_t type;
	uint64_t largest; /* bytes, up to which the answers are right */
} trusted[] = {
	{EXT4_SUPER_MAGIC, INT64_MAX}, /* ext2 and ext3 too */
	{XFS_SUPER_MAGIC, INT64_MAX},
	{BTRFS_SUPER_MAGIC, INT64_MAX},
	/* With a size of 2^63-1 tmpfs finds no data in a page that holds some. */
	{TMPFS_MAGIC, INT64_MAX - 4095},
};

bool extent_policy_asks(enum ssum_holes holes, uint64_t fs_type, uint64_t size)
{
	if (holes != SSUM_HOLES_AUTO)
		return holes != SSUM_HOLES_READ;
	for (size_t i = 0; i < ARRAY_SIZE(trusted); i++)
		if (trusted[i].type == fs_type)
			return size <= trusted[i].largest;
	return false;
}

void extent_map_init(struct extent_map *map, int fd, uint64_t size, bool ask)
{
	*map = (struct extent_map){.fd = fd, .size = size, .ask = ask};
}

static struct ssum_extent extent_to(uint64_t offset, uint64_t end, enum ssum_extent_kind kind)
{
	return (struct ssum_extent){.offset = offset, .length = end - offset, .kind = kind};
}

/* The offset that lseek() answered, or a negative code. Some kernels answer a negative offset
   and no error. */
static int64_t seek(int fd, uint64_t offset, int whence)
{
	errno = 0;
	off_t answer = lseek(fd, (off_t)offset, whence);

	return answer >= 0 ? answer : errno ? -errno : -EOVERFLOW;
}

/*
 * The start of the data at or after offset; the size of the map if there is none. An answer that
 * cannot be true, or none at all, counts as data at once: a miss costs a read, where a false hole
 * would cost the truth.
 */
static uint64_t find_data(const struct extent_map *map, uint64_t offset)
{
	int64_t answer = seek(map->fd, offset, SEEK_DATA);

	if (answer == -ENXIO)
		return map->size;
	if (answer < 0 || (uint64_t)answer < offset || (uint64_t)answer > map->size)
		return offset;
	return (uint64_t)answer;
}

/* The end of the data at offset; the size of the map if there is no sensible answer. */
static uint64_t find_hole(const struct extent_map *map, uint64_t offset)
{
	int64_t answer = seek(map->fd, offset, SEEK_HOLE);

	if (answer < 0 || (uint64_t)answer <= offset || (uint64_t)answer > map->size)
		return map->size;
	return (uint64_t)answer;
}

static struct ssum_extent ask(struct extent_map *map, uint64_t offset)
{
	uint64_t data = offset;

	if (!map->data_known || map->data_at != offset)
		data = find_data(map, offset);

	map->data_known = data > offset;
	map->data_at = data;
	return data > offset ? extent_to(offset, data, SSUM_HOLE)
			     : extent_to(offset, find_hole(map, offset), SSUM_DATA);
}

/* To find the end of data, a file system goes through all that lies before it: in a file without
   holes that is too much to be asked for each piece. */
struct ssum_extent extent_at(struct extent_map *map, uint64_t offset)
{
	const struct ssum_extent *last = &map->last;

	if (!map->ask)
		return extent_to(offset, map->size, SSUM_DATA);
	if (extent_covers(last, offset))
		return extent_to(offset, last->offset + last->length, last->kind);
	map->last = ask(map, offset);
	return map->last;
}
