/* SPDX-License-Identifier: MIT */
#include "io/extent.h"

#include <errno.h>
#include <linux/magic.h>
#include <unistd.h>

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif

/*
 * File systems whose answers about holes are trusted. Others have reported holes where data was not
 * written to the disk yet (OpenZFS issues 11900 and 15526), or pass on the answers of another file
 * system, whose type is unknown here (overlayfs, NFS, FUSE). EROFS (Linux 6.18) reports no holes.
 */
static const struct {
	uint64_t type;
	uint64_t largest; /* the largest file size for which answers are right */
} trusted[] = {
	{EXT4_SUPER_MAGIC, INT64_MAX}, /* ext2 and ext3 too */
	{XFS_SUPER_MAGIC, INT64_MAX},
	{BTRFS_SUPER_MAGIC, INT64_MAX},
	{SQUASHFS_MAGIC, INT64_MAX}, /* read-only; its holes are blocks that were not stored */
	/* For a file of 2^63-1 bytes, tmpfs does not report the data of some pages. */
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

/* The answer of lseek(), or -errno. Some kernels return a negative offset without an error. */
static int64_t extent_seek(int fd, uint64_t offset, int whence)
{
	errno = 0;
	off_t answer = lseek(fd, (off_t)offset, whence);

	return answer >= 0 ? answer : errno ? -errno : -EOVERFLOW;
}

struct ssum_extent extent_at(struct extent_map *map, uint64_t offset)
{
	const struct ssum_extent *last = &map->last;

	if (!map->ask)
		return extent_to(offset, map->size, SSUM_DATA);

	/* Use the last answer while the offset is inside it. A file system finds the end of data by
	   searching all of the data, which is too expensive to repeat for each part of a file
	   without holes. */
	if (extent_covers(last, offset))
		return extent_to(offset, last->offset + last->length, last->kind);

	/*
	 * The offset at which data begins, at or after `offset`. If the answer is an error or
	 * impossible, data begins at offset: a missed hole costs a read, a false hole makes the
	 * digest wrong.
	 */
	uint64_t data = offset;
	if (!map->data_known || map->data_at != offset) {
		int64_t answer = extent_seek(map->fd, offset, SEEK_DATA);

		if (answer == -ENXIO)
			data = map->size; /* a hole up to the end */
		else if (answer >= 0 && (uint64_t)answer >= offset && (uint64_t)answer <= map->size)
			data = (uint64_t)answer;
	}

	/* Data begins where this hole ends: do not query it again. */
	map->data_known = data > offset;
	map->data_at = data;
	if (data > offset) {
		map->last = extent_to(offset, data, SSUM_HOLE);
		return map->last;
	}

	/* Find the end of the data. If the answer is impossible, use the end of the file. */
	int64_t answer = extent_seek(map->fd, offset, SEEK_HOLE);
	uint64_t end = answer > 0 && (uint64_t)answer > offset && (uint64_t)answer <= map->size
			       ? (uint64_t)answer
			       : map->size;
	map->last = extent_to(offset, end, SSUM_DATA);
	return map->last;
}
