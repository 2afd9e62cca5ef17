/* SPDX-License-Identifier: MIT */
/* The names of --files-from. */
#ifndef CLI_OPTIONS_NAME_LIST_H
#define CLI_OPTIONS_NAME_LIST_H

#include <stdbool.h>

struct name_list;

/* Read the file, - being standard input; ends the program where it cannot be. */
struct name_list *name_list_read(const char *file, char end);
void name_list_free(struct name_list *list);

/* Whether a path is named, or below a directory that is, or a directory above a name. */
bool name_list_has(struct name_list *list, const char *path, bool is_directory);

/* Say which names were never met, with their lines. Whether there were any. */
bool name_list_tell_unmet(const struct name_list *list);

#endif
