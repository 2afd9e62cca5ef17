/* SPDX-License-Identifier: MIT */
/* Memory that is there, or the end of the program. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static void *grow(void *memory, size_t size)
{
	void *grown = realloc(memory, size);

	if (!grown)
		die("out of memory");
	return grown;
}

void *allocate(size_t size)
{
	return grow(NULL, size ? size : 1);
}

char *copy_string(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(allocate(size), text, size);
}

char *format_text(const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		die("out of memory");
	va_end(arguments);
	return text;
}

void list_add(struct list *list, char *owned)
{
	list->items = grow(list->items, (list->count + 2) * sizeof(*list->items));
	list->items[list->count++] = owned;
	list->items[list->count] = NULL;
}

void list_free(struct list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
}
