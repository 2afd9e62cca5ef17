/* SPDX-License-Identifier: MIT */
/* JUnit XML beside the normal output. */
#ifndef CLI_COMMANDS_JUNIT_H
#define CLI_COMMANDS_JUNIT_H

#include "options/options.h"
#include "sparsesum/package.h"

enum junit_outcome { JUNIT_PASSED, JUNIT_FAILURE, JUNIT_ERROR, JUNIT_SKIPPED, JUNIT_OUTCOMES };

struct junit;

/* Says of an entry what a person is told. */
typedef void junit_say(const void *user, const struct ssum_report *report);

/* Before the work: NULL without --junit. Ends the program where the file can have no place. */
struct junit *junit_begin(const struct app *app);

/* These do nothing with NULL, junit_add() apart. */
void junit_take(struct junit *junit, const struct app *app, const struct ssum_report *report,
		junit_say *say, const void *user);
void junit_add(struct junit *junit, const char *name, enum junit_outcome outcome, const char *kind,
	       const char *text);

/* Write the file, unless the run was stopped; a failure is one of the subject. The code, or one
   that says that it could not be written. */
int junit_end(struct junit *junit, const struct app *app, const char *subject, int code);

#endif
