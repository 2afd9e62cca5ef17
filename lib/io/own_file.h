/* SPDX-License-Identifier: MIT */
/* A file of this user's own, which nobody else can write to, and which one process at a time keeps.
 */
#ifndef IO_OWN_FILE_H
#define IO_OWN_FILE_H

#include "base/common.h"

/* Open it for reading. The descriptor, -EPERM if it is not such a file, or another -errno. */
int own_file_open(const char *path);

/* Open it for reading and writing, and lock it as long as the descriptor is open; it is made if it
   is not there, with the directories that it needs, for this user alone. The descriptor; -EBUSY if
   somebody else has it locked; or another code, as above. */
int own_file_hold(const char *path);

/* Remove it, unless it is not such a file or somebody else has it locked; fd is what holds it, or
   -1. */
void own_file_remove(const char *path, int fd);

#endif
