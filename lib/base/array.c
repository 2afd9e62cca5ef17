/* SPDX-License-Identifier: MIT */
#include "base/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 8

int array_reserve(void *array, size_t *capacity, size_t count, size_t size)
{
	size_t larger = *capacity ? *capacity : FIRST_CAPACITY;
	void *items;

	if (count <= *capacity)
		return 0;
	if (count > SIZE_MAX / 2 / size)
		return -ENOMEM; /* so twice as much, too, can be said in bytes */
	while (larger < count)
		larger *= 2;

	/* A pointer of any type, which may not be read as a void pointer. */
	memcpy(&items, array, sizeof(items));
	items = realloc(items, larger * size);
	if (!items)
		return -ENOMEM;
	memcpy(array, &items, sizeof(items));
	*capacity = larger;
	return 0;
}
