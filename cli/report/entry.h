/* SPDX-License-Identifier: MIT */
/* What verify tells people of an entry, but for a manifest that holds. */
#ifndef CLI_REPORT_ENTRY_H
#define CLI_REPORT_ENTRY_H

#include "options/command.h"
#include "sparsesum/package.h"

void say_judged(const struct run *run, const struct ssum_report *report);

#endif
