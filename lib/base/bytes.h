/* SPDX-License-Identifier: MIT */
/* Bytes: a buffer that grows, hexadecimal digits, and zeros. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include "base/common.h"

/* A growing buffer. All zero is an empty one; its memory is freed by bytes_free(). */
struct bytes {
	char *data;
	size_t length;
	size_t capacity;
};

/* Make room for more bytes behind those in use. 0 or -ENOMEM. */
int bytes_reserve(struct bytes *bytes, size_t more);

/* Append; on -ENOMEM nothing was appended. */
int bytes_append(struct bytes *bytes, const void *data, size_t length);
int bytes_append_string(struct bytes *bytes, const char *string);

/* Append several strings; NULL ends the list. 0, or -ENOMEM: some may have been appended. */
int bytes_append_strings(struct bytes *bytes, const char *first, ...) __attribute__((sentinel));

void bytes_free(struct bytes *bytes);

/* Write 2 * length digits in lower case and a NUL. */
void hex_encode(const unsigned char *data, size_t length, char *hex);

/* Read 2 * length digits of either case. False if one of them is none. */
bool hex_decode(const char *hex, size_t length, unsigned char *data);

/* Whether every byte is zero; length may be 0. */
bool bytes_are_zero(const void *data, size_t length);

#endif
