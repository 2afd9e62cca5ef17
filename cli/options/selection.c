/* SPDX-License-Identifier: MIT */
/* Selects entries: by --files-from, then by --include and --exclude in their order. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options/pattern.h"
#include "options/selection.h"
#include "options/usage.h"
#include "output/names.h"

struct selection_rule {
	bool includes;
	struct pattern *pattern;
};

struct selection_name {
	char *name;
	uint64_t line;
	bool found;
};

struct selection {
	struct selection_rule *rules;
	size_t count;
	const char *file;             /* that contains the names, or NULL */
	struct selection_name *names; /* sorted */
	size_t name_count;
};

static struct selection *selection_of(struct app *app)
{
	if (!app->options->selection) {
		app->options->selection = allocate(sizeof(struct selection));
		*app->options->selection = (struct selection){.rules = NULL};
	}
	return app->options->selection;
}

void selection_add_rule(struct app *app, bool includes, const char *text)
{
	struct selection *selection = selection_of(app);
	struct pattern *pattern = pattern_new(text);

	if (!pattern)
		usage_error(
			app,
			"invalid pattern %s: it is empty, ends in a backslash, or lacks a closing bracket",
			in_quotes(text));
	selection->rules =
		resize(selection->rules, selection->count + 1, sizeof(*selection->rules));
	selection->rules[selection->count++] = (struct selection_rule){includes, pattern};
}

void selection_add_names(struct app *app, const char *file)
{
	struct selection *selection = selection_of(app);

	if (selection->file)
		usage_error(app, "--files-from is given twice, with %s and %s: use one file",
			    in_quotes(selection->file), in_quotes(file));
	selection->file = file;
}

const char *selection_file(const struct app *app)
{
	return app->options->selection ? app->options->selection->file : NULL;
}

void selection_add_entry(struct app *app, const char *path)
{
	struct selection *selection = selection_of(app);

	selection->names = allocate(sizeof(*selection->names));
	selection->names[0] = (struct selection_name){.name = copy_string(path)};
	selection->name_count = 1;
}

void selection_free(struct selection *selection)
{
	if (!selection)
		return;
	for (size_t i = 0; i < selection->count; i++)
		pattern_free(selection->rules[i].pattern);
	for (size_t i = 0; i < selection->name_count; i++)
		free(selection->names[i].name);
	free(selection->rules);
	free(selection->names);
	free(selection);
}

/* ---- Names ---- */

static int selection_compare_names(const void *a, const void *b)
{
	return strcmp(((const struct selection_name *)a)->name,
		      ((const struct selection_name *)b)->name);
}

static const char *selection_source(const struct selection *selection)
{
	return is_stdin(selection->file) ? "standard input" : quoted(selection->file);
}

/* Adds a name. Ends the program if the library rejects the name in a listing. */
static void selection_add_name(struct selection *selection, struct ssum_listing *listing,
			       const char *name, bool has_nul, uint64_t line)
{
	struct ssum_listed_entry entry = {.size = sizeof(entry),
					  .name = name,
					  .type = SSUM_TYPE_DIRECTORY,
					  .source = selection->file,
					  .line = line};
	int code = has_nul ? SSUM_ERR_NAME : ssum_listing_add(listing, &entry);
	size_t count = selection->name_count++;

	if (code)
		die("%s:%" PRIu64 ": %s: %s", selection_source(selection), line, quoted(name),
		    ssum_strerror(code));
	/* The capacity is doubled at each power of two. */
	if (!(count & (count - 1)))
		selection->names =
			resize(selection->names, count ? 2 * count : 1, sizeof(*selection->names));
	selection->names[count] = (struct selection_name){
		.name = copy_string(name + (strncmp(name, "./", 2) ? 0 : 2)), .line = line};
}

/* Reads names as rsync does: a line ends in LF, CR or CR LF; empty lines and lines that begin with
   "#" or ";" are no names. Names that end in NUL may be anything. */
static void selection_read_names(struct selection *selection, FILE *from, char end)
{
	struct ssum_listing *listing;
	char *text = NULL;
	uint64_t line = 0;
	size_t size = 0;
	ssize_t length;

	if (ssum_listing_new(&listing))
		die("out of memory");
	while ((length = getdelim(&text, &size, end, from)) > 0) {
		char *rest = text, *name;

		if (text[length - 1] == end)
			text[--length] = '\0';
		bool has_nul = strlen(text) != (size_t)length;
		if (!line++ && end) {
			if (!strncmp(text, "\xff\xfe", 2) || !strncmp(text, "\xfe\xff", 2))
				die("%s: is in UTF-16; convert it, as with iconv -f UTF-16 -t "
				    "UTF-8",
				    selection_source(selection));
			/* A byte order mark of UTF-8. */
			rest += strncmp(text, "\xef\xbb\xbf", 3) ? 0 : 3;
		}
		if (!end)
			selection_add_name(selection, listing, text, false, line);
		while (end && (name = strsep(&rest, "\r")))
			if (has_nul || (*name && *name != '#' && *name != ';'))
				selection_add_name(selection, listing, name, has_nul, line);
	}
	if (!feof(from))
		die("%s: %s", selection_source(selection), ssum_strerror(-errno));
	free(text);
	ssum_listing_free(listing);
}

