/* SPDX-License-Identifier: MIT */
/*
 * A file that several spans read at the same time. Each span has a view, which is its source. The
 * first view that is opened opens the file; the last one that is closed closes it. If the file is
 * opened again later, it must be the same file, unchanged.
 */
#ifndef IO_SHARED_FILE_H
#define IO_SHARED_FILE_H

#include <pthread.h>

#include "io/file_source.h"

struct shared_file {
	struct file_source file; /* set by the owner before any view is opened */
	bool is_divided;         /* spans were made for this length: the file must have it */
	uint64_t length;
	pthread_mutex_t lock; /* protects the members below, open and close of the file */
	unsigned users;
	bool seen;                  /* the file was open before */
	bool knows_holes;           /* file.knows_holes at the last opening */
	struct file_identity first; /* at the first opening */
	struct ssum_extent data;    /* the last long data extent found by a view; length 0: none */
};

/* The file as the source of one span. */
struct shared_view {
	struct source source;
	struct shared_file *shared; /* must outlive it */
	struct extent_map map;
};

/* Initialise all members but `file`, which the owner sets afterwards. */
void shared_file_init(struct shared_file *shared);
void shared_file_end(struct shared_file *shared);

/* Initialise a view. `known` is an extent of the file that the caller knows, or NULL. */
void shared_view_init(struct shared_view *view, struct shared_file *shared,
		      const struct ssum_extent *known);

#endif
