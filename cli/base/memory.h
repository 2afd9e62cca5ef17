/* SPDX-License-Identifier: MIT */
/* Memory that is there, or the end of the program; and lists of strings. */
#ifndef CLI_BASE_MEMORY_H
#define CLI_BASE_MEMORY_H

#include <stddef.h>

#include "base/output.h"

/* Strings in order; items ends in NULL, and is NULL when there are none. */
struct list {
	char **items;
	size_t count;
};

void *allocate(size_t size);
char *copy_string(const char *text);
char *format_text(const char *format, ...) PRINTF(1, 2);
void list_add(struct list *list, char *owned);
void list_free(struct list *list);

#endif
