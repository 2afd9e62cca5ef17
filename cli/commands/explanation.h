/* SPDX-License-Identifier: MIT */
/* Why a digest does not match. */
#ifndef CLI_COMMANDS_EXPLANATION_H
#define CLI_COMMANDS_EXPLANATION_H

#include <stdbool.h>

#include <jansson.h>

#include "sparsesum/package.h"

void say_explanation(const struct ssum_explanation *explanation, bool advise);
json_t *json_explanation(const struct ssum_explanation *explanation);

#endif
