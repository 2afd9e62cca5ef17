/* SPDX-License-Identifier: MIT */
/* Names in messages. Results stay valid for three calls more. */
#ifndef CLI_OUTPUT_NAMES_H
#define CLI_OUTPUT_NAMES_H

#include <stddef.h>

void names_by_locale(void);
const char *quoted(const char *name);
const char *in_quotes(const char *name);
const char *legible(const char *text);
size_t make_legible(char *text, size_t length);

#endif
