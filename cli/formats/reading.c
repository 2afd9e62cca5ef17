/* SPDX-License-Identifier: MIT */
/* Reads manifests of other programs into a listing, and reports what is wrong with them. */
#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/json.h"
#include "output/names.h"
#include "formats/reading.h"

/* "package: BagIt 1.0 bag, sha256, sha512" */
static void reading_print_format(const struct reading *reading)
{
	const struct app *app = reading->app;
	const struct list *algorithms = &reading->algorithms;

	if (asked(app, OPT_JSON)) {
		json_t *object = json_typed("format"), *names = json_array();

		json_text(object, "format", reading->format->name);
		if (*reading->version)
			json_text(object, "version", reading->version);
		for (size_t i = 0; i < algorithms->count; i++)
			json_array_append_new(names, json_string(algorithms->items[i]));
		json_object_set_new(object, "algorithms", names);
		json_print(object);
	} else if (!asked(app, OPT_QUIET) && !asked(app, OPT_REPAIR_LIST)) {
		out("%s: %s%s%s %s", quoted(reading->directory), reading->format->title,
		    *reading->version ? " " : "", reading->version, reading->format->noun);
		for (size_t i = 0; i < algorithms->count; i++)
			out(", %s", algorithms->items[i]);
		out("%s\n", algorithms->count || reading->undecided
				    ? ""
				    : ", no digests: only types and sizes are verified");
	}
}

static void reading_print_problem(const struct reading *reading, const struct problem *problem)
{
	if (asked(reading->app, OPT_JSON)) {
		json_t *object = json_typed("problem");

		json_name(object, "path", problem->path);
		if (problem->line)
			json_count(object, "line", problem->line);
		json_text(object, "verdict",
			  ssum_verdict_name(problem->is_proven ? SSUM_DIFFERS : SSUM_BAD_LINE));
		json_name(object, "error", problem->text);
		json_print(object);
	} else if (asked(reading->app, OPT_REPAIR_LIST)) {
		note("%s: %s", quoted(problem->path), problem->text);
	} else if (problem->line) {
		out("%s:%" PRIu64 ": %s\n", quoted(problem->path), problem->line, problem->text);
	} else {
		out("%s: %s\n", quoted(problem->path), problem->text);
	}
}

void reading_begin(struct reading *reading, const struct format *format, const struct app *app)
{
	const struct list *manifests = &app->options->manifests;

	*reading = (struct reading){
		.app = app, .format = format, .directory = app->options->operands[0]};
	if (ssum_listing_new(&reading->listing))
		die("out of memory");
	if (format->is_directory)
		format->read(reading, reading->directory);
	for (size_t i = 0; i < manifests->count; i++)
		format->read(reading, manifests->items[i]);
	/* An entry that is not listed is not proven to be extra if lines could not be read. */
	if (reading->is_incomplete)
		ssum_listing_incomplete(reading->listing);
	reading_print_format(reading);
	for (size_t i = 0; i < reading->problem_count; i++)
		reading_print_problem(reading, &reading->problems[i]);
}

void reading_end(struct reading *reading)
{
	for (size_t i = 0; i < reading->fetch_count; i++) {
		free(reading->fetches[i].name);
		free(reading->fetches[i].url);
	}
	free(reading->fetches);
	for (size_t i = 0; i < reading->problem_count; i++) {
		free(reading->problems[i].path);
		free(reading->problems[i].text);
	}
	free(reading->problems);
	list_free(&reading->algorithms);
	tdestroy(reading->ignored, free);
	ssum_listing_free(reading->listing);
}

/* Problems are printed after the format, whose version and algorithms are not known before. */
void reading_problem(struct reading *reading, bool is_proven, const char *path, uint64_t line,
		     const char *format, ...)
{
	size_t size = (reading->problem_count + 1) * sizeof(struct problem);
	struct problem *problems = realloc(reading->problems, size);
	char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (!problems || vasprintf(&text, format, arguments) < 0)
		die("out of memory");
	va_end(arguments);
	*(is_proven ? &reading->differs : &reading->undecided) = true;
	reading->is_incomplete |= !is_proven && line;
	reading->problems = problems;
	problems[reading->problem_count++] =
		(struct problem){is_proven, line, copy_string(path), text};
}

