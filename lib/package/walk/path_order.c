/* SPDX-License-Identifier: MIT */
#include "package/walk/path_order.h"

#include <string.h>

int path_order(const char *a, bool a_is_folder, const char *b, bool b_is_folder)
{
	while (*a && *a == *b)
		a++, b++;
	return strcmp(*a ? a : a_is_folder ? "/" : "", *b ? b : b_is_folder ? "/" : "");
}
