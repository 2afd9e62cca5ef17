/* SPDX-License-Identifier: MIT */
/* A file that is written whole or not at all. */
#ifndef CLI_BASE_REPLACE_FILE_H
#define CLI_BASE_REPLACE_FILE_H

#include <stddef.h>

/* Whether a name in a directory is free, or that of a regular file. 0 or SSUM_ERR_NOT_REGULAR. */
int check_replaceable(int directory, const char *name);

/* Write a file in a directory, whole or not at all. 0, -errno, or as check_replaceable(). */
int replace_file(int directory, const char *name, const char *text, size_t length);

#endif
