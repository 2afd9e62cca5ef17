/* SPDX-License-Identifier: MIT */
/* What each command does, for the table in main.c. */
#ifndef CLI_COMMANDS_COMMANDS_H
#define CLI_COMMANDS_COMMANDS_H

#include "options/command.h"

int cmd_hash(const struct run *run);
int cmd_check(const struct run *run);
int cmd_create(const struct run *run);
int cmd_verify(const struct run *run);
int cmd_compare(const struct run *run);
int cmd_map(const struct run *run);
int cmd_explain(const struct run *run);
int create_bagit(const struct run *run);

#endif
