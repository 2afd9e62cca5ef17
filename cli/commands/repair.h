/* SPDX-License-Identifier: MIT */
/* Which bytes of a file are meant: damaged ones, as checkpoints tell, and others. */
#ifndef CLI_COMMANDS_REPAIR_H
#define CLI_COMMANDS_REPAIR_H

#include "sparsesum/package.h"

void out_range(uint64_t offset, uint64_t length);
void say_repair(const struct ssum_report *report);
void say_damaged(const struct ssum_report *report);
void say_checkpoints(const struct ssum_report *report);

#endif
