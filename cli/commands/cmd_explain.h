/* SPDX-License-Identifier: MIT */
/* Why a digest does not match, in words and in JSON. */
#ifndef CLI_COMMANDS_CMD_EXPLAIN_H
#define CLI_COMMANDS_CMD_EXPLAIN_H

#include <stdbool.h>

#include <jansson.h>

#include "sparsesum/package.h"

/* Print the lines of an explanation, with what to do about it if advise is true. */
void explain_say(const struct ssum_explanation *explanation, bool advise);
json_t *explain_json(const struct ssum_explanation *explanation);

#endif
