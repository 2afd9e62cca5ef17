/* SPDX-License-Identifier: MIT */
/* Verdicts in colour. */
#ifndef CLI_BASE_COLOUR_H
#define CLI_BASE_COLOUR_H

#include "base/units.h"
#include "sparsesum.h"

struct text painted(enum ssum_verdict verdict, const char *word);

#endif
