/* SPDX-License-Identifier: MIT */
/* Where the journals of work that may be interrupted are kept. */
#ifndef CLI_OPTIONS_STATE_H
#define CLI_OPTIONS_STATE_H

#include <sys/stat.h>

#include "options/options.h"
#include "sparsesum/package.h"

/* Whether an absolute path is a directory or is inside it. What does not exist of the path is
   ignored. Compares inodes, so that symlinks and bind mounts are seen. */
bool path_is_inside(const char *path, const struct stat *directory);

char *journal_path(const struct app *app, const char *directory);
const char *journal_outcome(const char *journal, const struct ssum_summary *summary,
			    const char *outcome);
void journal_note(const struct app *app, const struct ssum_summary *summary, int code);

#endif
