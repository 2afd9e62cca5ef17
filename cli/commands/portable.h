/* SPDX-License-Identifier: MIT */
/* Entries that other systems cannot store. */
#ifndef CLI_COMMANDS_PORTABLE_H
#define CLI_COMMANDS_PORTABLE_H

#include "sparsesum/package.h"

/* Print a warning if Windows, FAT or exFAT cannot store the entry of a report as it is. */
void portable_check(const struct ssum_report *report);

#endif
