/* SPDX-License-Identifier: MIT */
/* UTF-8, whatever the locale says. */
#ifndef CLI_BASE_UTF8_H
#define CLI_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool utf8_is(const char *text);
size_t utf8_character(const char *text, uint32_t *code);
bool code_printable(uint32_t code);
size_t utf8_printable(const char *text);

#endif
