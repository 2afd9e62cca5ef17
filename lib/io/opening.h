/* SPDX-License-Identifier: MIT */
/*
 * How paths are opened. There are two kinds:
 *
 * - A path of the caller, such as a command line argument, is trusted. Symlinks are followed.
 * - A name beneath a directory, from a manifest or a directory listing, is not trusted. Opening it
 *   does not follow a symlink, does not leave the directory and does not cross a mount point.
 */
#ifndef IO_OPENING_H
#define IO_OPENING_H

#include <sys/stat.h>

#include "base/context.h"
#include "sparsesum/package.h"

/*
 * As openat(2), with O_NONBLOCK, O_CLOEXEC and O_NOCTTY: opening a FIFO does not block. Another
 * process may have a lease on the file (fcntl(2), F_SETLEASE; Samba and the NFS server use leases).
 * Then this waits until that process gives it up. The kernel asks the process to do so, and removes
 * the lease after a time. The wait ends early if the context is cancelled; it may be NULL. Returns
 * a descriptor, -errno or SSUM_ERR_CANCELLED.
 */
int opening_wait(const struct ssum_context *context, int dir, const char *path, int flags,
		 mode_t mode);

/* ---- Paths of the caller ---- */

/* Open a directory. Returns a descriptor or -errno. */
int directory_open(const char *path);

/* The same; or if the caller has a descriptor of the directory, a duplicate of that. */
int directory_open_or_dup(const int *fd, const char *path);

/*
 * Open a file for reading. With `streams`, this accepts FIFOs, sockets and character devices too,
 * and waits for the writer of a FIFO. Block devices are always accepted. The file may be replaced
 * during the call, so check the type of the descriptor. Returns as opening_wait(), or -EISDIR, or
 * SSUM_ERR_NOT_REGULAR.
 */
int path_open(const struct ssum_context *context, const char *path, bool streams);

/*
 * Open the directory that contains the last component of a path. The path is relative to the
 * descriptor `at`, as in openat(2). *name is that component: "" after a trailing slash. Returns a
 * descriptor, -errno or -ENOMEM.
 */
int directory_open_above(int at, const char *path, const char **name);

/* Open a regular file for reading. Other types are refused: reading a FIFO or device may block, or
   never end. Returns as opening_wait(), or SSUM_ERR_NOT_REGULAR. */
int regular_open(const struct ssum_context *context, const char *path);

/* ---- Names below a directory ---- */

/* Whether a name is plain: neither empty nor absolute, and no component is empty, "." or "..". */
bool beneath_is_plain(const char *path);

/*
 * Open a plain name of any length beneath dir. With O_PATH a symlink itself can be opened.
 * Returns a descriptor, -errno, SSUM_ERR_NAME, SSUM_ERR_SYMLINK or SSUM_ERR_MOUNT_POINT.
 */
int beneath_open(int dir, const char *path, int flags);

/*
 * Open a regular file for reading. A file of another type is not opened. *st is the status of this
 * file, read before it was opened. See descriptor_reopen() for `descriptors`, and opening_wait()
 * for the context. Returns as beneath_open(), or -EISDIR, SSUM_ERR_NOT_REGULAR or
 * SSUM_ERR_CANCELLED.
 */
int beneath_open_regular(const struct ssum_context *context, int dir, const char *path,
			 int descriptors, struct stat *st);

/*
 * Find out the type of the file with this name. If there is certainly no file, this returns 0 and
 * *type is SSUM_TYPE_UNKNOWN. If the type cannot be found out, for example without permission to
 * search a directory, this returns an error as beneath_open() does.
 */
int beneath_type(int dir, const char *path, enum ssum_type *type);

/* Read the target of the symlink `path` beneath root into a string that the caller frees. Returns
   0, or as beneath_open(). */
int beneath_readlink(int root, const char *path, char **target);

/* ---- Descriptors ---- */

/*
 * Open the file of a descriptor again, for reading. The new descriptor has its own position.
 * `descriptors` is the result of descriptors_open(), or -1. It saves the lookup of /proc/self/fd in
 * each call. It must be used and closed in the process that opened it. Returns as opening_wait();
 * -ENOENT without /proc.
 */
int descriptor_reopen(const struct ssum_context *context, int descriptors, int fd);
int descriptors_open(void);

/* Whether the mode is that of a FIFO, socket or character device: it has no size, and a read may
   block. */
bool mode_is_stream(mode_t mode);

/* The type of a file with this st_mode. */
enum ssum_type type_of_mode(mode_t mode);

#endif
