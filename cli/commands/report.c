/* SPDX-License-Identifier: MIT */
/* What the commands over directories say of entries and of the whole. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/text.h"
#include "output/json.h"
#include "output/names.h"
#include "options/selection.h"
#include "commands/advice.h"
#include "commands/explanation.h"
#include "commands/report.h"

int status_of(int code)
{
	return code == SSUM_HOLDS ? ALL_HOLDS : code == SSUM_DIFFERS ? PROVEN_DIFFERENT : UNDECIDED;
}

const char *article(const char *noun)
{
	return strchr("aeiou", *noun) ? "an" : "a";
}

/*
 * Why an operation failed as a whole, to be freed; NULL if it did not: what could not be decided
 * was told entry by entry. The subject is named unless the library names something.
 */
char *failure_text(const struct app *app, const char *subject, int code)
{
	const char *message = ssum_message(app->context);
	const struct options *options = app->options;

	if (code >= 0 || code == SSUM_ERR_UNDECIDED)
		return NULL;
	if (code == SSUM_ERR_NO_MANIFEST) {
		char *names = builtin_names(true);
		char *text = format_text("%s: no manifest: looked for %s; '" PROGRAM
					 " create DIR' makes one",
					 quoted(subject), names);

		free(names);
		return text;
	}
	if (code == SSUM_ERR_OPTIONS && options->has_content_hash)
		return format_text("the content hash has %s, which the digest of no manifest here "
				   "has",
				   count_text(options->content_hash.length, "byte", "bytes").s);
	if (code == -ENOTDIR && app->command->bit & (CREATE | VERIFY))
		return format_text("%s: %s: %s takes a directory%s", quoted(subject),
				   ssum_strerror(code), app->command->name,
				   app->command->bit & VERIFY ? ", and '" PROGRAM
								" check' a manifest alone"
							      : "");
	if (code == SSUM_ERR_EMPTY && options->selection)
		return format_text("%s: nothing is selected", quoted(subject));
	if (*message)
		return copy_string(legible(message));
	return format_text("%s: %s", quoted(subject), ssum_strerror(code));
}

void note_failure(const struct app *app, const char *subject, int code)
{
	char *text = failure_text(app, subject, code);

	if (text)
		note("%s", text);
	free(text);
}

static void set_type(json_t *object, const char *key, enum ssum_type type)
{
	if (type != SSUM_TYPE_UNKNOWN)
		json_text(object, key, ssum_type_name(type));
}

const char *side_text(const struct ssum_report_side *side, char hex[SSUM_HEX_MAX])
{
	if (!side->digest)
		return side->target;
	ssum_digest_hex(side->digest, hex);
	return hex;
}

static void set_judged_by(json_t *object, const struct ssum_report *report)
{
	char hex[SSUM_HEX_MAX];

	json_name(object, "manifest", report->manifest);
	if (report->line)
		json_count(object, "line", report->line);
	json_name(object, "algorithm", report->algorithm);
	json_name(object, "expected", side_text(&report->expected, hex));
	json_name(object, "found", side_text(&report->found, hex));
}

static void set_damaged(json_t *object, const struct ssum_report *report)
{
	json_t *ranges = json_array();

	for (size_t i = 0; i < report->damaged_count; i++) {
		json_t *range = json_object();

		json_count(range, "offset", report->damaged[i].offset);
		json_count(range, "length", report->damaged[i].length);
		json_array_append_new(ranges, range);
	}
	json_object_set_new(object, "damaged", ranges);
}

void report_json(const struct ssum_report *report)
{
	static const struct {
		const char *type, *kind;
	} words[] = {
		[SSUM_REPORT_ENTRY] = {"entry", NULL},
		[SSUM_REPORT_MANIFEST] = {"manifest", NULL},
		[SSUM_REPORT_LINE] = {"entry", "line"},
		[SSUM_REPORT_CHECKPOINTS] = {"checkpoints", "checkpoints"},
	};
	json_t *object = json_typed(words[report->kind].type);

	json_name(object, "path", report->path);
	json_text(object, "verdict", ssum_verdict_name(report->verdict));
	if (words[report->kind].kind)
		json_text(object, "kind", words[report->kind].kind);
	set_type(object, "kind", report->found.type);
	set_type(object, "expected_kind", report->expected.type);
	/* How long a file is that could not be opened is not known. */
	if (report->found.type == SSUM_TYPE_FILE && report->verdict != SSUM_UNREADABLE)
		json_count(object, "size", report->found.length);
	if (report->expected.length)
		json_count(object, "expected_size", report->expected.length);
	if (report->damaged_count)
		set_damaged(object, report);
	set_judged_by(object, report);
	if (report->explanation)
		json_object_set_new(object, "explanation", json_explanation(report->explanation));
	set_advice(object, report);
	if (report->error)
		json_code(object, report->error);
	json_print(object);
}

