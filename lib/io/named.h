/* SPDX-License-Identifier: MIT */
/* Opening what the caller names: it is his path, and its links are followed. */
#ifndef IO_NAMED_H
#define IO_NAMED_H

/* Open a directory to work in. A descriptor or -errno. */
int directory_open(const char *path);

/* Open the directory that the last component of a path is in; *name is that component, "" after a
   trailing slash. A descriptor, -errno or -ENOMEM. */
int directory_open_above(const char *path, const char **name);

/* Open a regular file for reading: anything else may have no end, or keep the reader waiting. A
   descriptor, -errno or SSUM_ERR_NOT_REGULAR. */
int regular_open(const char *path);

#endif
