/* SPDX-License-Identifier: MIT */
/* Files that differ since each has the content of another one. */
#ifndef CLI_REPORT_EXCHANGES_H
#define CLI_REPORT_EXCHANGES_H

#include <stddef.h>

#include "options/command.h"
#include "sparsesum/package.h"

struct exchanges {
	struct exchange **rows;
	size_t count;
};

void exchanges_take(struct exchanges *exchanges, const struct ssum_report *report);
void say_exchanges(const struct run *run, const struct exchanges *exchanges);
void exchanges_free(struct exchanges *exchanges);

#endif
