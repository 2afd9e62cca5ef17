/* SPDX-License-Identifier: MIT */
/* Sizes, durations and counts as people read them. Texts are used as
   size_text(bytes).s, which lives to the end of the expression. */
#ifndef CLI_BASE_UNITS_H
#define CLI_BASE_UNITS_H

#include <stdbool.h>
#include <stdint.h>

struct text {
	char s[80];
};

struct text size_text(uint64_t bytes);
struct text duration_text(double seconds);
struct text count_text(uint64_t count, const char *one, const char *many);
double seconds_now(void);
bool parse_size(const char *text, uint64_t *bytes);

#endif
