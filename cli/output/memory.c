/* SPDX-License-Identifier: MIT */
/* Memory, lists of strings, and streams into memory. The program ends when memory runs out. */
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output/memory.h"

void *resize(void *array, size_t count, size_t size)
{
	void *resized = reallocarray(array, count, size);

	if (!resized)
		die("out of memory");
	return resized;
}

void *allocate(size_t size)
{
	/* malloc(0) may return NULL although memory is available. */
	return resize(NULL, size ? size : 1, 1);
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
	list->items = resize(list->items, list->count + 2, sizeof(*list->items));
	list->items[list->count++] = owned;
	list->items[list->count] = NULL;
}

static int list_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void list_sort(struct list *list)
{
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), list_compare);
}

bool list_contains(const struct list *list, const char *text)
{
	return list->count &&
	       bsearch(&text, list->items, list->count, sizeof(*list->items), list_compare);
}

void list_free(struct list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
}

struct list list_directory(int directory)
{
	struct list names = {.items = NULL};
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	while (stream && (entry = readdir(stream)))
		list_add(&names, copy_string(entry->d_name));
	if (stream)
		closedir(stream);
	else if (fd >= 0)
		close(fd);
	list_sort(&names);
	return names;
}

FILE *text_stream(char **text, size_t *length)
{
	FILE *stream = open_memstream(text, length);

	if (!stream)
		die("out of memory");
	return stream;
}

void text_stream_end(FILE *stream)
{
	bool failed = ferror(stream);

	if (fclose(stream) || failed)
		die("out of memory");
}
