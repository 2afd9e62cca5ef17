/* SPDX-License-Identifier: MIT */
/* Files that differ since each has the content of another one. */
#ifndef CLI_COMMANDS_EXCHANGES_H
#define CLI_COMMANDS_EXCHANGES_H

#include <stddef.h>

#include "options/options.h"
#include "sparsesum/package.h"

struct exchanges {
	struct exchange **rows;
	size_t count;
};

void exchanges_take(struct exchanges *exchanges, const struct ssum_report *report);
void say_exchanges(const struct app *app, const struct exchanges *exchanges);
void exchanges_free(struct exchanges *exchanges);

#endif
