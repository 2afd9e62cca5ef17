/* SPDX-License-Identifier: MIT */
/* The formats of manifests: a table, and which of them a directory or a manifest is of. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "output/names.h"
#include "formats/formats.h"
#include "options/usage.h"

/* Our own is what sha1sum writes, and is no row: the library reads it. */
#define OWN "sums"

static const struct format *const formats[] = {&format_bagit, &format_hashdeep, &format_mtree};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

char *format_names(void)
{
	static const char own[] = OWN " (as sha1sum writes)";
	size_t size = sizeof(own);
	char *text, *to;

	for (size_t i = 0; i < FORMATS; i++)
		size += strlen(formats[i]->name) + 2;
	to = text = allocate(size);
	to = stpcpy(to, own);
	for (size_t i = 0; i < FORMATS; i++)
		to = stpcpy(stpcpy(to, ", "), formats[i]->name);
	return text;
}

bool format_is_own(const char *name)
{
	return !strcmp(name, OWN);
}

static const struct format *find(const struct app *app, const char *name)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	if (!format_is_own(name))
		usage_error(app, "unknown format %s; known are %s", in_quotes(name),
			    format_names());
	return NULL;
}

/* "SHA1SUMS", of any algorithm that there is. */
static int is_own_manifest(const struct dirent *entry)
{
	struct ssum_algorithm_info info = {.size = sizeof(info)};
	size_t length = strlen(entry->d_name), after = strlen("SUMS");
	char name[sizeof(info.name)];

	if (entry->d_type == DT_DIR || length <= after || length - after >= sizeof(name) ||
	    strcmp(entry->d_name + length - after, "SUMS") != 0)
		return 0;
	memcpy(name, entry->d_name, length - after);
	name[length - after] = '\0';
	return ssum_algorithm(name, &info) == 0 && !strcmp(info.manifest, entry->d_name);
}

/* A manifest of our own at the top wins: it lists all of the directory, and what somebody adds
   cannot turn that off. */
static bool has_own_manifest(const char *directory)
{
	struct dirent **entries;
	int count = scandir(directory, &entries, is_own_manifest, NULL);

	for (int i = 0; i < count; i++)
		free(entries[i]);
	if (count >= 0)
		free(entries);
	return count > 0;
}

static const struct format *recognise(const char *path, bool is_directory)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (formats[i]->is_directory == is_directory && formats[i]->recognise(path))
			return formats[i];
	return NULL;
}

static const struct format *recognise_directory(const struct app *app)
{
	const char *directory = app->options->operands[0];
	const struct format *format = recognise(directory, true);

	if (!format || !has_own_manifest(directory))
		return format;
	note("%s: has a manifest as sha1sum writes it, and is a %s %s too: that manifest is "
	     "verified; "
	     "--format=%s verifies the other",
	     quoted(directory), format->title, format->noun, format->name);
	return NULL;
}

/* Several manifests have to be of one format. */
static const struct format *recognise_manifests(const struct app *app, const struct list *manifests)
{
	const struct format *first = recognise(manifests->items[0], false);

	for (size_t i = 1; i < manifests->count; i++)
		if (recognise(manifests->items[i], false) != first)
			usage_error(app, "the manifests %s and %s are of different formats",
				    in_quotes(manifests->items[0]), in_quotes(manifests->items[i]));
	return first;
}

const struct format *format_choose(const struct app *app)
{
	const struct options *options = app->options;
	const struct format *format = options->format ? find(app, options->format)
				      : options->manifests.count
					      ? recognise_manifests(app, &options->manifests)
					      : recognise_directory(app);

	if (!format)
		return NULL;
	if (format->is_directory && options->manifests.count)
		usage_error(app, "-m names no %s %s: DIR itself is one", format->title,
			    format->noun);
	if (!format->is_directory && !options->manifests.count)
		usage_error(app, "--format=%s takes a manifest, named with -m", format->name);
	if (options->algorithms.count)
		usage_error(app,
			    "-a is for manifests as sha1sum writes them; a %s %s says itself by "
			    "what its digests are",
			    format->title, format->noun);
	if (options->selection)
		usage_error(
			app,
			"a %s %s is judged as a whole: --include, --exclude and --files-from are "
			"for manifests as sha1sum writes them",
			format->title, format->noun);
	if (options->has_content_hash)
		usage_error(
			app,
			"--content-hash is for manifests as sha1sum writes them, not for a %s %s",
			format->title, format->noun);
	return format;
}
