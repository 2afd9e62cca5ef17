/* SPDX-License-Identifier: MIT */
/* Where the journals of work that may be interrupted are kept. */
#ifndef CLI_OPTIONS_STATE_H
#define CLI_OPTIONS_STATE_H

#include "options/command.h"
#include "sparsesum/package.h"

char *journal_path(const char *directory);
const char *interruption(const char *journal, const struct ssum_summary *summary,
			 const char *outcome);
void note_journal(const struct run *run, const struct ssum_summary *summary, int code);

#endif
