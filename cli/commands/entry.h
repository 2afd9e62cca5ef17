/* SPDX-License-Identifier: MIT */
/* One report of verify, create or check: in words, in JSON, and as ranges to fetch again. */
#ifndef CLI_COMMANDS_ENTRY_H
#define CLI_COMMANDS_ENTRY_H

#include "options/options.h"

/* The digest in hexadecimal, or the target of a symlink, or NULL. Valid as long as both arguments.
 */
const char *side_text(const struct ssum_report_side *side, char hex[SSUM_HEX_MAX]);

void entry_json(const struct app *app, const struct ssum_report *report);

/* How a manifest was read, in words or in JSON. */
void entry_say_form(const struct app *app, const struct ssum_report *report);

/* A manifest that holds, with its content hash. */
void entry_say_manifest(const struct ssum_report *report);

/* Any other report: the verdict, the reason, and what to do. */
void entry_say(const struct app *app, const struct ssum_report *report);

/* Checkpoints that are not used. */
void entry_say_checkpoints(const struct ssum_report *report);

/* For --repair-list: the ranges of a file to fetch again. */
void entry_say_repair(const struct app *app, const struct ssum_report *report);

/* OFFSET, LENGTH and FIRST-LAST, separated by TABs; the last as HTTP requests it. */
void out_range(uint64_t offset, uint64_t length);

#endif
