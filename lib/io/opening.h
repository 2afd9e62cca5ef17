/* SPDX-License-Identifier: MIT */
/*
 * How paths are opened. A path that the caller gives is opened as it is, symlinks are followed. A
 * name beneath a directory, from a manifest or a directory listing, is not trusted: it is opened
 * without following any symlink, without leaving the directory and without crossing a mount point.
 */
#ifndef IO_OPENING_H
#define IO_OPENING_H

#include <sys/stat.h>

#include "base/common.h"
#include "sparsesum/package.h"

/* ---- Paths of the caller ---- */

/* Open a directory. Returns a descriptor or -errno. */
int directory_open(const char *path);

/*
 * Open the directory that contains the last component of a path. The path is relative to the
 * descriptor `at`, as in openat(2). *name is that component: "" after a trailing slash. Returns a
 * descriptor, -errno or -ENOMEM.
 */
int directory_open_above(int at, const char *path, const char **name);

/* Open a regular file for reading. A FIFO or device might block or have no end, and is refused.
   Returns a descriptor, -errno or SSUM_ERR_NOT_REGULAR. */
int regular_open(const char *path);

/* ---- Names beneath a directory ---- */

/* Whether a name is plain: neither empty nor absolute, and no component is empty, "." or "..". */
bool beneath_is_plain(const char *path);

/*
 * Open a plain name of any length beneath dir. With O_PATH a symlink itself can be opened.
 * Returns a descriptor, -errno, SSUM_ERR_NAME, SSUM_ERR_SYMLINK or SSUM_ERR_MOUNT_POINT.
 */
int beneath_open(int dir, const char *path, int flags);

/*
 * Open a regular file for reading. A file of another type is not opened. *st is the status before
 * the file was opened, and is the status of this very file. See reopen() for `descriptors`.
 * Returns as beneath_open(), or -EISDIR, or SSUM_ERR_NOT_REGULAR.
 */
int beneath_open_regular(int dir, const char *path, int descriptors, struct stat *st);

/*
 * Find out the type of a name. *type is SSUM_TYPE_UNKNOWN if certainly nothing has this name. What
 * is in a directory that cannot be searched is not certain. Returns 0, or as beneath_open().
 */
int beneath_look(int dir, const char *path, enum ssum_type *type);

/* Read the target of the symlink `path` beneath root into a string that the caller frees. Returns
   0, or as beneath_open(). */
int link_target(int root, const char *path, char **target);

/* ---- Descriptors ---- */

/*
 * Open the file of a descriptor once more, for reading, with a position of its own. `descriptors`
 * is the result of descriptors_open(), which saves the lookup of /proc/self/fd in each call, or -1.
 * It must be used and closed in the process that opened it. Returns a descriptor or -errno; -ENOENT
 * without /proc.
 */
int reopen(int descriptors, int fd);
int descriptors_open(void);

/* The type that st_mode says. */
enum ssum_type type_of_mode(mode_t mode);

#endif
