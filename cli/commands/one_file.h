/* SPDX-License-Identifier: MIT */
/* Verification of one file of a directory. */
#ifndef CLI_COMMANDS_ONE_FILE_H
#define CLI_COMMANDS_ONE_FILE_H

#include "options/options.h"

/*
 * If the operand is a file, finds the nearest directory above whose manifests list it, makes that
 * directory the operand, and selects the file. With -m only the directory of that manifest counts.
 * An operand that is a directory, does not exist or cannot be listed is not changed. Ends the
 * program if no manifest lists the file, or if it is a manifest itself.
 */
void one_file_find(struct app *app);

#endif
