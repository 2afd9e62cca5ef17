/* SPDX-License-Identifier: MIT */
/* sparsesum compare: two files, or two directories, by logical content. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "output/json.h"
#include "output/names.h"
#include "output/output.h"
#include "output/signals.h"
#include "output/text.h"
#include "commands/commands.h"
#include "options/options.h"
#include "options/selection.h"
#include "options/usage.h"
#include "commands/junit.h"
#include "commands/say_entry.h"
#include "commands/report.h"

struct comparing {
	const struct app *app;
	const char *a, *b;
	bool proven;
	struct junit *junit;                 /* or NULL */
	const struct ssum_comparison *files; /* what two files came to; or NULL */
};

static bool stored_differently(const struct ssum_comparison *result)
{
	return result->maps_known && result->data[0] != result->data[1];
}

/* In bytes where rounded both would read the same. */
static void say_same(const char *a, const char *b, const struct ssum_comparison *result)
{
	struct text here = size_text(result->data[0]), there = size_text(result->data[1]);

	out("%s and %s: the same content (%s logical)", a, b, size_text(result->length[0]).s);
	if (!strcmp(here.s, there.s)) {
		here = count_text(result->data[0], "byte", "bytes");
		there = count_text(result->data[1], "byte", "bytes");
	}
	if (stored_differently(result))
		out(", stored differently (%s of data here, %s there)", here.s, there.s);
	out("\n");
}

static void say_files(const struct comparing *comparing, const struct ssum_comparison *result,
		      int code)
{
	const char *a = quoted(comparing->a), *b = quoted(comparing->b);

	if (code == SSUM_HOLDS)
		say_same(a, b, result);
	else if (result->length[0] == result->length[1])
		out("%s and %s differ: first at byte %" PRIu64 " (0x%" PRIx64 ")\n", a, b,
		    result->offset, result->offset);
	else
		out("%s is %s, %s is %s; the first difference is at byte %" PRIu64 " (0x%" PRIx64
		    ")\n",
		    a, count_text(result->length[0], "byte", "bytes").s, b,
		    count_text(result->length[1], "byte", "bytes").s, result->offset,
		    result->offset);
}

static void files_json(const struct comparing *comparing, const struct ssum_comparison *result,
		       int code)
{
	json_t *object = json_typed("comparison");

	json_name(object, "a", comparing->a);
	json_name(object, "b", comparing->b);
	json_text(object, "verdict",
		  ssum_verdict_name(code == SSUM_HOLDS ? SSUM_HOLDS : SSUM_DIFFERS));
	json_count(object, "size_a", result->length[0]);
	json_count(object, "size_b", result->length[1]);
	if (code == SSUM_DIFFERS)
		json_count(object, "offset", result->offset);
	if (code == SSUM_HOLDS && result->maps_known) {
		json_count(object, "data_a", result->data[0]);
		json_count(object, "data_b", result->data[1]);
	}
	json_print(object);
}

static int take_range(void *user, const struct ssum_range *range)
{
	struct comparing *comparing = user;

	comparing->proven = true;
	if (asked(comparing->app, OPT_JSON)) {
		json_t *object = json_typed("range");

		json_count(object, "offset", range->offset);
		json_count(object, "length", range->length);
		json_print(object);
	} else {
		out_range(range->offset, range->length);
		out("\n");
	}
	return output_failed();
}

static void say_in(const char *directory, const char *target)
{
	if (target)
		out("    in %s  %s\n", quoted(directory), quoted(target));
}

static void say_different(const struct comparing *comparing, const struct ssum_report *report)
{
	const char *name = quoted(report->path), *a = quoted(comparing->a);
	const char *type_a = ssum_type_name(report->expected.type);
	const char *type_b = ssum_type_name(report->found.type);

	if (report->found.type != report->expected.type) {
		out("%s: %s %s in %s, %s %s in %s\n", name, article(type_a), type_a, a,
		    article(type_b), type_b, quoted(comparing->b));
	} else if (report->found.type == SSUM_TYPE_SYMLINK) {
		out("%s: points elsewhere\n", name);
		say_in(comparing->a, report->expected.target);
		say_in(comparing->b, report->found.target);
	} else if (report->found.length == report->expected.length) {
		out("%s: differs: first at byte %" PRIu64 "\n", name, report->offset);
	} else {
		out("%s: differs: %s in %s, ", name,
		    count_text(report->expected.length, "byte", "bytes").s, a);
		out("%s in %s; first at byte %" PRIu64 "\n",
		    count_text(report->found.length, "byte", "bytes").s, quoted(comparing->b),
		    report->offset);
	}
}

static void say_entry(const struct comparing *comparing, const struct ssum_report *report)
{
	const char *name = quoted(report->path);

	if (report->verdict == SSUM_DIFFERS)
		say_different(comparing, report);
	else if (report->verdict == SSUM_MISSING)
		out("%s: only in %s\n", name, quoted(comparing->a));
	else if (report->verdict == SSUM_EXTRA)
		out("%s: only in %s\n", name, quoted(comparing->b));
	else
		out("%s: could not be compared: %s\n", name, ssum_strerror(report->error));
}

static void say_in_junit(const void *user, const struct ssum_report *report)
{
	const struct comparing *comparing = user;

	if (comparing->files)
		say_files(comparing, comparing->files, SSUM_DIFFERS);
	else
		say_entry(comparing, report);
}

