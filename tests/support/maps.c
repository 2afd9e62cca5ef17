/* SPDX-License-Identifier: MIT */
#include "support/maps.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/common.h"
#include "support/files.h"

enum kind {
	HOLE,
	DATA,
	ZEROS,     /* written */
	UNWRITTEN, /* reserved and not written */
	PARTLY,    /* reserved, and written around the inner part */
	PUNCHED,   /* written, then the inner part punched */
	ZEROED,    /* written, then the inner part zeroed by FALLOC_FL_ZERO_RANGE */
	INSERTED,  /* written, then unwritten blocks inserted by FALLOC_FL_INSERT_RANGE */
	COLLAPSED, /* written, with blocks in between that were removed by FALLOC_FL_COLLAPSE_RANGE
		    */
	SHARED,    /* a reflink to the blocks of another file */
	MAPPED,    /* stored through a shared mapping */
	KINDS
};

#define BLOCK 4096

/* Lengths near the sizes of sectors, blocks, the library's buffers and larger units. */
static const uint64_t lengths[] = {1,     63,    511,    512,    513,    4095,    4096,   4097,
				   65535, 65536, 65537,  131071, 131072, 131073,  4096,   8192,
				   1000,  10000, 100000, 262144, 300001, 1048575, 1048577};

static uint64_t any_length(uint64_t *state)
{
	return lengths[next_random(state) % ARRAY_SIZE(lengths)];
}

static bool has_inner(int kind)
{
	return kind == PARTLY || kind == PUNCHED || kind == ZEROED;
}

static void fill_piece(struct map *map, const struct map_piece *piece, uint64_t *state)
{
	if (piece->kind == HOLE || piece->kind == ZEROS || piece->kind == UNWRITTEN)
		return;
	fill_random(map->content + piece->offset, piece->length, state);
	if (piece->kind == INSERTED)
		memset(map->content + piece->block_offset, 0, piece->block_length);
	memset(map->content + piece->inner_offset, 0, piece->inner_length);
}

static void add_piece(struct map *map, uint64_t *state)
{
	struct map_piece *piece = &map->pieces[map->count++];

	piece->kind = (int)(next_random(state) % KINDS);
	piece->offset = map->end;
	piece->length = any_length(state);
	piece->sync = next_random(state) % 4 == 0;
	if (has_inner(piece->kind)) {
		uint64_t begin = next_random(state) % piece->length;

		piece->inner_offset = piece->offset + begin;
		piece->inner_length = 1 + next_random(state) % (piece->length - begin);
	}
	map->end += piece->length;
	piece->block_offset = (piece->offset + BLOCK - 1) / BLOCK * BLOCK;
	if (map->end >= piece->block_offset + BLOCK)
		piece->block_length = (map->end - piece->block_offset) / BLOCK * BLOCK;
}

void map_new(struct map *map, uint64_t seed)
{
	uint64_t state = seed;
	size_t pieces = next_random(&state) % (MAP_PIECES + 1);

	*map = (struct map){.count = 0};
	while (map->count < pieces)
		add_piece(map, &state);
	map->cut = map->end;
	if (next_random(&state) % 3 == 0)
		map->cut -= min_u64(map->end, any_length(&state));
	map->size = map->cut;
	if (next_random(&state) % 3 == 0)
		map->size += any_length(&state);
	if (next_random(&state) % 3 == 0)
		map->reserved = any_length(&state);

	map->content = calloc(1, map->end + map->size + 1);
	ck_assert(map->content != NULL);
	for (size_t i = 0; i < map->count; i++)
		fill_piece(map, &map->pieces[i], &state);
	memset(map->content + map->cut, 0, map->end + map->size - map->cut);
}

void map_free(struct map *map)
{
	free(map->content);
	*map = (struct map){.count = 0};
}

/* ---- Files ---- */

static int create(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	return fd;
}

static void put(int fd, const unsigned char *data, uint64_t length, uint64_t offset)
{
	while (length) {
		ssize_t n = pwrite(fd, data, length, (off_t)offset);

		ck_assert_msg(n > 0, "pwrite: %s", strerror(errno));
		data += n;
		length -= (uint64_t)n;
		offset += (uint64_t)n;
	}
}

/* Bytes that must not be in the final file. */
static void put_junk(int fd, uint64_t length, uint64_t offset)
{
	unsigned char junk[4096];

	memset(junk, 0xff, sizeof(junk));
	for (uint64_t n; length; length -= n, offset += n) {
		n = min_u64(length, sizeof(junk));
		put(fd, junk, n, offset);
	}
}

static void reserve(int fd, uint64_t offset, uint64_t length)
{
	if (length)
		ck_assert_msg(!fallocate(fd, 0, (off_t)offset, (off_t)length), "fallocate: %s",
			      strerror(errno));
}

static void put_around_inner(int fd, const struct map *map, const struct map_piece *piece)
{
	uint64_t after = piece->inner_offset + piece->inner_length;

	put(fd, map->content + piece->offset, piece->inner_offset - piece->offset, piece->offset);
	put(fd, map->content + after, piece->offset + piece->length - after, after);
}

/* If the file system does not support the operation, write zeros. */
static void clear_inner(int fd, const struct map_piece *piece, int mode)
{
	static const unsigned char zeros[1 << 21];

	put_junk(fd, piece->inner_length, piece->inner_offset);
	if (fallocate(fd, mode, (off_t)piece->inner_offset, (off_t)piece->inner_length))
		put(fd, zeros, piece->inner_length, piece->inner_offset);
}

