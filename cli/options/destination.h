/* SPDX-License-Identifier: MIT */
/* The files that a command writes. */
#ifndef CLI_OPTIONS_DESTINATION_H
#define CLI_OPTIONS_DESTINATION_H

#include "options/options.h"

/*
 * Ends the program if the command would write a file that it also reads, or two files with the same
 * name: the reports, manifests and checkpoints that options name, and standard output and error if
 * they are regular files. Existing files are compared by inode, others by directory and name. Must
 * be called after all options are parsed, before anything is written.
 */
void destination_check(const struct app *app);

#endif
