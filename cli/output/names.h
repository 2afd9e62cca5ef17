/* SPDX-License-Identifier: MIT */
/* File names in messages. A returned string stays valid during the next three calls of functions
   that return one. */
#ifndef CLI_OUTPUT_NAMES_H
#define CLI_OUTPUT_NAMES_H

#include <stddef.h>

/* From now on, the user's locale defines characters, as in GNU programs. Default: UTF-8. */
void names_by_locale(void);

/* The name as GNU programs print it: in quotes only if it needs them. */
const char *quoted(const char *name);

/* The name in quotes. */
const char *in_quotes(const char *name);

/* The text with '?' for each character that must not be printed on a terminal. */
const char *legible(const char *text);

/* Does the same in place. Returns the new length. */
size_t make_legible(char *text, size_t length);

#endif
