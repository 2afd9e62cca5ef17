/* SPDX-License-Identifier: MIT */
/* Memory: growing arrays and byte buffers, hexadecimal digits, zeros. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include "base/common.h"

/*
 * Make room for `count` items of `size` bytes in an array. `array` is the address of the pointer to
 * the items, which is NULL while *capacity is 0. The capacity doubles each time, so appending n
 * items one by one copies O(n) of them. 0, or -ENOMEM, and nothing has changed.
 */
int array_reserve(void *array, size_t *capacity, size_t count, size_t size);

/* A growing buffer. A structure of zeros is an empty one. Free it with bytes_free(). */
struct bytes {
	char *data;
	size_t length;
	size_t capacity;
};

/* Make room for more bytes after those in use. 0 or -ENOMEM. */
int bytes_reserve(struct bytes *bytes, size_t more);

/* Append. 0, or -ENOMEM, and nothing was appended. */
int bytes_append(struct bytes *bytes, const void *data, size_t length);
int bytes_append_string(struct bytes *bytes, const char *string);

/* Append several strings; NULL ends the list. 0, or -ENOMEM: some may have been appended. */
int bytes_append_strings(struct bytes *bytes, const char *first, ...) __attribute__((sentinel));

void bytes_free(struct bytes *bytes);

/* Write 2 * length lower-case digits and a NUL. */
void hex_encode(const unsigned char *data, size_t length, char *hex);

/* Parse 2 * length digits of either case. False if a character is not a digit. */
bool hex_decode(const char *hex, size_t length, unsigned char *data);

/* Whether every byte is zero; length may be 0. */
bool bytes_are_zero(const void *data, size_t length);

#endif
