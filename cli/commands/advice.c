/* SPDX-License-Identifier: MIT */
/* Why entries of a package do not hold, as far as their names tell, and what to do. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "output/json.h"
#include "output/names.h"
#include "output/text.h"
#include "commands/advice.h"
#include "commands/shell_words.h"

/* ---- Single entries ---- */

/* What stands before the directory, so that it is no option. */
static const char *dashes(const struct app *app)
{
	return app->options->operands[0][0] == '-' ? "-- " : "";
}

static bool is_in_same_directory(const char *a, const char *b)
{
	const char *a_slash = strrchr(a, '/'), *b_slash = strrchr(b, '/');
	size_t length = a_slash ? (size_t)(a_slash - a) : 0;

	return length == (b_slash ? (size_t)(b_slash - b) : 0) && !memcmp(a, b, length);
}

/* What a move says, unless it says too little: two empty files of unlike names are no move. */
bool tells_move(const struct ssum_report *report, struct name_change *change)
{
	bool known;

	if (!report->moved)
		return false;
	if (report->verdict == SSUM_MISSING)
		known = name_change(report->path, report->moved, change);
	else
		known = name_change(report->moved, report->path, change);
	return known || report->expected.length || report->found.length;
}

static void say_moved(const struct app *app, const struct ssum_report *report,
		      const struct name_change *change)
{
	if (report->verdict == SSUM_EXTRA) {
		out("    content   that of %s, which is missing\n", quoted(report->moved));
		return;
	}
	out("    moved to  %s\n", quoted(report->moved));
	out("    why       %s\n", change->detail);
	out("    to do     rename it back: ");
	if (!is_in_same_directory(report->path, report->moved) && strchr(report->path, '/'))
		out("mkdir -p -- %s && ", directory_word(app, report->path));
	out("mv -- %s %s\n", path_word(app, report->moved), path_word(app, report->path));
}

static void say_in_itself(const struct app *app, const struct ssum_report *report)
{
	out("    why       the manifest lists itself: no digest of it can stand in it\n");
	out("    to do     take line %" PRIu64 " out of %s, or publish again: " PROGRAM
	    " create %s%s\n",
	    report->line, quoted(report->manifest), dashes(app),
	    shell_word(app->options->operands[0]));
}

static bool is_link_to_make(const struct ssum_report *report)
{
	return report->expected.type == SSUM_TYPE_SYMLINK && report->expected.target &&
	       (report->verdict == SSUM_MISSING ||
		(report->verdict == SSUM_DIFFERS && report->found.type == SSUM_TYPE_SYMLINK));
}

/* The lines of a block that follow what was found. */
void say_advice(const struct app *app, const struct ssum_report *report)
{
	struct name_change change;

	if (tells_move(report, &change))
		say_moved(app, report, &change);
	else if (report->lists_itself)
		say_in_itself(app, report);
	else if (report->damaged_count)
		out("    to do     fetch these bytes again: " PROGRAM
		    " verify --repair-list %s%s\n",
		    dashes(app), shell_word(app->options->operands[0]));
	else if (is_link_to_make(report))
		out("    to do     make it again: ln -sfn -- %s %s\n",
		    shell_word(report->expected.target), path_word(app, report->path));
	else if (report->verdict == SSUM_MISSING && report->expected.type == SSUM_TYPE_DIRECTORY)
		out("    to do     make it again: mkdir -p -- %s\n", path_word(app, report->path));
}

void set_advice(json_t *object, const struct ssum_report *report)
{
	struct name_change change;

	if (report->lists_itself)
		json_flag(object, "lists_itself", true);
	if (!tells_move(report, &change))
		return;
	json_name(object, report->verdict == SSUM_MISSING ? "moved_to" : "moved_from",
		  report->moved);
	json_text(object, "name_change", change.kind);
	json_text(object, "name_detail", change.detail);
}

/* ---- All of them ---- */

/* Whether a name is hidden: at the top of the package, or further down. */
enum { TOP, BELOW, SHOWN };

static int hiding_of(const char *path)
{
	return path[0] == '.' ? TOP : strstr(path, "/.") ? BELOW : SHOWN;
}

void advice_take(struct advice *advice, const struct ssum_report *report)
{
	struct name_change change;

	exchanges_take(&advice->exchanges, report);
	if (report->expected.type == SSUM_TYPE_UNKNOWN)
		return;
	if (report->verdict == SSUM_HOLDS || report->verdict == SSUM_DIFFERS)
		advice->there[hiding_of(report->path)]++;
	else if (report->verdict == SSUM_MISSING && !tells_move(report, &change))
		advice->missing[hiding_of(report->path)]++;
}

/* A glob leaves out what is hidden at the top, other copies what is hidden anywhere. So nothing
   else is missing, and of what was left out nothing is there. */
static uint64_t hidden_left_out(const struct advice *advice)
{
	if (advice->missing[SHOWN] || advice->there[TOP] || !advice->there[SHOWN] ||
	    (advice->missing[BELOW] && advice->there[BELOW]))
		return 0;
	return advice->missing[TOP] + advice->missing[BELOW];
}

static void say_hidden(const struct app *app, uint64_t hidden)
{
	json_t *object;

	if (!asked(app, OPT_JSON)) {
		out("hidden files were left out, as by a glob or a copy without dot files: %s\n",
		    count_text(hidden, "entry", "entries").s);
		out("    to do     copy again with them, as 'cp -a FROM/. TO' does\n");
		return;
	}
	object = json_typed("cause");
	json_text(object, "cause", "hidden files left out");
	json_count(object, "entries", hidden);
	json_print(object);
}

void say_causes(const struct app *app, const struct advice *advice)
{
	uint64_t hidden = hidden_left_out(advice);

	if (asked(app, OPT_REPAIR_LIST) && !asked(app, OPT_JSON))
		return;
	say_exchanges(app, &advice->exchanges);
	if (hidden)
		say_hidden(app, hidden);
}

void advice_free(struct advice *advice)
{
	exchanges_free(&advice->exchanges);
}
