/* SPDX-License-Identifier: MIT */
/* Memory: growing arrays and byte buffers, hexadecimal digits, zeros. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include "base/common.h"

/*
 * Make room for `count` items of `size` bytes each. `array` is the address of the pointer to the
 * items; the pointer is NULL while *capacity is 0. The capacity doubles each time, so that n
 * appended items cost O(n) copies. 0, or -ENOMEM with nothing changed.
 */
int array_reserve(void *array, size_t *capacity, size_t count, size_t size);

/* A growing buffer. {0} is an empty one. Free it with bytes_free(). */
struct bytes {
	char *data;
	size_t length;
	size_t capacity;
};

/* Make room for `more` bytes after those in use. 0 or -ENOMEM. */
int bytes_reserve(struct bytes *bytes, size_t more);

/* Append. 0, or -ENOMEM with nothing appended. */
int bytes_append(struct bytes *bytes, const void *data, size_t length);
int bytes_append_string(struct bytes *bytes, const char *string);

/* Append several strings; NULL ends the list. 0, or -ENOMEM: some may be appended then. */
int bytes_append_strings(struct bytes *bytes, const char *first, ...) __attribute__((sentinel));

void bytes_free(struct bytes *bytes);

/* Write 2 * length lower-case hexadecimal digits and a NUL. */
void hex_encode(const unsigned char *data, size_t length, char *hex);

/* Parse 2 * length hexadecimal digits, in upper or lower case. False if one is not a digit. */
bool hex_decode(const char *hex, size_t length, unsigned char *data);

/* Whether every byte is zero; true if length is 0. */
bool bytes_are_zero(const void *data, size_t length);

#endif
