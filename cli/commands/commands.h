/* SPDX-License-Identifier: MIT */
/* The functions of the commands, for the table in main.c. */
#ifndef CLI_COMMANDS_COMMANDS_H
#define CLI_COMMANDS_COMMANDS_H

#include "options/options.h"

int cmd_hash(struct app *app);
int cmd_check(struct app *app);
int cmd_create(struct app *app);
int cmd_verify(struct app *app);
int cmd_compare(struct app *app);
int cmd_map(struct app *app);
int cmd_explain(struct app *app);
const struct command *assume_personality(struct app *app, const char *invoked);
int create_bag(struct app *app);

#endif
