/* SPDX-License-Identifier: MIT */
/* Opening names below a directory: never through a link, never out of it, never onto another mount.
 */
#ifndef IO_BENEATH_H
#define IO_BENEATH_H

#include <sys/stat.h>

#include "base/common.h"
#include "sparsesum/package.h"

/* Whether a name says of itself that it stays below: not empty or absolute, and no component is
   empty, "." or "..". */
bool beneath_is_plain(const char *path);

/*
 * Open a plain name, of any length, below dir. With O_PATH a link itself is opened.
 * A descriptor, or -errno, SSUM_ERR_NAME, SSUM_ERR_SYMLINK or SSUM_ERR_MOUNT_POINT.
 */
int beneath_open(int dir, const char *path, int flags);

/*
 * Open a regular file for reading; what else stands there is not opened, only looked at. *st is
 * what was seen before it was opened, of the very file. For `descriptors` see reopen(). As
 * beneath_open(), and -EISDIR or SSUM_ERR_NOT_REGULAR.
 */
int beneath_open_regular(int dir, const char *path, int descriptors, struct stat *st);

/* Look what stands under a name: SSUM_TYPE_UNKNOWN if it is certain that nothing does. A directory
   that cannot be entered hides what is in it. 0 or as beneath_open(). */
int beneath_look(int dir, const char *path, enum ssum_type *type);

/*
 * Open what a descriptor refers to once more, for reading, with a position of its own. Who does
 * that for many opens the directory of the process's descriptors once, which saves the way there,
 * and closes it in the same process; -1 stands for none.
 */
int reopen(int descriptors, int fd);
int descriptors_open(void);

/* What a mode is of. */
enum ssum_type type_of_mode(mode_t mode);

#endif