/* The two files are one entry. */
static void files_junit(struct comparing *comparing, const struct ssum_comparison *result, int code)
{
	const struct ssum_report report = {
		.verdict = code == SSUM_HOLDS ? SSUM_HOLDS : SSUM_DIFFERS,
		.path = comparing->a,
	};

	comparing->files = result;
	if (code >= 0)
		junit_take(comparing->junit, comparing->app, &report, say_in_junit, comparing);
}

static int compare_files(struct comparing *comparing)
{
	const struct app *app = comparing->app;
	struct ssum_comparison result = {.size = sizeof(result)};
	bool ranges = asked(app, OPT_RANGES);
	int code = ssum_compare_ranges(app->context, comparing->a, comparing->b,
				       ranges ? take_range : NULL, comparing, &result);

	files_junit(comparing, &result, code);
	code = junit_end(comparing->junit, app, comparing->a, code);
	if (stopped(code,
		    comparing->proven ? "; there may be more ranges" : "; nothing was decided"))
		return code;
	note_failure(app, comparing->a, code);
	if (asked(app, OPT_JSON)) {
		if (code >= 0)
			files_json(comparing, &result, code);
		json_print(json_summary(status_of(code), code));
	} else if (code >= 0 && !ranges && !asked(app, OPT_QUIET)) {
		say_files(comparing, &result, code);
	}
	return code;
}

static void side_json(json_t *object, const char *key, const struct ssum_report_side *side)
{
	json_t *json;

	if (side->type == SSUM_TYPE_UNKNOWN)
		return;
	json = json_object();
	json_text(json, "kind", ssum_type_name(side->type));
	if (side->type == SSUM_TYPE_FILE)
		json_count(json, "size", side->length);
	if (side->target)
		json_name(json, "target", side->target);
	json_object_set_new(object, key, json);
}

static void entry_json(const struct ssum_report *report)
{
	json_t *object = json_typed("entry");

	json_name(object, "path", report->path);
	json_text(object, "verdict", ssum_verdict_name(report->verdict));
	side_json(object, "a", &report->expected);
	side_json(object, "b", &report->found);
	if (report->verdict == SSUM_DIFFERS && report->found.type == SSUM_TYPE_FILE &&
	    report->expected.type == SSUM_TYPE_FILE)
		json_count(object, "offset", report->offset);
	if (report->error)
		json_code(object, report->error);
	json_print(object);
}

static int take_report(void *user, const struct ssum_report *report)
{
	struct comparing *comparing = user;

	if (report->error == SSUM_ERR_CANCELLED)
		return output_failed();
	junit_take(comparing->junit, comparing->app, report, say_in_junit, comparing);
	if (report->verdict == SSUM_HOLDS)
		return output_failed();
	if (!report->error)
		comparing->proven = true;
	if (asked(comparing->app, OPT_JSON))
		entry_json(report);
	else if (!asked(comparing->app, OPT_QUIET))
		say_entry(comparing, report);
	return output_failed();
}

static int compare_directories(struct comparing *comparing)
{
	const struct app *app = comparing->app;
	struct ssum_summary summary = {.size = sizeof(summary)};
	struct ssum_compare_options compare = {
		.size = sizeof(compare),
		.report = take_report,
		.user = comparing,
		.filter = selection_filter(app),
	};
	int code = ssum_compare_directories(app->context, comparing->a, comparing->b, &compare,
					    &summary);

	if (app->options->selection && code == SSUM_HOLDS && !summary.entries)
		code = SSUM_ERR_EMPTY;
	code = junit_end(comparing->junit, app, comparing->a, selection_result(app, code));
	if (stopped(code, comparing->proven ? "" : "; nothing was decided"))
		return code;
	note_failure(app, comparing->a, code);
	print_totals(app, "SAME", &summary, code, NULL);
	return code;
}

static int kind_of(const struct comparing *comparing, const char *path, bool *is_directory)
{
	const struct app *app = comparing->app;
	struct stat st;
	int code = stat(path, &st) < 0 ? -errno : 0;

	*is_directory = code == 0 && S_ISDIR(st.st_mode);
	if (code < 0) {
		junit_end(comparing->junit, app, path, code);
		note_failure(app, path, code);
		if (asked(app, OPT_JSON))
			json_print(json_summary(UNDECIDED, code));
	}
	return code;
}

int cmd_compare(struct app *app)
{
	struct comparing comparing = {
		.app = app, .a = app->options->operands[0], .b = app->options->operands[1]};
	bool directory_a, directory_b;

	comparing.junit = junit_begin(app);
	if (kind_of(&comparing, comparing.a, &directory_a) < 0 ||
	    kind_of(&comparing, comparing.b, &directory_b) < 0)
		return UNDECIDED;
	if (directory_a != directory_b)
		usage_error(
			app,
			"compare takes two files or two directories, and only %s is a directory",
			in_quotes(directory_a ? comparing.a : comparing.b));
	if (directory_a && asked(app, OPT_RANGES))
		usage_error(app, "--ranges takes two files, and %s is a directory",
			    in_quotes(comparing.a));
	if (!directory_a && app->options->selection)
		usage_error(
			app,
			"--include, --exclude and --files-from choose what is below directories, "
			"and %s "
			"is a file",
			in_quotes(comparing.a));
	return status_of(directory_a ? compare_directories(&comparing) : compare_files(&comparing));
}
