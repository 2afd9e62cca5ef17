/* SPDX-License-Identifier: MIT */
/* sparsesum compare: two files, or two directories, by logical content. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "commands/commands.h"
#include "commands/entry.h"
#include "commands/junit.h"
#include "commands/report.h"
#include "options/selection.h"
#include "options/usage.h"
#include "output/json.h"
#include "output/names.h"
#include "output/signals.h"

struct comparing {
	const struct app *app;
	const char *a, *b;
	bool proven;         /* a difference was reported */
	struct junit *junit; /* or NULL */
};

/* ---- Two files ---- */

/* The first difference of two files. */
static void compare_say_files(const struct app *app, const struct ssum_report *report)
{
	const char *a = quoted(app->options->operands[0]), *b = quoted(app->options->operands[1]);
	uint64_t length_a = report->expected.length, length_b = report->found.length;
	uint64_t min_length = length_a < length_b ? length_a : length_b;

	if (length_a != length_b && report->offset == min_length) {
		const char *whole = length_a < length_b ? a : b;
		const char *longer = length_a < length_b ? b : a;

		if (min_length)
			out("all of %s is the beginning of %s: %s, and %s after them\n", whole,
			    longer, count_text(min_length, "byte", "bytes").s,
			    count_text(length_a + length_b - 2 * min_length, "byte", "bytes").s);
		else
			out("%s is empty, %s is %s\n", whole, longer,
			    count_text(length_a + length_b, "byte", "bytes").s);
		return;
	}
	if (length_a == length_b)
		out("%s and %s differ: first", a, b);
	else
		out("%s is %s, %s is %s; the first difference is", a,
		    count_text(length_a, "byte", "bytes").s, b,
		    count_text(length_b, "byte", "bytes").s);
	out(" at byte %" PRIu64 " (0x%" PRIx64 ")\n", report->offset, report->offset);
}

static void compare_say_same(const struct comparing *comparing,
			     const struct ssum_comparison *result)
{
	struct text data_a = size_text(result->data[0]), data_b = size_text(result->data[1]);

	out("%s and %s: the same content (%s logical)", quoted(comparing->a), quoted(comparing->b),
	    size_text(result->length[0]).s);
	/* In bytes if rounding hides the difference. */
	if (!strcmp(data_a.s, data_b.s)) {
		data_a = count_text(result->data[0], "byte", "bytes");
		data_b = count_text(result->data[1], "byte", "bytes");
	}
	if (result->maps_known && result->data[0] != result->data[1])
		out(", stored differently (%s of data in the first, %s in the second)", data_a.s,
		    data_b.s);
	out("\n");
}

static void compare_files_json(const struct comparing *comparing,
			       const struct ssum_comparison *result, int code)
{
	json_t *object = json_typed("comparison");

	json_name(object, "a", comparing->a);
	json_name(object, "b", comparing->b);
	json_text(object, "verdict",
		  ssum_verdict_name(code == SSUM_HOLDS ? SSUM_HOLDS : SSUM_DIFFERS));
	json_count(object, "size_a", result->length[0]);
	json_count(object, "size_b", result->length[1]);
	if (code == SSUM_DIFFERS) {
		const uint64_t *length = result->length;
		int shorter = length[1] < length[0];

		json_count(object, "offset", result->offset);
		if (length[0] != length[1] && result->offset == length[shorter])
			json_text(object, "beginning", shorter ? "b" : "a");
	}
	if (code == SSUM_HOLDS && result->maps_known) {
		json_count(object, "data_a", result->data[0]);
		json_count(object, "data_b", result->data[1]);
	}
	if (ssum_read_twice(comparing->app->context))
		json_flag(object, "read_twice", true);
	json_print(object);
}

static int compare_range(void *user, const struct ssum_range *range)
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

static int compare_files(struct comparing *comparing)
{
	const struct app *app = comparing->app;
	struct ssum_comparison result = {.size = sizeof(result)};
	struct ssum_report report = {.path = comparing->a};
	bool ranges = asked(app, OPT_RANGES);
	int code = ssum_compare_ranges(app->context, comparing->a, comparing->b,
				       ranges ? compare_range : NULL, comparing, &result);

	/* The report treats the two files as one entry. */
	report.verdict = code == SSUM_HOLDS ? SSUM_HOLDS : SSUM_DIFFERS;
	report.expected.length = result.length[0];
	report.found.length = result.length[1];
	report.offset = result.offset;
	if (code >= 0)
		junit_take(comparing->junit, app, &report, compare_say_files);
	code = junit_end(comparing->junit, app, comparing->a, code);
	if (signals_stopped(code, comparing->proven ? "; there may be more ranges"
						    : "; nothing was decided"))
		return code;
	note_failure(app, comparing->a, code);
	if (ssum_read_twice(app->context))
		note_read_twice(comparing->a);
	if (asked(app, OPT_JSON)) {
		if (code >= 0)
			compare_files_json(comparing, &result, code);
		json_print(json_summary(status_of(code), code));
	} else if (code >= 0 && !ranges && !asked(app, OPT_QUIET)) {
		if (code == SSUM_HOLDS)
			compare_say_same(comparing, &result);
		else
			compare_say_files(app, &report);
	}
	return code;
}

/* ---- Two directories ---- */

