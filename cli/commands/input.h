/* SPDX-License-Identifier: MIT */
/*
 * Names that become inputs of the library. A stream (standard input, a FIFO, a terminal) can be
 * read only once, and its writer may wait for earlier results. So it is read after all inputs named
 * before it and before all named after it, as a program does that reads one after the other.
 */
#ifndef CLI_COMMANDS_INPUT_H
#define CLI_COMMANDS_INPUT_H

#include "options/options.h"

/* Zero to begin with. */
struct inputs {
	size_t outstanding; /* given to the library, and not yet returned */
	bool reading_stream;
	bool stdin_used;
};

/* Open a manifest: a descriptor, not to be closed if it is 0; or -1 and errno. */
int input_open(struct inputs *inputs, const char *name);

/* False: the name has to wait until all inputs have been returned. */
bool input_set(struct inputs *inputs, struct ssum_input *input, const char *name);

/* An input without anything to read: a bad descriptor, so that its error is reported in order. */
void input_set_nothing(struct inputs *inputs, struct ssum_input *input);

/* With each result. */
void input_done(struct inputs *inputs, const char *name, uint64_t length);

/* After the last one: the exit status. */
int inputs_end(const struct app *app, const struct inputs *inputs, int status);

#endif
