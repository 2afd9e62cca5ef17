/* SPDX-License-Identifier: MIT */
/* sparsesum create: the manifest of a directory, and its content hash. */
#include <ctype.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/input.h"
#include "commands/report.h"
#include "commands/entry.h"
#include "commands/portable.h"
#include "formats/formats.h"
#include "options/selection.h"
#include "options/state.h"
#include "options/usage.h"
#include "output/json.h"
#include "output/names.h"
#include "output/signals.h"
#include "output/unicode.h"

struct creation {
	const struct app *app;
	uint64_t files, symlinks, directories, refused, stale;
	void *folded; /* tsearch(3): the folded names of all entries */
};

/* The pattern that --exclude needs for one path, as a word of a command. */
static const char *create_pattern(const char *path)
{
	char *pattern = allocate(2 * strlen(path) + 2), *to = pattern;
	const char *word;

	/* A slash at the beginning: below the directory itself, and nowhere else. */
	*to++ = '/';
	for (; *path; path++) {
		if (strchr("*?[\\", *path))
			*to++ = '\\';
		*to++ = *path;
	}
	*to = '\0';
	word = quoted(pattern);
	free(pattern);
	return word;
}

/* Print why the entry cannot be listed, and what to do. */
static void create_note_refusal(const struct ssum_report *report)
{
	const char *name = quoted(report->path), *kind = ssum_type_name(report->found.type);

	if (report->error == SSUM_ERR_NOT_REGULAR)
		note("%s: is %s %s, which a manifest cannot list; remove it, or leave it out with --exclude=%s",
		     name, article(kind), kind, create_pattern(report->path));
	else if (report->error == SSUM_ERR_MOUNT_POINT)
		note("%s: is a mount point, which is not entered; unmount it or publish a copy",
		     name);
	else if (report->verdict == SSUM_CHANGED)
		note("%s: changed while it was being read%s; publish when nothing writes to it",
		     name, changes_suffix(report->changes).s);
	else if (report->verdict == SSUM_FALSE_HOLE)
		note("%s: the file system reported a hole where there is data; use --holes=read",
		     name);
	else
		note("%s: could not be read: %s", name, ssum_strerror(report->error));
}

/* For tsearch(3): names are stored folded, with the name as it is after the NUL. */
static int create_compare_names(const void *left, const void *right)
{
	return strcmp(left, right);
}

/*
 * Warn of a name that differs from an earlier one only in case or Unicode normalization: some file
 * systems can store only one of the two. The folded names themselves are compared, in a balanced
 * tree: an attacker can choose names with the same hash, or names that fill one bucket of a table.
 */
static void create_check_name(struct creation *creation, const char *name)
{
	char *folded = unicode_form(name, FORM_COMPOSED | FORM_LOWER_CASE), *stored, **known;
	size_t length;

	/* A name that is not UTF-8 is compared in ASCII lower case. */
	if (!folded) {
		folded = copy_string(name);
		for (char *c = folded; *c; c++)
			*c = (char)tolower((unsigned char)*c);
	}
	length = strlen(folded) + 1;
	stored = allocate(length + strlen(name) + 1);
	memcpy(stored, folded, length);
	strcpy(stored + length, name);
	free(folded);
	known = tsearch(stored, &creation->folded, create_compare_names);
	if (!known)
		die("out of memory");
	if (*known == stored)
		return;
	/* A directory is checked for each of its entries. */
	if (strcmp(*known + length, name) != 0)
		note("warning: %s: this name differs from another one only in case or Unicode form; some file systems can store only one of the two",
		     quoted(name));
	free(stored);
}

/* Warn of what other systems cannot store, and of directories whose names differ only in case. */
static void create_check_portable(struct creation *creation, const struct ssum_report *report)
{
	char *above = copy_string(report->path);

	portable_check(report);
	for (char *slash; (slash = strrchr(above, '/'));) {
		*slash = '\0';
		create_check_name(creation, above);
	}
	free(above);
}

