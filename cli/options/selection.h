/* SPDX-License-Identifier: MIT */
/* Selects entries: --files-from, --include and --exclude. */
#ifndef CLI_OPTIONS_SELECTION_H
#define CLI_OPTIONS_SELECTION_H

#include "options/options.h"

/* Adds a pattern of --include or --exclude. */
void selection_add_rule(struct app *app, bool includes, const char *text);

/* Sets the file of --files-from; and returns it, or NULL. */
void selection_add_names(struct app *app, const char *file);
const char *selection_file(const struct app *app);

/* Selects one entry of the directory, in place of names in a file. */
void selection_add_entry(struct app *app, const char *path);
void selection_free(struct selection *selection);

/* Reads the names of --files-from. Must be called after all options are parsed. */
void selection_begin(const struct app *app);

/* The filter for the library. Its function is NULL if all entries are selected. */
struct ssum_filter selection_filter(const struct app *app);

/* Checks that all names exist in the directory, before anything is written. 0 or a code. Opens the
   directory by its path, because ssum_tree_open() takes no descriptor. */
int selection_check_names(const struct app *app, const char *directory);

/* Reports the names that the operation did not find. Returns its code, or a code for those names.
 */
int selection_result(const struct app *app, int code);

/* The words to append to a total: empty if all entries are selected. */
const char *selection_suffix(const struct app *app);

#endif
