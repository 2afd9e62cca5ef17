/* SPDX-License-Identifier: MIT */
/* Memory, lists of strings, and streams into memory. When memory runs out, the program ends. */
#ifndef CLI_OUTPUT_MEMORY_H
#define CLI_OUTPUT_MEMORY_H

#include <stddef.h>
#include <stdio.h>

#include "output/output.h"

/* Strings in order; items ends in NULL, and is NULL when there are none. */
struct list {
	char **items;
	size_t count;
};

void *allocate(size_t size);

/* Give an array another number of elements; NULL is the empty one. */
void *resize(void *array, size_t count, size_t size);
char *copy_string(const char *text);
char *format_text(const char *format, ...) PRINTF(1, 2);
void list_add(struct list *list, char *owned);
void list_free(struct list *list);

/* As open_memstream() and fclose(). */
FILE *text_stream(char **text, size_t *length);
void text_stream_end(FILE *stream);

#endif
