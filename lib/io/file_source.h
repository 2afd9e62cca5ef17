/* SPDX-License-Identifier: MIT */
/* A file as a source: by its path, by a name beneath a directory, or by a descriptor. */
#ifndef IO_FILE_SOURCE_H
#define IO_FILE_SOURCE_H

#include <pthread.h>

#include "io/extent.h"
#include "io/identity.h"
#include "io/source.h"

enum file_place {
	FILE_NAMED,   /* path, relative to the current directory; symlinks are followed */
	FILE_BENEATH, /* path beneath dir, as beneath_open() */
	FILE_GIVEN    /* the descriptor `given`, from offset on */
};

/*
 * Shared by all sources that are read at the same time. Threads that read different files of a
 * rotating disk at the same time would make its head seek all the time. So what is not cached is
 * read by one thread at a time, a few MiB in each turn.
 */
struct devices {
	pthread_mutex_t turn; /* held while reading from a rotating disk */
	pthread_mutex_t lock; /* protects the members below: what is known about one device */
	bool is_known;
	dev_t number;     /* st_dev of its files */
	uint64_t fs_type; /* f_type of statfs(2) */
	bool is_rotating; /* as far as the kernel knows */
};

void devices_init(struct devices *devices);
void devices_end(struct devices *devices);

struct file_source {
	struct source source;

	enum file_place place;
	const char *path; /* must outlive the source */
	int dir;
	int given;
	uint64_t offset;
	enum ssum_holes holes;
	bool asks_always;        /* ask for the holes of small files too */
	bool any_source;         /* accept FIFOs, sockets and character devices too */
	struct devices *devices; /* or NULL */
	int descriptors;         /* for reopen(), or -1 */

	/* Valid while it is open. */
	int fd;
	bool own_fd;
	bool seekable;
	bool takes_turns; /* it is on a rotating disk */
	bool keeps_time;  /* its times change when its content changes */
	bool knows_holes; /* the holes of the map are trusted: the rest is stored as data */
	struct stat before;
	struct extent_map map;
};

/* Initialise a source; this opens nothing. */
void file_source_named(struct file_source *file, const char *path, enum ssum_holes holes);
void file_source_beneath(struct file_source *file, int dir, const char *path,
			 enum ssum_holes holes);
void file_source_given(struct file_source *file, int fd, uint64_t offset, enum ssum_holes holes);

/* Whether it is a FIFO, socket or character device, where a read may block for any time. */
bool file_source_may_wait(const struct file_source *file);

#endif
