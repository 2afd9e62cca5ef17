/* SPDX-License-Identifier: MIT */
/* What verify prints about one report, for people and as a list of ranges. */
#ifndef CLI_COMMANDS_SAY_ENTRY_H
#define CLI_COMMANDS_SAY_ENTRY_H

#include "options/options.h"

/* A manifest that holds, with its content hash. */
void say_manifest(const struct ssum_report *report);

/* Any other report: the verdict and the lines below it. */
void say_judged(const struct app *app, const struct ssum_report *report);

/* Checkpoints that are not used. */
void say_checkpoints(const struct ssum_report *report);

/* The ranges of a file to fetch again. */
void say_repair(const struct ssum_report *report);

/* OFFSET, LENGTH and FIRST-LAST, separated by TABs; the last as HTTP requests it. */
void out_range(uint64_t offset, uint64_t length);

#endif
