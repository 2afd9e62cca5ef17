/* SPDX-License-Identifier: MIT */
/* A set of names, NULL being the empty one, in which some file systems take several for one. */
#ifndef CLI_COMMANDS_TWINS_H
#define CLI_COMMANDS_TWINS_H

#include <stdbool.h>

bool twins_see(void **all, const char *name);
void twins_forget(void **all);

#endif
