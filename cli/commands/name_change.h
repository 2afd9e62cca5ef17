/* SPDX-License-Identifier: MIT */
/* How the name of a file has changed. */
#ifndef CLI_COMMANDS_NAME_CHANGE_H
#define CLI_COMMANDS_NAME_CHANGE_H

#include <stdbool.h>

#define NAME_DETAIL 160

struct name_change {
	const char *kind;         /* for programs */
	char detail[NAME_DETAIL]; /* for people */
};

/* Find out how the path that is listed became the path that was found. Always fills change. False
   if the names are unlike: the file was renamed by hand, or is another one. */
bool name_change(const char *listed, const char *found, struct name_change *change);

#endif
