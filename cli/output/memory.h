/* SPDX-License-Identifier: MIT */
/* Memory, lists of strings, and streams into memory. The program ends when memory runs out. */
#ifndef CLI_OUTPUT_MEMORY_H
#define CLI_OUTPUT_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "output/output.h"

/* Strings in the order in which they were added. A NULL follows the last one; items itself is NULL
   if the list is empty. */
struct list {
	char **items;
	size_t count;
};

void *allocate(size_t size);

/* Changes the number of elements of an array. NULL is an empty array. */
void *resize(void *array, size_t count, size_t size);
char *copy_string(const char *text);
char *format_text(const char *format, ...) PRINTF(1, 2);

/* The list frees the string. */
void list_add(struct list *list, char *owned);

/* By bytes. list_contains() is for a sorted list. */
void list_sort(struct list *list);
bool list_contains(const struct list *list, const char *text);
void list_free(struct list *list);

/* The names in an open directory, sorted. Empty if it cannot be read. */
struct list list_directory(int directory);

/* Like open_memstream() and fclose(). */
FILE *text_stream(char **text, size_t *length);
void text_stream_end(FILE *stream);

#endif
