/* SPDX-License-Identifier: MIT */
/* The state that main() passes to every command, and the rows of the table of commands. */
#ifndef CLI_APP_H
#define CLI_APP_H

#include <stdbool.h>

#include "output/output.h"
#include "output/progress.h"
#include "sparsesum.h"

struct options;

struct app {
	const struct command *commands;        /* the table; ends in a row without a name */
	const struct command *command;         /* the one that runs; NULL until it is known */
	const struct personality *personality; /* NULL when called by our own name */
	struct options *options;
	struct ssum_context *context;
	struct output output;
	struct progress progress;
	double began; /* when the command began: seconds_now() */
};

struct command {
	const char *name;
	unsigned bit;      /* in the sets of option rows */
	const char *usage; /* the operands, in help */
	int least, most;   /* operands; most is -1 for any number */
	int error_status;  /* the exit status for errors that are not a verdict */
	bool streams;      /* may wait for input for ever: standard input, FIFOs */
	int (*run)(struct app *app);
	const char *summary;
	const char *details;
};

/* A program that this one replaces when it is called by its name. */
struct personality {
	const char *name, *algorithm, *summary;
};

#endif