void reading_add_algorithm(struct reading *reading, const char *name)
{
	for (size_t i = 0; i < reading->algorithms.count; i++)
		if (!strcmp(reading->algorithms.items[i], name))
			return;
	list_add(&reading->algorithms, copy_string(name));
}

bool reading_find_algorithm(struct reading *reading, const char *path, const char *name,
			    struct ssum_algorithm_info *info)
{
	int code;

	*info = (struct ssum_algorithm_info){.size = sizeof(*info)};
	code = ssum_algorithm(name, info);
	if (code == SSUM_ERR_ALGORITHM) {
		char *known = builtin_names(false);

		reading_problem(
			reading, false, path, 0,
			"unknown algorithm %s: its digests are not verified; known are %s, and any digest of fixed length that libcrypto supports",
			quoted(name), known);
		free(known);
	} else if (code) {
		reading_problem(reading, false, path, 0, "algorithm %s: %s", quoted(name),
				ssum_strerror(code));
	}
	return !code;
}

bool reading_add(struct reading *reading, const struct ssum_listed_entry *entry)
{
	int code = ssum_listing_add(reading->listing, entry);

	if (code == -ENOMEM)
		die("out of memory");
	if (code)
		reading_problem(reading, false, entry->source, entry->line, "%s: %s",
				quoted(entry->name), ssum_strerror(code));
	return !code;
}

static int reading_compare_names(const void *left, const void *right)
{
	return strcmp(left, right);
}

void name_set_add(void **names, const char *name)
{
	char *copy = copy_string(name), **found = tsearch(copy, names, reading_compare_names);

	if (!found)
		die("out of memory");
	if (*found != copy)
		free(copy);
}

bool name_set_has_parent(void *const *names, const char *path)
{
	char *copy = *names ? copy_string(path) : NULL, *slash = copy;
	bool is_below = false;

	while (slash && !is_below && (slash = strchr(slash, '/'))) {
		*slash = '\0';
		is_below = tfind(copy, names, reading_compare_names);
		*slash++ = '/';
	}
	free(copy);
	return is_below;
}

int reading_filter(void *names, const char *path, enum ssum_type type)
{
	(void)type;
	return !name_set_has_parent(names, path);
}

/* ---- Results ---- */

static int reading_compare_fetch(const void *name, const void *fetch)
{
	return strcmp(name, ((const struct fetch *)fetch)->name);
}

void reading_add_report(struct reading *reading, const struct ssum_report *report)
{
	const struct fetch *fetch = NULL;

	if (report->verdict != SSUM_MISSING)
		return;
	reading->moved += report->moved != NULL;
	if (reading->fetch_count)
		fetch = bsearch(report->path, reading->fetches, reading->fetch_count,
				sizeof(*fetch), reading_compare_fetch);
	if (!fetch || asked(reading->app, OPT_REPAIR_LIST))
		return;
	if (asked(reading->app, OPT_JSON)) {
		json_t *object = json_typed("fetch");

		json_name(object, "path", fetch->name);
		json_name(object, "url", fetch->url);
		json_print(object);
	} else {
		out("    %-8s  %s\n", "fetch", legible(fetch->url));
	}
}

int reading_result(const struct reading *reading, int code)
{
	if (reading->differs && (code >= 0 || code == SSUM_ERR_UNDECIDED || code == SSUM_ERR_EMPTY))
		return SSUM_DIFFERS;
	return reading->undecided && code == SSUM_HOLDS ? SSUM_ERR_UNDECIDED : code;
}

void reading_conclude(const struct reading *reading, const struct ssum_summary *summary, int code,
		      json_t *object)
{
	if (object)
		json_text(object, "format", reading->format->name);
	if (reading->format->conclude)
		reading->format->conclude(reading, summary, code, object);
}
