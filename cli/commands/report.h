/* SPDX-License-Identifier: MIT */
/* The exit status, failures and totals of the commands. */
#ifndef CLI_COMMANDS_REPORT_H
#define CLI_COMMANDS_REPORT_H

#include "formats/reading.h"
#include "output/text.h"

/* The exit status for the code of a judging function of the library. */
int status_of(int code);

/* "a" or "an". */
const char *article(const char *noun);

/* Why an operation failed as a whole, to be freed; NULL if it did not. The subject is named unless
   the library names something. */
char *failure_text(const struct app *app, const char *subject, int code);
void note_failure(const struct app *app, const char *subject, int code);

/* How much of it an interrupted run had done, or "". */
struct text resumed_text(const struct ssum_summary *summary);

/* The verdict on the whole. word is the one for success; reading is NULL, or what was read in
   the format of another program. */
void print_totals(const struct app *app, const char *word, const struct ssum_summary *summary,
		  int code, const struct reading *reading);

#endif
