/* SPDX-License-Identifier: MIT */
/* Sizes, durations, counts and verdicts as people read them. Texts are used as
   size_text(bytes).s, which lives to the end of the expression. */
#ifndef CLI_OUTPUT_TEXT_H
#define CLI_OUTPUT_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "sparsesum.h"

struct text {
	char s[80];
};

struct text size_text(uint64_t bytes);
struct text duration_text(double seconds);
struct text clock_text(double seconds); /* "1:02:03" */
struct text count_text(uint64_t count, const char *one, const char *many);
double seconds_now(void);
bool parse_number(const char *text, uint64_t *number);
bool parse_size(const char *text, uint64_t *bytes);
struct text verdict_text(enum ssum_verdict verdict, const char *word);

#endif
