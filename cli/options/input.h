/* SPDX-License-Identifier: MIT */
/* Names that become inputs of the library. */
#ifndef CLI_OPTIONS_INPUT_H
#define CLI_OPTIONS_INPUT_H

#include <stdbool.h>

#include "options/options.h"

bool is_stdin(const char *name);
char **operands_or_stdin(const struct options *options);
bool inputs_are_out(void);
int input_open(const char *name);
bool input_set(struct ssum_input *input, const char *name);
void input_set_nothing(struct ssum_input *input);
void input_done(const char *name, uint64_t length);
int inputs_end(int status);

#endif
