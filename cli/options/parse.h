/* SPDX-License-Identifier: MIT */
/* The command line. */
#ifndef CLI_OPTIONS_PARSE_H
#define CLI_OPTIONS_PARSE_H

#include "options/options.h"

void options_parse(struct options *options, int argc, char **argv);

#endif
