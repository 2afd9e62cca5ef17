/* SPDX-License-Identifier: MIT */
/* What to do about entries that do not hold, and causes that several of them have in common. */
#ifndef CLI_COMMANDS_ADVICE_H
#define CLI_COMMANDS_ADVICE_H

#include <jansson.h>

#include "options/options.h"

/* Collected from the reports of a run. Initialize to zero. */
struct advice {
	uint64_t missing[3], present[3]; /* listed entries, by enum advice_hiding */
	struct exchange *exchanges;      /* the first files that differ */
	size_t exchange_count;
	void *symlinks; /* a set of names: what is listed as a symlink */
};

/* A name quoted for a shell. Valid as long as the result of quoted(). */
const char *advice_word(const char *name);

/* Print what to do about an entry; and the same in its JSON object. */
void advice_say(const struct app *app, const struct ssum_report *report);
void advice_json(json_t *object, const struct ssum_report *report);

/* Why no command can restore the entry at this path, in words that say what to do instead; to be
   freed. NULL if one can. */
char *advice_obstacle(const struct app *app, const char *path, bool is_symlink);

void advice_take(struct advice *advice, const struct ssum_report *report);

/* After the last report: causes that several entries have in common. */
void advice_say_causes(const struct app *app, const struct advice *advice);
void advice_free(struct advice *advice);

#endif