static int create_report(void *user, const struct ssum_report *report)
{
	struct creation *creation = user;
	bool holds = report->verdict == SSUM_HOLDS, json = asked(creation->app, OPT_JSON);
	char hex[SSUM_HEX_MAX];

	if (report->error == SSUM_ERR_CANCELLED)
		return 0;
	if (report->kind == SSUM_REPORT_MANIFEST && report->error)
		note("warning: %s: the owner or group of the replaced file could not be kept; "
		     "use chown to restore it",
		     quoted(report->path));
	if (report->kind == SSUM_REPORT_STALE) {
		creation->stale++;
		note("%s%s: changed after it was hashed",
		     asked(creation->app, OPT_ALLOW_CHANGED) ? "warning: " : "",
		     quoted(report->path));
		if (json)
			entry_json(creation->app, report);
	} else if (!holds) {
		creation->refused++;
		create_note_refusal(report);
		if (json)
			entry_json(creation->app, report);
	} else if (report->kind != SSUM_REPORT_MANIFEST) {
		creation->files += report->found.type == SSUM_TYPE_FILE;
		creation->symlinks += report->found.type == SSUM_TYPE_SYMLINK;
		creation->directories += report->found.type == SSUM_TYPE_DIRECTORY;
		create_check_name(creation, report->path);
		if (asked(creation->app, OPT_PORTABLE))
			create_check_portable(creation, report);
	} else if (json) {
		entry_json(creation->app, report);
	} else if (asked(creation->app, OPT_QUIET)) {
		out("%s\n", side_text(&report->found, hex));
	} else {
		entry_say_manifest(report);
	}
	return output_failed();
}

static void create_print_totals(const struct creation *creation, const struct ssum_summary *summary,
				int code)
{
	const struct app *app = creation->app;
	double seconds = seconds_now() - app->began;

	if (asked(app, OPT_JSON)) {
		json_t *object = json_summary(status_of(code), code);

		if (app->options->selection)
			json_flag(object, "selected", true);
		json_count(object, "files", creation->files);
		json_count(object, "symlinks", creation->symlinks);
		json_count(object, "empty_directories", creation->directories);
		json_count(object, "refused", creation->refused);
		json_count(object, "bytes", summary->bytes);
		if (summary->resumed)
			json_count(object, "resumed", summary->resumed);
		if (summary->holes_read)
			json_count(object, "holes_read", summary->holes_read);
		json_seconds(object, seconds);
		json_print(object);
	} else if (code == 0 && !asked(app, OPT_QUIET)) {
		out("%s, %s, %s%s; %s in %s%s\n", count_text(creation->files, "file", "files").s,
		    count_text(creation->symlinks, "symlink", "symlinks").s,
		    count_text(creation->directories, "empty directory", "empty directories").s,
		    selection_suffix(app), size_text(summary->bytes).s, duration_text(seconds).s,
		    resumed_text(summary).s);
		hint_at_holes(summary);
	}
}

int cmd_create(struct app *app)
{
	const struct options *options = app->options;
	const char *directory = options->operands[0], *format = options->format, *outcome;
	struct creation creation = {.app = app};
	struct ssum_summary summary = {.size = sizeof(summary)};
	struct ssum_create_options create = {
		.size = sizeof(create),
		.algorithms = (const char *const *)options->algorithms.items,
		.manifest = options->output,
		.checkpoints = options->checkpoints,
		.report = create_report,
		.user = &creation,
		.resume = asked(app, OPT_RESUME),
		.filter = selection_filter(app),
		.allow_changed = asked(app, OPT_ALLOW_CHANGED),
	};
	char *journal;
	int code;

	if (format && !strcmp(format, format_bagit.name))
		return create_bag(app);
	if (format && !format_is_own(format))
		usage_error(app, "cannot write the format %s; use sums or %s", in_quotes(format),
			    format_bagit.name);
	if (create.manifest && options->algorithms.count > 1)
		usage_error(
			app,
			"-o names one manifest, but several algorithms write several; use one -a");
	input_open_directory(app);
	if (app->directory >= 0)
		create.directory_fd = &app->directory;
	create.journal = journal = journal_path(app, directory);
	code = selection_check_names(app, directory);
	if (!code)
		code = ssum_create(app->context, directory, &create, &summary);
	outcome = journal_outcome(&summary, "; nothing was written");
	free(journal);
	tdestroy(creation.folded, free);
	journal_note(app, &summary, code);
	if (signals_stopped(code, outcome))
		return app->command->error_status;
	if (creation.refused && code < 0)
		note("%s: no manifest was written: %s refused", quoted(directory),
		     count_text(creation.refused, "entry was", "entries were").s);
	else if (creation.stale && code < 0)
		note("%s: no manifest was written: %s after hashing; publish when nothing writes to the directory, or use --allow-changed",
		     quoted(directory),
		     count_text(creation.stale, "file changed", "files changed").s);
	else if (code == SSUM_ERR_EMPTY && !options->selection)
		note("%s: contains nothing that a manifest can list", quoted(directory));
	else
		note_failure(app, directory, code);
	if (code == SSUM_ERR_MALFORMED)
		note("this file has the name of the checkpoints, but contains something else; move it away, or use --no-checkpoints");
	create_print_totals(&creation, &summary, code);
	return status_of(code);
}
