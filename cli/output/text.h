/* SPDX-License-Identifier: MIT */
/* Sizes, durations, counts and verdicts as text for people. Use the result within the expression,
   as in size_text(bytes).s: it exists to the end of it. */
#ifndef CLI_OUTPUT_TEXT_H
#define CLI_OUTPUT_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "sparsesum.h"

struct text {
	char s[80];
};

/* ": its size and change time moved", or "" without changes; see ssum_changes_text(). */
struct changes_text {
	char s[SSUM_CHANGES_MAX + 2];
};
struct changes_text changes_suffix(unsigned changes);

struct text size_text(uint64_t bytes);
struct text duration_text(double seconds);
struct text clock_text(double seconds); /* "1:02:03" */
struct text count_text(uint64_t count, const char *one, const char *many);

/* A word in the colour of its verdict, if standard output is a terminal. */
struct text verdict_text(enum ssum_verdict verdict, const char *word);

/* The monotonic clock. */
double seconds_now(void);

/* Decimal digits only. False if the text is not a number, or too large. */
bool parse_number(const char *text, uint64_t *number);

/* A number of bytes; K, M, G, T or KiB, MiB ... after it multiply it by 1024, 1024^2 ... */
bool parse_size(const char *text, uint64_t *bytes);

#endif
