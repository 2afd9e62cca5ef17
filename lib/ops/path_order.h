/* SPDX-License-Identifier: MIT */
/* The order of the paths in a package. */
#ifndef OPS_PATH_ORDER_H
#define OPS_PATH_ORDER_H

#include <stdbool.h>

/* The order in which the walk meets two paths: by bytes, a directory as if it ended in '/'. */
int path_order(const char *a, bool a_is_directory, const char *b, bool b_is_directory);

#endif
