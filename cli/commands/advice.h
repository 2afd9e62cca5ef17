/* SPDX-License-Identifier: MIT */
/* Why entries do not hold, as far as names tell, and what to do. */
#ifndef CLI_COMMANDS_ADVICE_H
#define CLI_COMMANDS_ADVICE_H

#include <jansson.h>

#include "commands/name_change.h"
#include "options/options.h"
#include "commands/exchanges.h"
#include "sparsesum/package.h"

struct advice {
	uint64_t missing[3], there[3]; /* listed entries: hidden at the top, below, not hidden */
	struct exchanges exchanges;
};

bool tells_move(const struct ssum_report *report, struct name_change *change);
void say_advice(const struct app *app, const struct ssum_report *report);
void set_advice(json_t *object, const struct ssum_report *report);
void advice_take(struct advice *advice, const struct ssum_report *report);
void say_causes(const struct app *app, const struct advice *advice);
void advice_free(struct advice *advice);

#endif
