/* SPDX-License-Identifier: MIT */
/* What verify tells people of an entry, but for a manifest that holds. */
#ifndef CLI_COMMANDS_REPORT_ENTRY_H
#define CLI_COMMANDS_REPORT_ENTRY_H

#include "options/options.h"
#include "sparsesum/package.h"

void say_judged(const struct app *app, const struct ssum_report *report);

#endif
