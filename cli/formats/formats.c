/* SPDX-License-Identifier: MIT */
/* The table of formats, and how the format of a directory or a manifest is recognised. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "output/names.h"
#include "formats/formats.h"
#include "options/usage.h"

/* The format "sums" is that of sha1sum. The library reads it, so it is not in the table. */
#define OWN "sums"

static const struct format *const formats[] = {&format_bagit, &format_hashdeep, &format_mtree,
					       &format_tagged};

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

static const struct format *formats_find(const struct app *app, const char *name)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	if (!format_is_own(name))
		usage_error(app, "unknown format %s: use one of %s", in_quotes(name),
			    format_names());
	return NULL;
}

bool format_is_manifest_name(const char *name)
{
	struct ssum_algorithm_info info = {.size = sizeof(info)};
	size_t length = strlen(name), after = strlen("SUMS");
	char algorithm[sizeof(info.name)];

	if (length <= after || length - after >= sizeof(algorithm) ||
	    strcmp(name + length - after, "SUMS") != 0)
		return false;
	memcpy(algorithm, name, length - after);
	algorithm[length - after] = '\0';
	return ssum_algorithm(algorithm, &info) == 0 && !strcmp(info.manifest, name);
}

/* The format of a manifest; or with path NULL, of the directory. */
static const struct format *formats_recognise(const struct app *app, const char *path)
{
	int directory = app->directory;

	for (size_t i = 0; i < FORMATS; i++)
		if (formats[i]->is_directory == !path && formats[i]->recognise(directory, path))
			return formats[i];
	return path && format_unsupported.recognise(directory, path) ? &format_unsupported : NULL;
}

/* A manifest such as SHA1SUMS at the top has priority. It covers the whole directory, and a file
   that is added later must not disable it. */
static const struct format *formats_recognise_directory(const struct app *app)
{
	const struct format *format = formats_recognise(app, NULL);
	bool has_manifest = false;
	struct list names;
	struct stat st;

	if (!format)
		return NULL;
	names = list_directory(app->directory);
	for (size_t i = 0; i < names.count && !has_manifest; i++)
		has_manifest = format_is_manifest_name(names.items[i]) &&
			       (fstatat(app->directory, names.items[i], &st, AT_SYMLINK_NOFOLLOW) ||
				!S_ISDIR(st.st_mode));
	list_free(&names);
	if (!has_manifest)
		return format;
	note("%s: has a manifest like SHA1SUMS and is also a %s %s: verifying the manifest; use --format=%s to verify the other",
	     quoted(app->options->operands[0]), format->title, format->noun, format->name);
	return NULL;
}

/* All manifests must have the same format. */
static const struct format *formats_recognise_manifests(const struct app *app,
							const struct list *manifests)
{
	const struct format *first = formats_recognise(app, manifests->items[0]);

	for (size_t i = 1; i < manifests->count; i++)
		if (formats_recognise(app, manifests->items[i]) != first)
			usage_error(app, "the manifests %s and %s have different formats",
				    in_quotes(manifests->items[0]), in_quotes(manifests->items[i]));
	return first;
}

const struct format *format_choose(const struct app *app)
{
	const struct options *options = app->options;
	const struct format *format =
		options->format            ? formats_find(app, options->format)
		: options->manifests.count ? formats_recognise_manifests(app, &options->manifests)
					   : formats_recognise_directory(app);

	if (!format)
		return NULL;
	if (format->is_directory && options->manifests.count)
		usage_error(app, "-m cannot name a %s %s: name its directory as DIR", format->title,
			    format->noun);
	if (!format->is_directory && !options->manifests.count)
		usage_error(app, "--format=%s needs a manifest: name it with -m", format->name);
	if (options->algorithms.count)
		usage_error(
			app,
			"-a is only for manifests like SHA1SUMS; a %s %s names its algorithms itself",
			format->title, format->noun);
	if (options->selection)
		usage_error(
			app,
			"a %s %s is verified as a whole: --include, --exclude and --files-from are only for manifests like SHA1SUMS",
			format->title, format->noun);
	if (options->has_content_hash)
		usage_error(app,
			    "--content-hash is only for manifests like SHA1SUMS, not for a %s %s",
			    format->title, format->noun);
	return format;
}
