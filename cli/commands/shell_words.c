/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "output/names.h"
#include "commands/shell_words.h"

const char *shell_word(const char *name)
{
	return strpbrk(name, "{}") ? in_quotes(name) : quoted(name);
}

char *below_directory(const struct app *app, const char *path)
{
	const char *directory = app->options->operands[0];
	size_t length = strlen(directory);
	char *name = allocate(length + strlen(path) + 2);

	stpcpy(stpcpy(stpcpy(name, directory), length && directory[length - 1] == '/' ? "" : "/"),
	       path);
	return name;
}

const char *path_word(const struct app *app, const char *path)
{
	char *name = below_directory(app, path);
	const char *word = shell_word(name);

	free(name);
	return word;
}

const char *directory_word(const struct app *app, const char *path)
{
	char *directory = copy_string(path);
	char *slash = strrchr(directory, '/');
	const char *word;

	*(slash ? slash : directory) = '\0';
	word = path_word(app, directory);
	free(directory);
	return word;
}
