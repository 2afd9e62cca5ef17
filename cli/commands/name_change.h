/* SPDX-License-Identifier: MIT */
/* How a listed name became another one; false if it cannot be told. */
#ifndef CLI_COMMANDS_NAME_CHANGE_H
#define CLI_COMMANDS_NAME_CHANGE_H

#include <stdbool.h>

#define NAME_DETAIL 160

struct name_change {
	const char *kind;         /* for programs */
	char detail[NAME_DETAIL]; /* for people */
};

bool name_change(const char *listed, const char *found, struct name_change *change);
bool frees_as(char *text, const char *due);
bool name_reencoded(const char *listed, const char *found, char *detail);

#endif
