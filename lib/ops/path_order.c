/* SPDX-License-Identifier: MIT */
#include "ops/path_order.h"

#include <string.h>

int path_order(const char *a, bool a_is_directory, const char *b, bool b_is_directory)
{
	while (*a && *a == *b)
		a++, b++;
	return strcmp(*a ? a : a_is_directory ? "/" : "", *b ? b : b_is_directory ? "/" : "");
}
