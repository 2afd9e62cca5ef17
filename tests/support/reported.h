/* SPDX-License-Identifier: MIT */
/* Records the reports of an operation, in the order of the calls. */
#ifndef SUPPORT_REPORTED_H
#define SUPPORT_REPORTED_H

#include "sparsesum/package.h"

extern char reported[65536]; /* "verdict path;" for each report; set it to "" before an operation */

void note_report(const struct ssum_report *report);

/* A report callback that records the entries that do not hold. */
int note_failing(void *user, const struct ssum_report *report);

#endif
