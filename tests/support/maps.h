/* SPDX-License-Identifier: MIT */
/* Random extent maps: one content that file systems store in several ways. */
#ifndef SUPPORT_MAPS_H
#define SUPPORT_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many maps a test tries on a file system; fewer where each takes much longer. */
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
	uint64_t inner_offset, inner_length; /* the part that is zeros, where there is one */
	uint64_t block_offset, block_length; /* the whole blocks of it, if there are any */
	bool sync;                           /* written to the disk before the next piece */
};

struct map {
	struct map_piece pieces[MAP_PIECES];
	size_t count;
	uint64_t end;           /* of the last piece */
	uint64_t cut;           /* the file is cut here, */
	uint64_t size;          /* and then made as long as this */
	uint64_t reserved;      /* behind its end, without being part of it */
	unsigned char *content; /* what is to be read from it */
};

/* Make up a map; the same one for the same seed. To be freed with map_free(). */
void map_new(struct map *map, uint64_t seed);
void map_free(struct map *map);

/* Write the file. What was not synced between is left dirty. */
void map_write(const struct map *map, const char *path);

/* Write the same content in another way: without holes, or into space that was reserved for all of
   it, or as a clone of the file that map_write() made; false where there are no clones. */
void map_write_dense(const struct map *map, const char *path);
void map_write_preallocated(const struct map *map, const char *path);
bool map_clone(const char *from, const char *to);

/* Have a file on the disk and nothing of it in memory. */
void make_cold(const char *path);

#endif
