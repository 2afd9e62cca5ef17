/* SPDX-License-Identifier: MIT */
/*
 * Names that become inputs of the library. A stream (standard input, a FIFO, a terminal) can be
 * read only once, and its writer may wait for earlier results. So a stream is read after all inputs
 * before it and before all inputs after it, as if the inputs were read one by one.
 */
#ifndef CLI_COMMANDS_INPUT_H
#define CLI_COMMANDS_INPUT_H

#include "options/options.h"

/* Initialize to zero. */
struct inputs {
	size_t outstanding; /* passed to the library, without a result yet */
	bool reading_stream;
	bool stdin_used;
};

/* Open a manifest. Returns a descriptor, which must not be closed if it is 0, or -1 and errno. */
int input_open(struct inputs *inputs, const char *name);

/* Open the directory that verify and create read: app->directory. They use this descriptor from
   then on, since the path may become that of another directory. */
void input_open_directory(struct app *app);

/* Set the input to a name. False: the name must wait until there are results for all inputs. */
bool input_set(struct inputs *inputs, struct ssum_input *input, const char *name);

/* Set the input to a bad descriptor, so that its error is reported in order. */
void input_set_nothing(struct inputs *inputs, struct ssum_input *input);

/* Call this with each result. */
void input_done(struct inputs *inputs, const char *name, uint64_t length);

/* Call this after the last result. Returns the exit status. */
int inputs_end(const struct app *app, const struct inputs *inputs, int status);

#endif
