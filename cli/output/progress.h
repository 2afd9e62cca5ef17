/* SPDX-License-Identifier: MIT */
/* Progress of an operation on standard error. */
#ifndef CLI_OUTPUT_PROGRESS_H
#define CLI_OUTPUT_PROGRESS_H

#include <stdbool.h>

#include "sparsesum.h"

enum progress_when { PROGRESS_NEVER, PROGRESS_ON_TERMINALS, PROGRESS_ALWAYS };

struct progress {
	bool shown, on_terminal, warned;
	double began, next_plain;
};

/* silent: do not warn of a long run either. */
void progress_setup(struct progress *state, enum progress_when when, bool silent);

/* Before each operation: its rate is counted from here. */
void progress_begin(struct progress *state);

/* For struct ssum_options; its user is the struct progress. */
int progress_tick(void *user, const struct ssum_progress *progress);

#endif
