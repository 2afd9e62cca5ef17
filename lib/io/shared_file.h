/* SPDX-License-Identifier: MIT */
/*
 * A file that several spans read side by side: it is open while any of them runs, and whenever it
 * is opened again it has to be the very same one, unchanged.
 */
#ifndef IO_SHARED_FILE_H
#define IO_SHARED_FILE_H

#include <pthread.h>

#include "io/file_source.h"

struct shared_file {
	struct file_source file; /* set by its owner before any view of it is opened */
	bool is_cut;             /* for spans within this length: it has to be that long */
	uint64_t length;
	pthread_mutex_t lock; /* over what follows, and over opening and closing the file */
	unsigned users;
	bool seen;               /* it has been open */
	struct stat first;       /* what it was then */
	struct ssum_extent data; /* the last long one that a view was told of; length 0: none */
};

/* A part of the spans: a source of its own. A file that changed is not read again. */
struct shared_view {
	struct source source;
	struct shared_file *shared; /* must outlive it */
	struct extent_map map;
};

/* Ready for its file to be set. */
void shared_file_init(struct shared_file *shared);
void shared_file_end(struct shared_file *shared);

/* One that knows nothing yet of the file as it is now. */
void shared_view_init(struct shared_view *view, struct shared_file *shared);

/* One that knows the last extent that another view was told of: by the thread that uses that one.
 */
void shared_view_init_beside(struct shared_view *view, const struct shared_view *other);

#endif
