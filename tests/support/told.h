/* SPDX-License-Identifier: MIT */
/* What the reports of an operation told, in the order in which they came. */
#ifndef SUPPORT_TOLD_H
#define SUPPORT_TOLD_H

#include "sparsesum/package.h"

extern char told[65536]; /* "verdict path;" each; to be emptied by who begins an operation */

void note_told(const struct ssum_report *report);

/* For the options: note what does not hold. */
int note_failing(void *user, const struct ssum_report *report);

#endif
