/* SPDX-License-Identifier: MIT */
/* Atomic replacement: write a file without a name or under a temporary one, flush it, rename it. */
#ifndef IO_ATOMIC_FILE_H
#define IO_ATOMIC_FILE_H

#include "base/bytes.h"

struct atomic_file {
	int dir;              /* the directory of the name */
	int fd;               /* open for writing, or -1 */
	char *name;           /* within the directory */
	char *temporary;      /* the temporary name, or NULL while the file has no name */
	struct bytes pending; /* not yet written */
	bool owner_lost;      /* set by the commit: owner or group could not be kept */
};

/*
 * Begin to write a file with this name in dir. An existing file is not changed before the commit.
 * The new file gets its mode, owner and group. A process that may not give files to that owner or
 * group keeps the file; then the members of its group get no more permissions than others have. On
 * failure nothing is owned. 0, -errno, -ENOMEM; SSUM_ERR_NOT_REGULAR if the name is that of a FIFO,
 * socket or device, or of a symlink to one.
 */
int atomic_file_begin(struct atomic_file *file, int dir, const char *name);

/* Append. 0, -errno or -ENOMEM. */
int atomic_file_write(struct atomic_file *file, const void *data, size_t length);

/*
 * Flush the file and rename it. 0: both are on the disk. -errno: nothing has changed, except if the
 * last step failed, which flushes the directory: then the file has its new name. Some file systems
 * cannot flush a directory. That is not an error; the old file may be there after a power failure.
 */
int atomic_file_commit(struct atomic_file *file);

/* Free what is owned, and remove a file that was not committed. Allowed in any state, and for
   {.fd = -1}. */
void atomic_file_end(struct atomic_file *file);

/* Whether `name` has the form of a temporary name for the file `committed`. */
bool atomic_file_is_temporary(const char *name, const char *committed);

#endif
