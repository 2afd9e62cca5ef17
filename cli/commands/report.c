/* SPDX-License-Identifier: MIT */
/* The exit status, failures and totals of the commands. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/nearby.h"
#include "commands/report.h"
#include "options/selection.h"
#include "output/json.h"
#include "output/names.h"

/* Reading fewer holes than this takes no time worth a message. */
#define HINT_MIN ((uint64_t)64 << 20)

int status_of(int code)
{
	return code == SSUM_HOLDS ? ALL_HOLDS : code == SSUM_DIFFERS ? PROVEN_DIFFERENT : UNDECIDED;
}

const char *article(const char *noun)
{
	return strchr("aeiou", *noun) ? "an" : "a";
}

char *failure_text(const struct app *app, const char *subject, int code)
{
	const char *message = ssum_message(app->context);
	const struct options *options = app->options;

	if (code >= 0 || code == SSUM_ERR_UNDECIDED)
		return NULL;
	if (code == SSUM_ERR_NO_MANIFEST) {
		char *names = builtin_names(true), *nearby = nearby_manifests(subject);
		char *text = format_text(
			"%s: no manifest here (looked for %s)%s", quoted(subject), names,
			nearby ? nearby : "; check the directory, or name the manifest with -m");

		free(names);
		free(nearby);
		return text;
	}
	if (code == SSUM_ERR_OPTIONS && options->has_content_hash)
		return format_text(
			"the content hash has %s, but no manifest here has digests of that length",
			count_text(options->content_hash.length, "byte", "bytes").s);
	if (code == -ENOTDIR && app->command->bit & (CREATE | VERIFY))
		return format_text("%s: %s; %s takes a directory%s", quoted(subject),
				   ssum_strerror(code), app->command->name,
				   app->command->bit & VERIFY ? " or a regular file" : "");
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

void hint_at_holes(const struct ssum_summary *summary)
{
	if (summary->holes_read >= HINT_MIN && summary->holes_read >= summary->bytes / 2)
		note("%s of holes were read: this file system is not asked for holes by default; "
		     "--holes=trust asks it",
		     size_text(summary->holes_read).s);
}

void note_read_twice(const char *path)
{
	note("%s: was read twice, with the same content: its times prove nothing", quoted(path));
}

static const struct {
	const char *one, *many;
} report_words[SSUM_VERDICT_COUNT] = {
	[SSUM_HOLDS] = {"entry holds", "entries hold"},
	[SSUM_DIFFERS] = {"differs", "differ"},
	[SSUM_MISSING] = {"missing", "missing"},
	[SSUM_EXTRA] = {"extra", "extra"},
	[SSUM_UNREADABLE] = {"unreadable", "unreadable"},
	[SSUM_CHANGED] = {"changed while being read", "changed while being read"},
	[SSUM_FALSE_HOLE] = {"false hole", "false holes"},
	[SSUM_BAD_LINE] = {"bad line", "bad lines"},
	[SSUM_UNDECIDED] = {"undecided", "undecided"},
};

struct text resumed_text(const struct ssum_summary *summary)
{
	struct text text = {""};

	if (summary->resumed)
		snprintf(text.s, sizeof(text.s), ", %.32s of it in an earlier run",
			 size_text(summary->resumed).s);
	return text;
}

static void totals_json(const struct app *app, const struct ssum_summary *summary, int code,
			const struct reading *reading)
{
	json_t *object = json_summary(status_of(code), code);

	if (app->options->selection)
		json_flag(object, "selected", true);
	json_count(object, "entries", summary->entries);
	json_count(object, "bytes", summary->bytes);
	if (summary->resumed)
		json_count(object, "resumed", summary->resumed);
	if (summary->holes_read)
		json_count(object, "holes_read", summary->holes_read);
	if (summary->read_twice)
		json_count(object, "read_twice", summary->read_twice);
	json_seconds(object, seconds_now() - app->began);
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

/* "DIFFERS: 1 differs, 1 missing, 3 entries hold; 4.0 GiB in 1.24 s" */
void print_totals(const struct app *app, const char *word, const struct ssum_summary *summary,
		  int code, const char *wrong_manifest, const struct reading *reading)
{
	enum ssum_verdict colour = code == SSUM_HOLDS     ? SSUM_HOLDS
				   : code == SSUM_DIFFERS ? SSUM_DIFFERS
							  : SSUM_UNREADABLE;
	const uint64_t *count = summary->count;
	const char *before = ": ";

	if (asked(app, OPT_JSON)) {
		totals_json(app, summary, code, reading);
		return;
	}
	if (asked(app, OPT_QUIET))
		return;
	if (summary->read_twice)
		note("%s twice, with the same content: the times prove nothing",
		     count_text(summary->read_twice, "file was read", "files were read").s);
	if (code != SSUM_HOLDS)
		word = code == SSUM_DIFFERS ? "DIFFERS" : "UNDECIDED";
	out("%s", verdict_text(colour, word).s);
	if (code < 0 && code != SSUM_ERR_UNDECIDED) {
		out(": nothing could be judged\n");
	} else {
		out("%s", selection_suffix(app));
		/* The content hash and problems of a listing are not counted as entries. */
		if (wrong_manifest) {
			out(": %s is not the manifest that was asked for; by it",
			    quoted(wrong_manifest));
			before = " ";
		} else if (code == SSUM_DIFFERS && !count[SSUM_DIFFERS] && !count[SSUM_MISSING] &&
			   (!count[SSUM_EXTRA] || asked(app, OPT_ALLOW_EXTRA))) {
			out(": problems listed above");
			before = ", ";
		}
		/* Wrong entries first, those that hold last. */
		for (size_t i = 1; i <= SSUM_VERDICT_COUNT; i++) {
			size_t verdict = i % SSUM_VERDICT_COUNT;

			if (!count[verdict])
				continue;
			out("%s%s", before,
			    count_text(count[verdict], report_words[verdict].one,
				       report_words[verdict].many)
				    .s);
			before = ", ";
		}
		out("; %s in %s%s\n", size_text(summary->bytes).s,
		    duration_text(seconds_now() - app->began).s, resumed_text(summary).s);
		hint_at_holes(summary);
	}
	if (reading)
		reading_conclude(reading, summary, code, NULL);
}
