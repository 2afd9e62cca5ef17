/* SPDX-License-Identifier: MIT */
/* Help, and what is said of a command line that cannot be followed. */
#ifndef CLI_OPTIONS_USAGE_H
#define CLI_OPTIONS_USAGE_H

#include "base/output.h"
#include "options/command.h"

void help_all(void);
void help_command(const struct command *command);
_Noreturn void usage_error(const char *format, ...) PRINTF(1, 2);
_Noreturn void unknown_command(const char *name);

#endif
