/* SPDX-License-Identifier: MIT */
/* Names in other Unicode forms, and UTF-8. */
#ifndef CLI_OUTPUT_UNICODE_H
#define CLI_OUTPUT_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FORM_COMPOSED 1u   /* NFC */
#define FORM_DECOMPOSED 2u /* NFD */
#define FORM_LOWER_CASE 4u /* by case folding */

/* The version of libutf8proc; NULL if the program was built without it. */
const char *unicode_library(void);

/* The name in another form, to be freed. NULL if it is not UTF-8, or is not ASCII and there is no
   libutf8proc, which is reported once. */
char *unicode_form(const char *name, unsigned form);

/* These do not depend on the locale. */

/* Whether all of the text is UTF-8. */
bool utf8_is(const char *text);

/* Decodes the first character. Returns its length in bytes; 0 if it is not UTF-8. */
size_t utf8_decode(const char *text, uint32_t *code);

/* Whether a terminal can show the character without being controlled by it. */
bool utf8_is_printable(uint32_t code);

/* The length in bytes of the first character; 0 if it is not UTF-8 or not printable. */
size_t utf8_printable_length(const char *text);

#endif