static const struct {
	const char *one, *many;
} verdict_words[SSUM_VERDICT_COUNT] = {
	[SSUM_HOLDS] = {"entry holds", "entries hold"},
	[SSUM_DIFFERS] = {"differs", "differ"},
	[SSUM_MISSING] = {"missing", "missing"},
	[SSUM_EXTRA] = {"extra", "extra"},
	[SSUM_UNREADABLE] = {"unreadable", "unreadable"},
	[SSUM_CHANGED] = {"changed while being read", "changed while being read"},
	[SSUM_FALSE_HOLE] = {"false hole", "false holes"},
	[SSUM_BAD_LINE] = {"bad line", "bad lines"},
};

/* How much of it an interrupted run had done. */
struct text resumed_text(const struct ssum_summary *summary)
{
	struct text text = {""};

	if (summary->resumed)
		snprintf(text.s, sizeof(text.s), ", %.32s of it before",
			 size_text(summary->resumed).s);
	return text;
}

static struct text painted_code(int code, const char *word)
{
	return painted(code == SSUM_HOLDS     ? SSUM_HOLDS
		       : code == SSUM_DIFFERS ? SSUM_DIFFERS
					      : SSUM_UNREADABLE,
		       word);
}

/* "DIFFERS: 3 hold, 1 differs, 1 missing; 4.0 GiB in 1.24 s"; the selection stands behind the word
 */
static void totals_text(const struct ssum_summary *summary, int code, const char *word,
			const char *selection, double seconds)
{
	const char *before = ": ";

	out("%s%s", painted_code(code, word).s, selection);
	for (size_t i = 0; i < SSUM_VERDICT_COUNT; i++)
		if (summary->count[i]) {
			out("%s%s", before,
			    count_text(summary->count[i], verdict_words[i].one,
				       verdict_words[i].many)
				    .s);
			before = ", ";
		}
	out("; %s in %s%s\n", size_text(summary->bytes).s, duration_text(seconds).s,
	    resumed_text(summary).s);
}

static void totals_json(const struct ssum_summary *summary, int code, double seconds, bool selected,
			const struct reading *reading)
{
	json_t *object = json_summary(status_of(code), code);

	if (selected)
		json_flag(object, "selected", true);
	json_count(object, "entries", summary->entries);
	json_count(object, "bytes", summary->bytes);
	if (summary->resumed)
		json_count(object, "resumed", summary->resumed);
	json_seconds(object, seconds);
	for (int i = 0; i < SSUM_VERDICT_COUNT; i++) {
		char *key = copy_string(ssum_verdict_name((enum ssum_verdict)i));

		for (char *blank; (blank = strchr(key, ' '));)
			*blank = '_';
		json_count(object, key, summary->count[i]);
		free(key);
	}
	if (reading)
		reading_conclude(reading, summary, code, object);
	json_print(object);
}

/* The verdict on the whole; word is the one for success; reading is NULL, or what was read in
   another format than ours. */
void print_totals(const struct app *app, const char *word, const struct ssum_summary *summary,
		  int code, const struct reading *reading)
{
	double seconds = seconds_now() - app->began;

	if (asked(app, OPT_JSON))
		totals_json(summary, code, seconds, app->options->selection, reading);
	else if (asked(app, OPT_QUIET))
		return;
	else if (code < 0 && code != SSUM_ERR_UNDECIDED)
		out("%s: nothing could be judged\n", painted_code(code, "UNDECIDED").s);
	else
		totals_text(summary, code,
			    code == SSUM_HOLDS     ? word
			    : code == SSUM_DIFFERS ? "DIFFERS"
						   : "UNDECIDED",
			    selection_words(app), seconds);
	if (reading && !asked(app, OPT_JSON) && !asked(app, OPT_QUIET))
		reading_conclude(reading, summary, code, NULL);
}
