/* SPDX-License-Identifier: MIT */
/* A file as a source: by its path, by a name below a directory, or by a descriptor. */
#ifndef IO_FILE_SOURCE_H
#define IO_FILE_SOURCE_H

#include "io/device.h"
#include "io/extent.h"
#include "io/identity.h"
#include "io/source.h"

enum file_place {
	FILE_NAMED,   /* path, from the current directory, links followed */
	FILE_BENEATH, /* path below dir, as beneath_open() */
	FILE_GIVEN    /* the descriptor given, from offset on */
};

struct file_source {
	struct source source;

	enum file_place place;
	const char *path; /* must outlive the source */
	int dir;
	int given;
	uint64_t offset;
	enum ssum_holes holes;
	bool asks_always;        /* where the holes are, also of what is read faster than asked */
	bool any_source;         /* FIFOs, sockets and character devices too */
	struct devices *devices; /* of all that read at the same time, or NULL */
	int descriptors;         /* for reopen(), or -1 */

	/* While it is open. */
	int fd;
	bool own_fd;
	bool seekable;
	bool takes_turns; /* it is on a rotating disk */
	bool keeps_time;  /* a change shows in the timestamps */
	bool knows_holes; /* the map is believed: what is no hole in it was stored as data */
	struct stat before;
	struct extent_map map;
};

/* Ready to be opened; opens nothing yet. */
void file_source_named(struct file_source *file, const char *path, enum ssum_holes holes);
void file_source_beneath(struct file_source *file, int dir, const char *path,
			 enum ssum_holes holes);
void file_source_given(struct file_source *file, int fd, uint64_t offset, enum ssum_holes holes);

/* Whether it is a FIFO, socket or character device, which may keep a reader waiting. */
bool file_source_may_wait(const struct file_source *file);

#endif
