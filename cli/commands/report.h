/* SPDX-License-Identifier: MIT */
/* What the commands over directories say of entries and of the whole. */
#ifndef CLI_COMMANDS_REPORT_H
#define CLI_COMMANDS_REPORT_H

#include "output/text.h"
#include "formats/reading.h"
#include "sparsesum/package.h"

/* The exit status for what a judging function of the library returned. */
int status_of(int code);

const char *article(const char *noun);
char *failure_text(const struct app *app, const char *subject, int code);
void note_failure(const struct app *app, const char *subject, int code);
/* The digest in hexadecimal, or the target of a symlink, or NULL: as long as both arguments live.
 */
const char *side_text(const struct ssum_report_side *side, char hex[SSUM_HEX_MAX]);

void report_json(const struct ssum_report *report);
struct text resumed_text(const struct ssum_summary *summary);
void print_totals(const struct app *app, const char *word, const struct ssum_summary *summary,
		  int code, const struct reading *reading);

#endif
