/* SPDX-License-Identifier: MIT */
/* Patterns of names, with the syntax of rsync's filter rules. */
#ifndef CLI_OPTIONS_PATTERN_H
#define CLI_OPTIONS_PATTERN_H

#include <stdbool.h>

struct pattern;

/* NULL if the text is not a pattern: it is empty, or ends in "\" or inside brackets. */
struct pattern *pattern_new(const char *text);
void pattern_free(struct pattern *pattern);

/* Whether a path matches. It is relative to the directory that is hashed or verified. */
bool pattern_matches(const struct pattern *pattern, const char *path, bool is_directory);

#endif
