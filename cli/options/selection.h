/* SPDX-License-Identifier: MIT */
/* Which entries take part. */
#ifndef CLI_OPTIONS_SELECTION_H
#define CLI_OPTIONS_SELECTION_H

#include "options/command.h"
#include "sparsesum/package.h"

void selection_add_rule(struct selection **selection, bool includes, const char *text);
void selection_add_names(struct selection **selection, const char *file);
void selection_free(struct selection *selection);
void selection_begin(const struct options *options);
struct ssum_filter selection_filter(const struct run *run);
int selection_look(const struct run *run, const char *directory);
int selection_result(const struct run *run, int code);
const char *selection_words(const struct run *run);

#endif
