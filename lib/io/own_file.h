/* SPDX-License-Identifier: MIT */
/* A private file: it belongs to this user, and nobody else can write to it. A lock keeps other
   processes from using it at the same time. */
#ifndef IO_OWN_FILE_H
#define IO_OWN_FILE_H

#include "base/common.h"

/* Open the file; flags as for open(2). Returns a descriptor; -EPERM if the file is not regular, of
   another user, or if others may write to it; or another -errno. */
int own_file_open(const char *path, int flags);

/*
 * Open the file for reading and writing, and lock it while the descriptor is open. If the file or
 * its directories are missing, make them, for this user only. Returns a descriptor; -EBUSY if
 * another process has the lock; or as own_file_open().
 */
int own_file_lock(const char *path);

/* Remove the file. fd is the result of own_file_lock(). With -1, the file is removed only if
   own_file_open() succeeds and no other process has the lock. */
void own_file_remove(const char *path, int fd);

#endif
