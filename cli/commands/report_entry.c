/* SPDX-License-Identifier: MIT */
/* What verify tells people of an entry. */
#include <inttypes.h>
#include <string.h>

#include "output/text.h"
#include "output/names.h"
#include "output/text.h"
#include "commands/report_entry.h"
#include "commands/explanation.h"
#include "commands/repair.h"
#include "commands/report.h"

/* The manifest that judged the entry. */
static const char *judge(const struct ssum_report *report)
{
	return report->manifest ? quoted(report->manifest) : "any manifest";
}

static void say_digest_or_target(const char *title, const char *algorithm,
				 const struct ssum_report_side *side)
{
	char hex[SSUM_HEX_MAX];
	const char *value = side_text(side, hex);

	if (value)
		out("    %-8s  %s%s%s\n", title, algorithm ? algorithm : "", algorithm ? " " : "",
		    quoted(value));
}

static void say_different(const struct ssum_report *report, const char *name)
{
	const char *there = ssum_type_name(report->found.type);
	const char *listed = ssum_type_name(report->expected.type);

	if (report->kind == SSUM_REPORT_MANIFEST) {
		out("%s: has another content hash than the one asked for\n", name);
	} else if (report->found.type != report->expected.type) {
		out("%s: %s %s stands where %s lists %s %s\n", name, article(there), there,
		    judge(report), article(listed), listed);
		return;
	} else {
		out("%s: %s\n", name,
		    painted(report->verdict, report->found.type == SSUM_TYPE_SYMLINK
						     ? "points elsewhere"
						     : "differs")
			    .s);
	}
	say_digest_or_target("expected", report->algorithm, &report->expected);
	say_digest_or_target("found", report->algorithm, &report->found);
	if (report->found.type != SSUM_TYPE_FILE)
		return;
	out("    %-8s  %s", "length", count_text(report->found.length, "byte", "bytes").s);
	if (report->expected.length && report->expected.length != report->found.length)
		out(", of %" PRIu64, report->expected.length);
	out("\n");
	say_damaged(report);
	if (report->explanation && !report->lists_itself)
		say_explanation(report->explanation, !report->damaged_count);
}

static void say_missing(const struct ssum_report *report, const char *name)
{
	out("%s: %s (listed in %s", name, painted(report->verdict, "missing").s, judge(report));
	if (report->line)
		out(", line %" PRIu64, report->line);
	out(")\n");
	say_digest_or_target("expected", report->algorithm, &report->expected);
	if (report->expected.length)
		out("    %-8s  %s\n", "length",
		    count_text(report->expected.length, "byte", "bytes").s);
}

static void say_extra(const struct ssum_report *report, const char *name, bool allowed)
{
	const char *kind = ssum_type_name(report->found.type);
	const char *permit = allowed ? ", which is allowed" : "";
	struct text word = painted(allowed ? SSUM_UNREADABLE : SSUM_EXTRA, "extra");

	if (report->found.type == SSUM_TYPE_FILE)
		out("%s: %s (not listed in %s%s)\n", name, word.s, judge(report), permit);
	else
		out("%s: %s (%s %s, not listed in %s%s)\n", name, word.s, article(kind), kind,
		    judge(report), permit);
}

static void say_unreadable(const struct ssum_report *report, const char *name)
{
	const char *kind = ssum_type_name(report->found.type);

	if (report->error == SSUM_ERR_NOT_REGULAR)
		out("%s: %s %s, which is not read\n", name, article(kind), kind);
	else
		out("%s: %s: %s\n", name, painted(report->verdict, "could not be read").s,
		    ssum_strerror(report->error));
}

static void say_bad_line(const struct ssum_report *report, const char *name)
{
	bool named = *name && (!report->manifest || strcmp(report->path, report->manifest) != 0);

	out("%s", judge(report));
	if (report->line)
		out(":%" PRIu64, report->line);
	out(": %s%s%s\n", named ? name : "", named ? ": " : "", ssum_strerror(report->error));
}

void say_judged(const struct app *app, const struct ssum_report *report)
{
	const char *name = report->path ? quoted(report->path) : "";

	switch (report->verdict) {
	case SSUM_HOLDS:
		out("%s: %s\n", name, painted(report->verdict, "holds").s);
		return;
	case SSUM_DIFFERS:
		say_different(report, name);
		return;
	case SSUM_MISSING:
		say_missing(report, name);
		return;
	case SSUM_EXTRA:
		say_extra(report, name, asked(app, OPT_ALLOW_EXTRA));
		return;
	case SSUM_UNREADABLE:
		say_unreadable(report, name);
		return;
	case SSUM_CHANGED:
		out("%s: %s while it was being read\n", name,
		    painted(report->verdict, "changed").s);
		return;
	case SSUM_FALSE_HOLE:
		out("%s: the file system reported a hole where there is data; use --holes=read\n",
		    name);
		return;
	case SSUM_BAD_LINE:
		say_bad_line(report, name);
		return;
	}
}