static void compare_say_entry(const struct app *app, const struct ssum_report *report)
{
	const struct ssum_report_side *in_a = &report->expected, *in_b = &report->found;
	const char *name = quoted(report->path);
	const char *a = quoted(app->options->operands[0]), *b = quoted(app->options->operands[1]);
	const char *type_a = ssum_type_name(in_a->type), *type_b = ssum_type_name(in_b->type);

	if (report->verdict == SSUM_MISSING || report->verdict == SSUM_EXTRA) {
		out("%s: only in %s", name, report->verdict == SSUM_MISSING ? a : b);
		if (report->other_name)
			out("; in %s its name is %s", report->verdict == SSUM_MISSING ? b : a,
			    quoted(report->other_name));
		out("\n");
	} else if (report->verdict != SSUM_DIFFERS) {
		out("%s: could not be compared: %s%s\n", name, ssum_strerror(report->error),
		    changes_suffix(report->changes).s);
	} else if (in_a->type != in_b->type) {
		out("%s: %s %s in %s, %s %s in %s\n", name, article(type_a), type_a, a,
		    article(type_b), type_b, b);
	} else if (in_a->type == SSUM_TYPE_SYMLINK) {
		out("%s: points elsewhere\n", name);
		if (in_a->target)
			out("    in %s  %s\n", a, quoted(in_a->target));
		if (in_b->target)
			out("    in %s  %s\n", b, quoted(in_b->target));
	} else if (in_a->length == in_b->length) {
		out("%s: differs: first at byte %" PRIu64 "\n", name, report->offset);
	} else if (report->offset == (in_a->length < in_b->length ? in_a->length : in_b->length)) {
		out("%s: differs: %s in %s, %s in %s; the shorter one is the beginning of the "
		    "longer one\n",
		    name, count_text(in_a->length, "byte", "bytes").s, a,
		    count_text(in_b->length, "byte", "bytes").s, b);
	} else {
		out("%s: differs: %s in %s, %s in %s; first at byte %" PRIu64 "\n", name,
		    count_text(in_a->length, "byte", "bytes").s, a,
		    count_text(in_b->length, "byte", "bytes").s, b, report->offset);
	}
}

static void compare_side_json(json_t *object, const char *key, const struct ssum_report_side *side)
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

static int compare_report(void *user, const struct ssum_report *report)
{
	struct comparing *comparing = user;
	const struct app *app = comparing->app;

	if (report->error == SSUM_ERR_CANCELLED)
		return output_failed();
	junit_take(comparing->junit, app, report, compare_say_entry);
	if (report->verdict == SSUM_HOLDS)
		return output_failed();
	comparing->proven |= !report->error;
	if (asked(app, OPT_JSON)) {
		json_t *object = json_typed("entry");

		json_name(object, "path", report->path);
		json_text(object, "verdict", ssum_verdict_name(report->verdict));
		compare_side_json(object, "a", &report->expected);
		compare_side_json(object, "b", &report->found);
		if (report->verdict == SSUM_DIFFERS && report->found.type == SSUM_TYPE_FILE &&
		    report->expected.type == SSUM_TYPE_FILE)
			json_count(object, "offset", report->offset);
		json_name(object, "other_name", report->other_name);
		json_code(object, report->error);
		json_print(object);
	} else if (!asked(app, OPT_QUIET)) {
		compare_say_entry(app, report);
	}
	return output_failed();
}

static int compare_directories(struct comparing *comparing)
{
	const struct app *app = comparing->app;
	struct ssum_summary summary = {.size = sizeof(summary)};
	struct ssum_compare_options compare = {
		.size = sizeof(compare),
		.report = compare_report,
		.user = comparing,
		.filter = selection_filter(app),
	};
	int code = ssum_compare_directories(app->context, comparing->a, comparing->b, &compare,
					    &summary);

	if (app->options->selection && code == SSUM_HOLDS && !summary.entries)
		code = SSUM_ERR_EMPTY;
	code = junit_end(comparing->junit, app, comparing->a, selection_result(app, code));
	if (signals_stopped(code, comparing->proven ? "" : "; nothing was decided"))
		return code;
	note_failure(app, comparing->a, code);
	print_totals(app, "SAME", &summary, code, NULL, NULL);
	return code;
}

/* ---- The command ---- */

int cmd_compare(struct app *app)
{
	struct comparing comparing = {
		.app = app,
		.a = app->options->operands[0],
		.b = app->options->operands[1],
		.junit = junit_begin(app),
	};
	bool is_directory[2];

	for (int i = 0; i < 2; i++) {
		const char *path = app->options->operands[i];
		struct stat st;
		int code;

		if (stat(path, &st) < 0) {
			code = junit_end(comparing.junit, app, path, -errno);
			note_failure(app, path, code);
			if (asked(app, OPT_JSON))
				json_print(json_summary(UNDECIDED, code));
			return UNDECIDED;
		}
		is_directory[i] = S_ISDIR(st.st_mode);
	}
	if (is_directory[0] != is_directory[1])
		usage_error(
			app,
			"compare takes two files or two directories, but only %s is a directory",
			in_quotes(is_directory[0] ? comparing.a : comparing.b));
	if (is_directory[0] && asked(app, OPT_RANGES))
		usage_error(app, "--ranges takes two files, but %s is a directory",
			    in_quotes(comparing.a));
	if (!is_directory[0] && app->options->selection)
		usage_error(
			app,
			"--include, --exclude and --files-from choose what is below directories, but %s is a file",
			in_quotes(comparing.a));
	return status_of(is_directory[0] ? compare_directories(&comparing)
					 : compare_files(&comparing));
}
