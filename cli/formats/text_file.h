/* SPDX-License-Identifier: MIT */
/* A whole file of text, line by line. */
#ifndef CLI_FORMATS_TEXT_FILE_H
#define CLI_FORMATS_TEXT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_file {
	char *text;
	size_t length;
	char *at;
	uint64_t line;
	bool ends_in_cr; /* a CR alone ends a line too, and none is part of one */
};

/* Read a regular file, `name` in the directory at; a link is followed only outside of one
   (AT_FDCWD). 0 or -errno. */
int text_read(struct text_file *file, int at, const char *name);

/* The next line without its end, as a string; NULL at the end. Its length tells a NUL in it. */
char *text_next(struct text_file *file, size_t *length);
void text_free(struct text_file *file);

/* Convert the whole text to UTF-8, and drop its byte order mark. False if it is none of that
   encoding, or there is no such encoding. */
bool text_decode(struct text_file *file, const char *encoding);

#endif
