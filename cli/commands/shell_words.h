/* SPDX-License-Identifier: MIT */
/* Names as words of a command that somebody may type. Words stay valid as what quoted() returns. */
#ifndef CLI_COMMANDS_SHELL_WORDS_H
#define CLI_COMMANDS_SHELL_WORDS_H

#include "options/options.h"

/* A name as a shell takes it. Braces stand for themselves in a message, but not in a command. */
const char *shell_word(const char *name);

/* A name below the directory that the command is about, from where the user is; to be freed. */
char *below_directory(const struct app *app, const char *path);

/* The same as a word; and the directory that it is in. */
const char *path_word(const struct app *app, const char *path);
const char *directory_word(const struct app *app, const char *path);

#endif
