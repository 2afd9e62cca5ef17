/* SPDX-License-Identifier: MIT */
/* A private file: it belongs to this user, nobody else can write to it, and one process at a time
   holds it. */
#ifndef IO_OWN_FILE_H
#define IO_OWN_FILE_H

#include "base/common.h"

/* Open it for reading. A descriptor; -EPERM if others may write to it, or another -errno. */
int own_file_open(const char *path);

/*
 * Open it for reading and writing, and lock it for as long as the descriptor is open. If it is
 * missing, it and its directories are made, for this user only. A descriptor; -EBUSY if another
 * process holds it; or as own_file_open().
 */
int own_file_hold(const char *path);

/* Remove it. fd is the result of own_file_hold(); with -1, it is removed only if own_file_open()
   succeeds and no other process holds it. */
void own_file_remove(const char *path, int fd);

#endif
