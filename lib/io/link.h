/* SPDX-License-Identifier: MIT */
/* Where a symbolic link leads. */
#ifndef IO_LINK_H
#define IO_LINK_H

/* Read the target of a link below root, as a string to be freed. 0, or as beneath_open(). */
int link_target(int root, const char *path, char **target);

#endif
