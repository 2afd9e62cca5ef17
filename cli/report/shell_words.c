/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "report/shell_words.h"

const char *shell_word(const char *name)
{
	return strpbrk(name, "{}") ? in_quotes(name) : quoted(name);
}

char *below_folder(const struct run *run, const char *path)
{
	const char *folder = run->options->operands[0];
	size_t length = strlen(folder);
	char *name = allocate(length + strlen(path) + 2);

	stpcpy(stpcpy(stpcpy(name, folder), length && folder[length - 1] == '/' ? "" : "/"), path);
	return name;
}

const char *path_word(const struct run *run, const char *path)
{
	char *name = below_folder(run, path);
	const char *word = shell_word(name);

	free(name);
	return word;
}

const char *folder_word(const struct run *run, const char *path)
{
	char *folder = copy_string(path);
	char *slash = strrchr(folder, '/');
	const char *word;

	*(slash ? slash : folder) = '\0';
	word = path_word(run, folder);
	free(folder);
	return word;
}
