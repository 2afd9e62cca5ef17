/* SPDX-License-Identifier: MIT */
/* The exit status, failures and totals of the commands. */
#ifndef CLI_COMMANDS_REPORT_H
#define CLI_COMMANDS_REPORT_H

#include "formats/reading.h"
#include "output/text.h"

/* The exit status for the code of a library function that returns a verdict. */
int status_of(int code);

/* "a" or "an". */
const char *article(const char *noun);

/* Why the whole operation failed. To be freed; NULL if it did not fail. Begins with the subject,
   unless the message of the library names something else. */
char *failure_text(const struct app *app, const char *subject, int code);
void note_failure(const struct app *app, const char *subject, int code);

/* How many of the bytes an interrupted run had hashed, or "". */
struct text resumed_text(const struct ssum_summary *summary);

/* Say that many holes were read and need not be, on standard error. */
void hint_at_holes(const struct ssum_summary *summary);

/* Print the verdict on the whole directory, with `word` for success. wrong_manifest: one whose
   content hash is not the requested one, or NULL. reading: what was read in the format of another
   program, or NULL. */
void print_totals(const struct app *app, const char *word, const struct ssum_summary *summary,
		  int code, const char *wrong_manifest, const struct reading *reading);

/* Note that a file was read twice, because its times prove nothing. */
void note_read_twice(const char *path);

#endif
