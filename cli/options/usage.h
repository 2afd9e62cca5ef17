/* SPDX-License-Identifier: MIT */
/* Help, and messages about an invalid command line. */
#ifndef CLI_OPTIONS_USAGE_H
#define CLI_OPTIONS_USAGE_H

#include "app.h"

struct option_row;

void help_all(const struct command *commands);

/* Help for app->command. The table of options is an argument because options.c calls usage_error().
 */
void help_command(const struct app *app, const struct option_row *rows);

_Noreturn void usage_error(const struct app *app, const char *format, ...) PRINTF(2, 3);
_Noreturn void unknown_command(const struct app *app, const char *name);

#endif
