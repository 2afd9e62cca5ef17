/* SPDX-License-Identifier: MIT */
#include "base/bytes.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* The first allocation of an array has at least this many bytes. Capacities are powers of two. */
#define FIRST_LENGTH 64

int array_reserve(void *array, size_t *capacity, size_t count, size_t size)
{
	size_t larger = *capacity ? *capacity : 1;
	void *items;

	if (count <= *capacity)
		return 0;
	if (count > SIZE_MAX / 2 / size)
		return -ENOMEM; /* so that doubling does not overflow */
	while (larger < count || larger * size < FIRST_LENGTH)
		larger *= 2;

	/* *array is a pointer of some type. C does not allow access to it as a void pointer. */
	memcpy(&items, array, sizeof(items));
	items = realloc(items, larger * size);
	if (!items)
		return -ENOMEM;
	memcpy(array, &items, sizeof(items));
	*capacity = larger;
	return 0;
}

int bytes_reserve(struct bytes *bytes, size_t more)
{
	if (more > SIZE_MAX / 2 - bytes->length)
		return -ENOMEM;
	return array_reserve(&bytes->data, &bytes->capacity, bytes->length + more, 1);
}

int bytes_append(struct bytes *bytes, const void *data, size_t length)
{
	int rc = bytes_reserve(bytes, length);
	if (rc)
		return rc;
	if (length)
		memcpy(bytes->data + bytes->length, data, length);
	bytes->length += length;
	return 0;
}

int bytes_append_string(struct bytes *bytes, const char *string)
{
	return bytes_append(bytes, string, strlen(string));
}

int bytes_append_strings(struct bytes *bytes, const char *first, ...)
{
	va_list rest;
	int rc = 0;

	va_start(rest, first);
	for (const char *string = first; string && !rc; string = va_arg(rest, const char *))
		rc = bytes_append_string(bytes, string);
	va_end(rest);
	return rc;
}

void bytes_free(struct bytes *bytes)
{
	free(bytes->data);
	*bytes = (struct bytes){0};
}

void hex_encode(const unsigned char *data, size_t length, char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < length; i++) {
		*hex++ = digits[data[i] >> 4];
		*hex++ = digits[data[i] & 15];
	}
	*hex = '\0';
}

static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

bool hex_decode(const char *hex, size_t length, unsigned char *data)
{
	for (size_t i = 0; i < length; i++) {
		int high = hex_value(hex[2 * i]);
		int low = high < 0 ? -1 : hex_value(hex[2 * i + 1]);

		if (low < 0)
			return false;
		data[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

/* All bytes are zero if the first 16 are, and if each later byte equals the byte 16 places before
   it. The second test is one memcmp(), which is fast on every machine. */
bool bytes_are_zero(const void *data, size_t length)
{
	static const unsigned char zeros[16];
	size_t head = length < sizeof(zeros) ? length : sizeof(zeros);

	return !memcmp(data, zeros, head) &&
	       !memcmp(data, (const unsigned char *)data + head, length - head);
}
