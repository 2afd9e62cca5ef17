/* SPDX-License-Identifier: MIT */
/* What a selection is made of. */
#ifndef CLI_SELECTION_H
#define CLI_SELECTION_H

#include "cli.h"

/* pattern.c: a pattern of rsync's filter rules. */

struct pattern;

/* NULL if the text is empty, or ends in "\" or within brackets. */
struct pattern *pattern_new(const char *text);
void pattern_free(struct pattern *pattern);

/* Whether the path below the folder matches. */
bool pattern_matches(const struct pattern *pattern, const char *path, bool is_folder);

/* name_list.c: the names of --files-from. */

struct name_list;

/* Read the file, - being standard input; ends the program where it cannot be. */
struct name_list *name_list_read(const char *file, char end);
void name_list_free(struct name_list *list);

/* Whether a path is named, or below a folder that is, or a folder above a name. */
bool name_list_has(struct name_list *list, const char *path, bool is_folder);

/* Say which names were never met, with their lines. Whether there were any. */
bool name_list_tell_unmet(const struct name_list *list);

#endif
