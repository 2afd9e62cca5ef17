/* SPDX-License-Identifier: MIT */
/* A file that is there whole or not at all: written under another name, flushed, then renamed. */
#ifndef IO_ATOMIC_FILE_H
#define IO_ATOMIC_FILE_H

#include "base/bytes.h"

struct atomic_file {
	int dir;              /* the directory of the name */
	int fd;               /* what is being written, or -1 */
	char *name;           /* within the directory */
	char *temporary;      /* the other name, once it has one */
	struct bytes pending; /* not yet written */
};

/*
 * Begin to write a file named in dir. Until it is committed nothing has that name, or still what
 * had it before. On failure nothing is owned. 0, -errno, -ENOMEM; SSUM_ERR_NOT_REGULAR
 * where the name is that of a FIFO, socket or device, or of a link to one.
 */
int atomic_file_begin(struct atomic_file *file, int dir, const char *name);

/* Whether a name is of the form that a file has, by whatever process, until it is committed to
   another one. */
bool atomic_file_is_temporary(const char *name, const char *committed);

/* Append. 0 or -errno. */
int atomic_file_write(struct atomic_file *file, const void *data, size_t length);

/* Give it its name: after this, it is on the disk. 0 or -errno; then nothing has changed, unless
   the last step failed, which makes sure of the disk: it has its name then. */
int atomic_file_commit(struct atomic_file *file);

/* Give up what is owned; a file that was not committed goes. In any state, also all zero but for
   an fd of -1. */
void atomic_file_end(struct atomic_file *file);

#endif
