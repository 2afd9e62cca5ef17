/* SPDX-License-Identifier: MIT */
/* The journals of operations that can be resumed. */
#ifndef CLI_OPTIONS_STATE_H
#define CLI_OPTIONS_STATE_H

#include <sys/stat.h>

#include "options/options.h"
#include "sparsesum/package.h"

/* Whether an absolute path is the directory or is inside it. Ignores components at the end that do
   not exist. Compares inodes, so symlinks and bind mounts make no difference. */
bool path_is_inside(const char *path, const struct stat *directory);

/* The path of the journal of this command for the directory, to be freed. NULL if there is no place
   for one. Creates nothing. */
char *journal_path(const struct app *app, const char *directory);

/* The message about an interruption: the outcome, and that --resume can continue if it can. */
const char *journal_outcome(const struct ssum_summary *summary, const char *outcome);

/* Prints why the journal was not used or not written, if that is unexpected. */
void journal_note(const struct app *app, const struct ssum_summary *summary, int code);

#endif
