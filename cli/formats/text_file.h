/* SPDX-License-Identifier: MIT */
/* A text file that is read as a whole, and its lines. */
#ifndef CLI_FORMATS_TEXT_FILE_H
#define CLI_FORMATS_TEXT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_file {
	char *text;
	size_t length;
	char *at; /* the next line */
	uint64_t line;
	bool ends_in_cr; /* a CR ends a line, also without an LF */
};

/* Reads the regular file `name` in the directory `at`. Follows a symlink only if at is AT_FDCWD.
   0 or a code; text_free() is needed only after 0, but harmless otherwise. */
int text_read(struct text_file *file, int at, const char *name);

/* The same for a list that the user named. Drops a byte order mark and converts UTF-16, which
   PowerShell writes; lines end in CR if the first one does. */
int text_read_list(struct text_file *file, const char *path);

/* The next line without its end, as a string; NULL at the end of the text. If strlen() of it is
   less than its length, it contains a NUL. */
char *text_next(struct text_file *file, size_t *length);
void text_free(struct text_file *file);

/* Converts the text to UTF-8, and removes its byte order mark. False if the encoding is unknown or
   the text is not valid in it. */
bool text_decode(struct text_file *file, const char *encoding);

#endif