void selection_begin(const struct app *app)
{
	struct selection *selection = app->options->selection;
	FILE *from;

	if (!selection || !selection->file) {
		if (asked(app, OPT_NULL))
			usage_error(app, "-0 needs --files-from, whose names then end in NUL");
		return;
	}
	from = is_stdin(selection->file) ? stdin : fopen(selection->file, "re");
	if (!from || (from == stdin && output_was_closed(0)))
		die("%s: %s", selection_source(selection), ssum_strerror(from ? -EBADF : -errno));
	selection_read_names(selection, from, asked(app, OPT_NULL) ? '\0' : '\n');
	if (from != stdin)
		fclose(from);
	if (!selection->name_count)
		die("%s: contains no names", selection_source(selection));
	qsort(selection->names, selection->name_count, sizeof(*selection->names),
	      selection_compare_names);
}

/* The index of the first name that is not less than the text. */
static size_t selection_find(const struct selection *selection, const char *text)
{
	size_t low = 0, high = selection->name_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(selection->names[middle].name, text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Whether the path is one of the names. Marks it as found, also if it is there several times. */
static bool selection_find_path(struct selection *selection, const char *path)
{
	size_t first = selection_find(selection, path), at = first;

	for (; at < selection->name_count && !strcmp(selection->names[at].name, path); at++)
		selection->names[at].found = true;
	return at > first;
}

/* Whether the path is one of the names, is below one, or is a directory above one. */
static bool selection_has_path(struct selection *selection, const char *path, bool is_directory)
{
	size_t length = strlen(path), first;
	bool has = selection_find_path(selection, path);
	char *text = format_text("%s/", path);

	for (char *slash = text; !has && (slash = strchr(slash, '/')) && slash[1]; *slash++ = '/') {
		*slash = '\0';
		has = selection_find_path(selection, text);
	}
	first = selection_find(selection, text);
	if (is_directory && !has && first < selection->name_count)
		has = !strncmp(selection->names[first].name, text, length + 1);
	free(text);
	return has;
}

/* ---- The selection ---- */

/* The first rule that matches decides. A path that matches no rule is selected. */
static int selection_accepts(void *user, const char *path, enum ssum_type type)
{
	struct selection *selection = user;
	bool is_directory = type == SSUM_TYPE_DIRECTORY;

	if (selection->name_count && !selection_has_path(selection, path, is_directory))
		return 0;
	for (size_t i = 0; i < selection->count; i++)
		if (pattern_matches(selection->rules[i].pattern, path, is_directory))
			return selection->rules[i].includes;
	return 1;
}

struct ssum_filter selection_filter(const struct app *app)
{
	struct selection *selection = app->options->selection;

	return (struct ssum_filter){selection ? selection_accepts : NULL, selection};
}

int selection_result(const struct app *app, int code)
{
	const struct selection *selection = app->options->selection;

	if (!selection || !selection->file || (code < 0 && code != SSUM_ERR_EMPTY))
		return code;
	for (size_t i = 0; i < selection->name_count; i++) {
		const struct selection_name *name = &selection->names[i];

		if (name->found)
			continue;
		note("%s:%" PRIu64 ": %s: no selected entry has this name",
		     selection_source(selection), name->line, quoted(name->name));
		if (code == SSUM_HOLDS)
			code = SSUM_ERR_UNDECIDED;
	}
	return code;
}

int selection_check_names(const struct app *app, const char *directory)
{
	const struct selection *selection = app->options->selection;
	const struct ssum_filter filter = selection_filter(app);
	const struct ssum_tree_entry *entry;
	struct ssum_tree *tree;
	int code;

	if (!selection || !selection->file)
		return 0;
	code = ssum_tree_open(directory, &filter, &tree);
	while (code == 0 && (code = ssum_tree_next(tree, &entry)) == 1)
		code = 0;
	ssum_tree_close(tree);
	return code ? code : selection_result(app, 0);
}

const char *selection_suffix(const struct app *app)
{
	return app->options->selection ? ", of the selected entries" : "";
}
