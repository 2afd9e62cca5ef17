/* SPDX-License-Identifier: MIT */
/* Names in other Unicode forms. unicode_library() is the version of libutf8proc, NULL where
   there is none. */
#ifndef CLI_OUTPUT_UNICODE_H
#define CLI_OUTPUT_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FORM_COMPOSED 1u   /* NFC */
#define FORM_DECOMPOSED 2u /* NFD */
#define FORM_LOWER_CASE 4u /* as case folding has it */

const char *unicode_library(void);
char *unicode_form(const char *name, unsigned form);

/* UTF-8, whatever the locale says. */

bool utf8_is(const char *text);
size_t utf8_decode(const char *text, uint32_t *code);
bool utf8_is_printable(uint32_t code);
size_t utf8_printable_length(const char *text);

#endif
