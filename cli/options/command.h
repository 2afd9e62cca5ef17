/* SPDX-License-Identifier: MIT */
/* The commands, and which of them is running. They are main.c's, and the personalities
   personality.c's, which know what stands above. */
#ifndef CLI_OPTIONS_COMMAND_H
#define CLI_OPTIONS_COMMAND_H

#include <stdbool.h>

#include "options/options.h"

/* What a command works with. */
struct run {
	const struct options *options;
	struct ssum_context *context;
	double began;
};

static inline bool asked(const struct run *run, unsigned flag)
{
	return run->options->flags & flag;
}

struct command {
	const char *name;
	unsigned bit;      /* its place in the sets of option rows */
	const char *usage; /* what follows the options */
	int least, most;   /* operands; most is -1 for any number */
	int trouble;       /* the exit status for errors that are no verdict */
	bool streams;      /* reads what may never answer: standard input, FIFOs */
	int (*run)(const struct run *run);
	const char *summary;
	const char *details;
};

extern const struct command commands[];
extern const struct command *current;

/* The program that this one was called as, and is; NULL if it is none but itself. */

struct personality {
	const char *name, *algorithm, *summary;
};

extern const struct personality *personality;
const struct command *assume_personality(const char *invoked);

#endif
