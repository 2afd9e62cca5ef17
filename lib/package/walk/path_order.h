/* SPDX-License-Identifier: MIT */
/* The order of the paths in a package. */
#ifndef PACKAGE_WALK_PATH_ORDER_H
#define PACKAGE_WALK_PATH_ORDER_H

#include <stdbool.h>

/* The order in which the walk meets two paths: by bytes, a folder as if it ended in '/'. */
int path_order(const char *a, bool a_is_folder, const char *b, bool b_is_folder);

#endif
