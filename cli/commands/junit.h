/* SPDX-License-Identifier: MIT */
/* JUnit XML in addition to the normal output: a test suite for a run, a test case for an entry. */
#ifndef CLI_COMMANDS_JUNIT_H
#define CLI_COMMANDS_JUNIT_H

#include "options/options.h"
#include "sparsesum/package.h"

enum junit_outcome { JUNIT_PASSED, JUNIT_FAILURE, JUNIT_ERROR, JUNIT_SKIPPED, JUNIT_OUTCOMES };

struct junit;

/* Prints the text about an entry with out(). */
typedef void junit_say(const struct app *app, const struct ssum_report *report);

/* Before the work. NULL without --junit. Ends the program if the file cannot be written there. */
struct junit *junit_begin(const struct app *app);

/* Add the test case of a report, with what `say` prints as its text. Nothing if junit is NULL. */
void junit_take(struct junit *junit, const struct app *app, const struct ssum_report *report,
		junit_say *say);

/* Add a test case. text: NULL, or UTF-8 without control characters other than newlines. */
void junit_add(struct junit *junit, const char *name, enum junit_outcome outcome, const char *kind,
	       const char *text);

/* Write the file, unless the run was cancelled, and free junit, which may be NULL. A failure of the
   whole run becomes a test case. Returns the code, or SSUM_ERR_UNDECIDED instead of success if the
   file could not be written. */
int junit_end(struct junit *junit, const struct app *app, const char *subject, int code);

#endif
