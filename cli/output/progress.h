/* SPDX-License-Identifier: MIT */
/* The progress of an operation, on standard error. */
#ifndef CLI_OUTPUT_PROGRESS_H
#define CLI_OUTPUT_PROGRESS_H

#include <stdbool.h>

#include "sparsesum.h"

enum progress_when { PROGRESS_NEVER, PROGRESS_ON_TERMINALS, PROGRESS_ALWAYS, PROGRESS_JSON };

struct progress {
	bool shown, warned;
	bool resumed;        /* it was said how much of an interrupted run is there */
	bool redrawn;        /* on one line of a terminal; false: a new line each time */
	bool json;           /* each line is an object */
	double began, next;  /* when to print the next line, in seconds since it began */
	uint64_t bytes_done; /* at the last tick */
	double rate_from;    /* seconds of reading before the bytes that count for the rate */
};

/* silent: do not warn about a long run either. */
void progress_setup(struct progress *state, enum progress_when when, bool silent);

/* Starts the clock. Must be called before each operation. */
void progress_begin(struct progress *state);

/* The progress function of struct ssum_options; user is the struct progress. */
int progress_tick(void *user, const struct ssum_progress *progress);

#endif
