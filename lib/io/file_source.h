/* SPDX-License-Identifier: MIT */
/* A file as a source. How its path is opened: opening.h. */
#ifndef IO_FILE_SOURCE_H
#define IO_FILE_SOURCE_H

#include <pthread.h>
#include <stdatomic.h>

#include "io/extent.h"
#include "io/file_times.h"
#include "io/identity.h"
#include "io/source.h"

enum file_place {
	FILE_NAMED,      /* a path of the caller: path_open() */
	FILE_BENEATH,    /* a path beneath dir: beneath_open_regular() */
	FILE_DESCRIPTOR, /* a descriptor of the caller, from offset on */
	FILE_UNCHECKED   /* a file that this process writes; changes are not detected */
};

/*
 * State that the sources of one operation share. If several threads read different files of a
 * rotating disk, its head seeks all the time. So only one thread at a time reads what is not
 * cached, a few MiB in each turn.
 */
struct devices {
	const struct ssum_context *context; /* of the operation */
	pthread_mutex_t turn;               /* held while reading from a rotating disk */
	pthread_mutex_t lock; /* protects the members below: the device that was examined last */
	bool is_known;
	atomic_uint_least64_t holes_read; /* bytes of holes that no trusted file system reported */
	dev_t number;                     /* st_dev of its files */
	bool is_rotating;                 /* if the kernel says so */
	struct clocks clocks;
};

void devices_init(struct devices *devices, const struct ssum_context *context);
void devices_end(struct devices *devices);

struct file_source {
	struct source source;

	enum file_place place;
	const char *path; /* must outlive the source */
	int dir;
	int caller_fd;
	uint64_t offset;
	enum ssum_holes holes;
	bool asks_always;        /* query the holes of small files too */
	bool any_source;         /* accept FIFOs, sockets and character devices too */
	struct devices *devices; /* or NULL */
	int descriptors;         /* for descriptor_reopen(), or -1 */

	/* Valid while it is open. */
	int fd;
	bool own_fd; /* close it */
	bool seekable;
	bool takes_turns; /* it is on a rotating disk */
	bool knows_holes; /* the map has the holes that the policy trusts */
	struct file_times times;
	struct stat before; /* the status when it was opened, and had settled if it could */
	struct extent_map map;
};

/* Initialise a source; this opens nothing. */
void file_source_named(struct file_source *file, const char *path, enum ssum_holes holes);
void file_source_beneath(struct file_source *file, int dir, const char *path,
			 enum ssum_holes holes);
void file_source_descriptor(struct file_source *file, int fd, uint64_t offset,
			    enum ssum_holes holes);

/* The first `size` bytes of a file that this process is writing. All of it is data. */
void file_source_unchecked(struct file_source *file, int fd, uint64_t size);

/* Whether it is a FIFO, socket or character device, where a read may block for an unlimited
   time. */
bool file_source_may_wait(const struct file_source *file);

#endif
