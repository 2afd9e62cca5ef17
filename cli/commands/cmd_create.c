/* SPDX-License-Identifier: MIT */
/* sparsesum create: the manifest of a directory, and its content hash. */
#include <stdlib.h>
#include <string.h>

#include "output/json.h"
#include "output/names.h"
#include "output/output.h"
#include "output/signals.h"
#include "output/text.h"
#include "commands/commands.h"
#include "formats/formats.h"
#include "commands/twins.h"
#include "options/options.h"
#include "options/selection.h"
#include "options/state.h"
#include "options/usage.h"
#include "commands/report.h"

struct creation {
	const struct app *app;
	uint64_t files, links, directories, refused;
	void *names; /* that were seen */
};

static void take_manifest(const struct creation *creation, const struct ssum_report *report)
{
	char hex[SSUM_HEX_MAX];

	if (asked(creation->app, OPT_JSON))
		report_json(report);
	else if (asked(creation->app, OPT_QUIET))
		out("%s\n", side_text(&report->found, hex));
	else
		out("%s  content hash %s %s\n", quoted(report->path), report->algorithm,
		    side_text(&report->found, hex));
}

static void count(struct creation *creation, enum ssum_type type)
{
	creation->files += type == SSUM_TYPE_FILE;
	creation->links += type == SSUM_TYPE_SYMLINK;
	creation->directories += type == SSUM_TYPE_DIRECTORY;
}

static void warn_of_twin(struct creation *creation, const char *name)
{
	if (twins_see(&creation->names, name))
		note("warning: %s: another entry's name differs from this one in nothing but case "
		     "or Unicode form; some file systems can hold only one of the two",
		     quoted(name));
}

/* Why the entry cannot be listed, and what to do. */
static void explain_refusal(const struct ssum_report *report)
{
	const char *name = quoted(report->path), *kind = ssum_type_name(report->found.type);

	if (report->error == SSUM_ERR_NOT_REGULAR)
		note("%s: is %s %s, which a manifest cannot list; remove it or publish another "
		     "directory",
		     name, article(kind), kind);
	else if (report->error == SSUM_ERR_MOUNT_POINT)
		note("%s: is a mount point, which is not entered; unmount it or publish a copy",
		     name);
	else if (report->verdict == SSUM_CHANGED)
		note("%s: changed while it was being read; publish when nothing writes to it",
		     name);
	else if (report->verdict == SSUM_FALSE_HOLE)
		note("%s: the file system reported a hole where there is data; use --holes=read",
		     name);
	else
		note("%s: could not be read: %s", name, ssum_strerror(report->error));
}

static int take_report(void *user, const struct ssum_report *report)
{
	struct creation *creation = user;

	if (report->error == SSUM_ERR_CANCELLED)
		return 0;
	if (report->kind == SSUM_REPORT_MANIFEST && report->verdict == SSUM_HOLDS) {
		take_manifest(creation, report);
	} else if (report->verdict == SSUM_HOLDS) {
		count(creation, report->found.type);
		warn_of_twin(creation, report->path);
	} else {
		creation->refused++;
		explain_refusal(report);
		if (asked(creation->app, OPT_JSON))
			report_json(report);
	}
	return output_failed();
}

static void print_failure(const struct creation *creation, const char *directory, int code)
{
	if (creation->refused)
		note("%s: no manifest was written: %s refused", quoted(directory),
		     count_text(creation->refused, "entry was", "entries were").s);
	else if (code == SSUM_ERR_EMPTY && !creation->app->options->selection)
		note("%s: holds nothing that a manifest could list", quoted(directory));
	else
		note_failure(creation->app, directory, code);
}

static void print_summary(const struct creation *creation, const struct ssum_summary *summary)
{
	out("%s, %s, %s%s; %s in %s%s\n", count_text(creation->files, "file", "files").s,
	    count_text(creation->links, "link", "links").s,
	    count_text(creation->directories, "empty directory", "empty directories").s,
	    selection_words(creation->app), size_text(summary->bytes).s,
	    duration_text(seconds_now() - creation->app->began).s, resumed_text(summary).s);
}

static void print_json(const struct creation *creation, const struct ssum_summary *summary,
		       int code)
{
	json_t *object = json_summary(status_of(code), code);

	if (creation->app->options->selection)
		json_flag(object, "selected", true);
	json_count(object, "files", creation->files);
	json_count(object, "links", creation->links);
	json_count(object, "empty_directories", creation->directories);
	json_count(object, "refused", creation->refused);
	json_count(object, "bytes", summary->bytes);
	if (summary->resumed)
		json_count(object, "resumed", summary->resumed);
	json_seconds(object, seconds_now() - creation->app->began);
	json_print(object);
}

int cmd_create(struct app *app)
{
	const char *directory = app->options->operands[0], *format = app->options->format;
	struct creation creation = {.app = app};
	struct ssum_summary summary = {.size = sizeof(summary)};
	struct ssum_create_options create = {
		.size = sizeof(create),
		.algorithms = (const char *const *)app->options->algorithms.items,
		.manifest = app->options->output,
		.checkpoints = app->options->checkpoints,
		.report = take_report,
		.user = &creation,
		.resume = asked(app, OPT_RESUME),
		.filter = selection_filter(app),
	};
	char *journal;
	const char *outcome;
	int code;

	if (format && !strcmp(format, format_bagit.name))
		return create_bag(app);
	if (format && !format_is_own(format))
		usage_error(app, "%s is not a format that is written; use sums or %s",
			    in_quotes(format), format_bagit.name);
	if (create.manifest && app->options->algorithms.count > 1)
		usage_error(app, "-o names one manifest, and several algorithms need several");
	create.journal = journal = journal_path(app, directory);
	code = selection_look(app, directory);
	if (!code)
		code = ssum_create(app->context, directory, &create, &summary);
	outcome = interruption(journal, &summary, "; nothing was written");
	free(journal);
	twins_forget(&creation.names);
	note_journal(app, &summary, code);
	if (stopped(code, outcome))
		return app->command->trouble;
	if (code < 0)
		print_failure(&creation, directory, code);
	if (asked(app, OPT_JSON))
		print_json(&creation, &summary, code);
	else if (code == 0 && !asked(app, OPT_QUIET))
		print_summary(&creation, &summary);
	return status_of(code);
}