/* The part of a piece between two offsets. */
static void put_part(int fd, const struct map *map, uint64_t from, uint64_t to, uint64_t place)
{
	put(fd, map->content + from, to - from, place);
}

static void put_piece(int fd, const struct map *map, const struct map_piece *piece)
{
	put_part(fd, map, piece->offset, piece->offset + piece->length, piece->offset);
}

/* Write the data without the blocks, then insert the blocks before it: FALLOC_FL_INSERT_RANGE does
   not work at the end of the file. */
static void insert_blocks(int fd, const struct map *map, const struct map_piece *piece)
{
	uint64_t end = piece->offset + piece->length, at = piece->block_offset;

	if (piece->block_length) {
		put_part(fd, map, piece->offset, at, piece->offset);
		put_part(fd, map, at + piece->block_length, end, at);
		if (!fallocate(fd, FALLOC_FL_INSERT_RANGE, (off_t)at, (off_t)piece->block_length))
			return;
	}
	put_piece(fd, map, piece);
}

/* Write each block after another block, which is then removed by FALLOC_FL_COLLAPSE_RANGE. */
static void collapse_blocks(int fd, const struct map *map, const struct map_piece *piece)
{
	uint64_t end = piece->offset + piece->length, at = piece->block_offset;

	if (piece->block_length && at + piece->block_length < end) {
		put_part(fd, map, piece->offset, at, piece->offset);
		put_junk(fd, piece->block_length, at);
		put_part(fd, map, at, end, at + piece->block_length);
		if (!fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, (off_t)at, (off_t)piece->block_length))
			return;
		ck_assert(!ftruncate(fd, (off_t)end));
	}
	put_piece(fd, map, piece);
}

static void share_blocks(int fd, const struct map *map, const struct map_piece *piece)
{
	char *path, link[64];
	int other = -1;

	put_piece(fd, map, piece);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	path = realpath(link, NULL);
	ck_assert(path != NULL);
	strrchr(path, '/')[1] = '\0';
	if (piece->block_length)
		other = open(path, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	free(path);
	if (other < 0)
		return;
	struct file_clone_range range = {.src_fd = other,
					 .src_length = piece->block_length,
					 .dest_offset = piece->block_offset};
	put_part(other, map, piece->block_offset, piece->block_offset + piece->block_length, 0);
	put_junk(fd, piece->block_length, piece->block_offset);
	if (ioctl(fd, FICLONERANGE, &range))
		put_piece(fd, map, piece);
	close(other);
}

static void store_mapped(int fd, const struct map *map, const struct map_piece *piece)
{
	uint64_t page = piece->offset / BLOCK * BLOCK, end = piece->offset + piece->length;
	char *memory;

	ck_assert(!ftruncate(fd, (off_t)end));
	memory = mmap(NULL, end - page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)page);
	ck_assert(memory != MAP_FAILED);
	memcpy(memory + (piece->offset - page), map->content + piece->offset, piece->length);
	munmap(memory, end - page);
}

static void write_piece(int fd, const struct map *map, const struct map_piece *piece)
{
	switch (piece->kind) {
	case HOLE:
		break;
	case DATA:
	case ZEROS:
		put_piece(fd, map, piece);
		break;
	case INSERTED:
		insert_blocks(fd, map, piece);
		break;
	case COLLAPSED:
		collapse_blocks(fd, map, piece);
		break;
	case SHARED:
		share_blocks(fd, map, piece);
		break;
	case MAPPED:
		store_mapped(fd, map, piece);
		break;
	case UNWRITTEN:
		reserve(fd, piece->offset, piece->length);
		break;
	case PARTLY:
		reserve(fd, piece->offset, piece->length);
		put_around_inner(fd, map, piece);
		break;
	default:
		put_around_inner(fd, map, piece);
		clear_inner(fd, piece,
			    FALLOC_FL_KEEP_SIZE | (piece->kind == PUNCHED ? FALLOC_FL_PUNCH_HOLE
									  : FALLOC_FL_ZERO_RANGE));
	}
	if (piece->sync)
		ck_assert(!fdatasync(fd));
}

void map_write(const struct map *map, const char *path)
{
	int fd = create(path);

	for (size_t i = 0; i < map->count; i++)
		write_piece(fd, map, &map->pieces[i]);
	put_junk(fd, map->end - map->cut, map->cut);
	ck_assert(!ftruncate(fd, (off_t)map->cut));
	ck_assert(!ftruncate(fd, (off_t)map->size));
	if (map->reserved)
		ck_assert(!fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)map->size,
				     (off_t)map->reserved));
	close(fd);
}

void map_write_dense(const struct map *map, const char *path)
{
	int fd = create(path);

	put(fd, map->content, map->size, 0);
	close(fd);
}

/* Blocks of zeros are not written. */
void map_write_preallocated(const struct map *map, const char *path)
{
	static const unsigned char zeros[4096];
	int fd = create(path);

	reserve(fd, 0, map->size);
	for (uint64_t at = 0; at < map->size; at += sizeof(zeros)) {
		uint64_t n = min_u64(map->size - at, sizeof(zeros));

		if (memcmp(map->content + at, zeros, n))
			put(fd, map->content + at, n, at);
	}
	close(fd);
}

bool map_clone(const char *from, const char *to)
{
	int source = open(from, O_RDONLY | O_CLOEXEC);
	int fd = create(to);
	int rc = ioctl(fd, FICLONE, source);

	close(source);
	close(fd);
	if (rc)
		unlink(to);
	return !rc;
}

void make_cold(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	ck_assert(!fsync(fd));
	ck_assert(!posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
	close(fd);
}
