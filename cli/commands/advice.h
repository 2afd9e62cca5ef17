/* SPDX-License-Identifier: MIT */
/* Why entries do not hold, as far as names and digests of other entries show, and what to do. */
#ifndef CLI_COMMANDS_ADVICE_H
#define CLI_COMMANDS_ADVICE_H

#include <jansson.h>

#include "options/options.h"

/* What is collected from the reports of a run. Zero to begin with. */
struct advice {
	uint64_t missing[3], there[3]; /* listed entries, by enum advice_hiding */
	struct exchange **exchanges;   /* files that differ, the first ones */
	size_t exchange_count;
};

/* The lines of a report that follow what was found; and the same in its JSON object. */
void say_advice(const struct app *app, const struct ssum_report *report);
void set_advice(json_t *object, const struct ssum_report *report);

void advice_take(struct advice *advice, const struct ssum_report *report);

/* After the last report: causes that several entries have in common. */
void say_causes(const struct app *app, const struct advice *advice);
void advice_free(struct advice *advice);

#endif
