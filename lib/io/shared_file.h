/* SPDX-License-Identifier: MIT */
/*
 * A file that several spans read at the same time. It is open while any of them runs. When it is
 * opened again, it must be the same file, unchanged.
 */
#ifndef IO_SHARED_FILE_H
#define IO_SHARED_FILE_H

#include <pthread.h>

#include "io/file_source.h"

struct shared_file {
	struct file_source file; /* set by the owner before any view is opened */
	bool is_cut;             /* into spans, for this length: the file must have it */
	uint64_t length;
	pthread_mutex_t lock; /* protects the members below, open and close of the file */
	unsigned users;
	bool seen;                  /* it was open before */
	struct file_identity first; /* then */
	struct ssum_extent data;    /* the last long data extent found by a view; length 0: none */
};

/* The file as the source of one span. A file that changed is not read again. */
struct shared_view {
	struct source source;
	struct shared_file *shared; /* must outlive it */
	struct extent_map map;
};

/* Initialise; the owner sets `file` afterwards. */
void shared_file_init(struct shared_file *shared);
void shared_file_end(struct shared_file *shared);

/* A view that knows no extent yet. */
void shared_view_init(struct shared_view *view, struct shared_file *shared);

/* A view that knows the last extent that another view has found. Call it in the thread that uses
   the other view. */
void shared_view_init_beside(struct shared_view *view, const struct shared_view *other);

#endif
