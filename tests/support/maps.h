/* SPDX-License-Identifier: MIT */
/* Random extent maps, and files with the same content stored in different ways. */
#ifndef SUPPORT_MAPS_H
#define SUPPORT_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many maps a test tries on each file system; fewer with sanitizers, which are slow. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define MAP_SEEDS 8
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define MAP_SEEDS 8
#endif
#endif
#ifndef MAP_SEEDS
#define MAP_SEEDS 60
#endif

#define MAP_PIECES 10

struct map_piece {
	int kind;
	uint64_t offset, length;
	uint64_t inner_offset, inner_length; /* range of zeros in the piece, if any */
	uint64_t block_offset, block_length; /* the complete blocks in that range, if any */
	bool sync;                           /* sync to the disk before the next piece */
};

struct map {
	struct map_piece pieces[MAP_PIECES];
	size_t count;
	uint64_t end;           /* end of the last piece */
	uint64_t cut;           /* the file is truncated to this length, */
	uint64_t size;          /* and then extended to this length */
	uint64_t reserved;      /* length preallocated after the end of the file */
	unsigned char *content; /* the expected content */
};

/* Make a random map, which depends only on the seed. Call map_free(). */
void map_new(struct map *map, uint64_t seed);
void map_free(struct map *map);

/* Write the file. Pieces without `sync` stay dirty. */
void map_write(const struct map *map, const char *path);

/* Write the same content in another way: without holes; into preallocated space; or as a clone of a
   file that map_write() wrote. map_clone() returns false if the file system has no clones. */
void map_write_dense(const struct map *map, const char *path);
void map_write_preallocated(const struct map *map, const char *path);
bool map_clone(const char *from, const char *to);

/* Write a file to the disk and drop it from the page cache. */
void make_cold(const char *path);

#endif
