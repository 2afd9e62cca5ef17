/* SPDX-License-Identifier: MIT */
/* Names in other Unicode forms. unicode_library() is the version of libutf8proc, NULL where
   there is none. */
#ifndef CLI_BASE_UNICODE_H
#define CLI_BASE_UNICODE_H

#define FORM_COMPOSED 1u   /* NFC */
#define FORM_DECOMPOSED 2u /* NFD */
#define FORM_LOWER_CASE 4u /* as case folding has it */

const char *unicode_library(void);
char *unicode_form(const char *name, unsigned form);

#endif
