/* SPDX-License-Identifier: MIT */
/* Patterns of names, as rsync's filter rules have them. */
#ifndef CLI_OPTIONS_PATTERN_H
#define CLI_OPTIONS_PATTERN_H

#include <stdbool.h>

struct pattern;

/* NULL if the text is empty, or ends in "\" or within brackets. */
struct pattern *pattern_new(const char *text);
void pattern_free(struct pattern *pattern);

/* Whether the path below the directory matches. */
bool pattern_matches(const struct pattern *pattern, const char *path, bool is_directory);

#endif
