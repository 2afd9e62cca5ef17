/* SPDX-License-Identifier: MIT */
/* Verification of one file: which directory lists it. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "commands/advice.h"
#include "commands/one_file.h"
#include "formats/formats.h"
#include "options/destination.h"
#include "options/selection.h"
#include "options/usage.h"
#include "output/names.h"

/* What the filter returns when a manifest lists the file. */
#define IS_LISTED (-EEXIST)

/* The library calls this first with what the manifests list. */
static int one_file_filter(void *user, const char *path, enum ssum_type type)
{
	const char *wanted = user;
	size_t length = strlen(path);

	if (!strcmp(path, wanted))
		return IS_LISTED;
	return type == SSUM_TYPE_DIRECTORY && !strncmp(path, wanted, length) &&
	       wanted[length] == '/';
}

/* IS_LISTED if a manifest of the directory lists the name; SSUM_ERR_NO_MANIFEST, SSUM_ERR_EMPTY if
   none does; or another code. */
static int one_file_look(const struct app *app, const char *directory, char *name)
{
	const struct options *options = app->options;
	const struct ssum_verify_options verify = {
		.size = sizeof(verify),
		.manifests = (const char *const *)options->manifests.items,
		.algorithm = options->algorithms.count ? options->algorithms.items[0] : NULL,
		.no_checkpoints = 1,
		.filter = {one_file_filter, name},
	};

	return ssum_verify(app->context, directory, &verify, NULL);
}

/* The directory as the user wrote it: the operand without the name, if that is a path of the
   directory; otherwise a copy of `directory`. The caller frees it. */
static char *one_file_directory(const char *operand, const char *directory, const char *name)
{
	size_t length = strlen(operand), name_length = strlen(name);
	char *begin, *real;

	if (length < name_length || strcmp(operand + length - name_length, name) != 0)
		return copy_string(directory);
	length -= name_length;
	while (length > 1 && operand[length - 1] == '/')
		length--;
	begin = length ? format_text("%.*s", (int)length, operand) : copy_string(".");
	real = realpath(begin, NULL);
	if (!real || strcmp(real, directory) != 0) {
		free(begin);
		begin = copy_string(directory);
	}
	free(real);
	return begin;
}

static _Noreturn void one_file_refuse_manifest(const char *operand)
{
	char *copy = copy_string(operand), *name_copy = copy_string(operand);
	const char *directory = advice_word(dirname(copy)),
		   *name = advice_word(basename(name_copy));

	free(copy);
	free(name_copy);
	die("%s: is a manifest; to verify its directory, use '" PROGRAM
	    " verify %s'; to check only what it lists, use 'cd %s && " PROGRAM " check %s'",
	    quoted(operand), directory, directory, name);
}

/* Look in the directory and in those above it. Returns the last code; *name then begins at the
   component of the path below *directory. */
static int one_file_climb(const struct app *app, char *path, char **name)
{
	const struct list *manifests = &app->options->manifests;
	char *only = NULL, *slash;
	int code = SSUM_ERR_NO_MANIFEST;

	if (manifests->count) {
		char *copy = copy_string(manifests->items[0]);

		only = realpath(dirname(copy), NULL);
		free(copy);
	}
	/* The slash that separates directory and name moves to the left. */
	for (slash = strrchr(path, '/'); slash;
	     slash = memrchr(path, '/', (size_t)(slash - path))) {
		const char *directory = slash == path ? "/" : path;

		*slash = '\0';
		*name = slash + 1;
		if (!manifests->count || (only && !strcmp(only, directory)))
			code = one_file_look(app, directory, *name);
		if (code != SSUM_ERR_NO_MANIFEST && code != SSUM_ERR_EMPTY)
			break;
		*slash = '/';
	}
	free(only);
	return code;
}

void one_file_find(struct app *app)
{
	struct options *options = app->options;
	const char *operand = options->operands[0];
	char *copy = copy_string(operand), *parent, *path, *name = NULL;
	struct stat st;
	int error = stat(operand, &st) ? errno : 0, code;
	bool exists = !error;

	parent = realpath(dirname(copy), NULL);
	strcpy(copy, operand);
	if (!parent || !*operand || operand[strlen(operand) - 1] == '/' ||
	    (exists && !S_ISREG(st.st_mode)) || (error && error != ENOENT)) {
		free(parent);
		free(copy);
		return;
	}
	if (exists && format_is_manifest_name(basename(copy)))
		one_file_refuse_manifest(operand);
	strcpy(copy, operand);
	path = format_text("%s/%s", strcmp(parent, "/") ? parent : "", basename(copy));
	code = one_file_climb(app, path, &name);
	free(parent);
	free(copy);
	if (code == SSUM_ERR_CANCELLED || (code != IS_LISTED && !exists)) {
		free(path);
		return; /* verification reports it */
	}
	if (code == SSUM_ERR_NO_MANIFEST || code == SSUM_ERR_EMPTY)
		die(options->manifests.count
			    ? "%s: -m names no manifest that lists this file from a directory above it; name the directory that the list is about, and select the file with --files-from"
			    : "%s: no manifest in its directory or above lists this file; name a manifest with -m, or a digest with '" PROGRAM
			      " explain FILE DIGEST'",
		    quoted(operand));
	if (options->selection)
		usage_error(
			app,
			"--include, --exclude and --files-from choose what is below a directory, but %s is a file",
			in_quotes(operand));
	/* An error of the directory or its manifest is reported when it is verified. */
	options->operands[0] = one_file_directory(operand, *path ? path : "/", name);
	selection_add_entry(app, name);
	if (!asked(app, OPT_QUIET))
		options->flags |= OPT_VERBOSE;
	free(path);
	destination_check(app);
}
