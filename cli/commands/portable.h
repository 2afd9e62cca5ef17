/* SPDX-License-Identifier: MIT */
/* Entries that other systems cannot store. */
#ifndef CLI_COMMANDS_PORTABLE_H
#define CLI_COMMANDS_PORTABLE_H

#include "sparsesum/package.h"

/* Print a warning if Windows, FAT or exFAT cannot store the entry of a report as it is. */
void portable_check(const struct ssum_report *report);

/* Why FAT, exFAT and Windows cannot store a component of a path, because of its characters; NULL if
   they can. */
const char *portable_fat_lacks(const char *name, size_t length);

#endif
