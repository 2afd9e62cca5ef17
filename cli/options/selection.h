/* SPDX-License-Identifier: MIT */
/* Which entries take part: --files-from, --include and --exclude. */
#ifndef CLI_OPTIONS_SELECTION_H
#define CLI_OPTIONS_SELECTION_H

#include "options/options.h"

void selection_add_rule(struct app *app, bool includes, const char *text);
void selection_add_names(struct app *app, const char *file);
void selection_free(struct selection *selection);

/* After all options are parsed: reads the names. */
void selection_begin(const struct app *app);

/* For the library. All zero if everything takes part. */
struct ssum_filter selection_filter(const struct app *app);

/* Before something is written: checks that all names are in the directory. 0 or a code. */
int selection_check_names(const struct app *app, const char *directory);

/* The code of an operation, after names that were not met are reported. */
int selection_result(const struct app *app, int code);

/* What is added to a total if not everything took part. */
const char *selection_suffix(const struct app *app);

#endif
