/* SPDX-License-Identifier: MIT */
#include "support/reported.h"

#include <stdio.h>
#include <string.h>
#include "sparsesum/package.h"

char reported[65536];

void note_report(const struct ssum_report *report)
{
	size_t used = strlen(reported);

	snprintf(reported + used, sizeof(reported) - used, "%s %s;",
		 ssum_verdict_name(report->verdict), report->path);
}

int note_failing(void *user, const struct ssum_report *report)
{
	(void)user;
	if (report->verdict != SSUM_HOLDS)
		note_report(report);
	return 0;
}
