/* SPDX-License-Identifier: MIT */
/* The state of the program, which main() passes to every command, and the table of commands. */
#ifndef CLI_APP_H
#define CLI_APP_H

#include <stdbool.h>

#include "output/output.h"
#include "output/progress.h"
#include "sparsesum.h"

struct advice;
struct options;

struct app {
	const struct command *commands;        /* the table; the last row has no name */
	const struct command *command;         /* the one to run; NULL until it is known */
	const struct personality *personality; /* NULL if the program has its own name */
	struct options *options;
	struct ssum_context *context;
	struct output output;
	struct progress progress;
	struct advice *advice; /* what verify has found so far; NULL in other commands */
	int directory;         /* verify, create: descriptor of the operand; -1: not open */
	int directory_error;   /* why it is not open: -errno */
	double began;          /* when the command started, by seconds_now() */
};

struct command {
	const char *name;
	unsigned bit;      /* the command's bit in the sets of commands in the option table */
	const char *usage; /* the operands, for the help text */
	int least, most;   /* number of operands; most is -1 for any number */
	int error_status;  /* the exit status for errors that are not a verdict */
	bool streams;      /* may block forever in a read: standard input, FIFOs */
	int (*run)(struct app *app);
	const char *summary;
	const char *details;
};

/* A program such as sha1sum. A program that sparsesum behaves like if it is called by that name. */
struct personality {
	const char *name, *algorithm, *summary;
};

#endif
