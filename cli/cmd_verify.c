/* SPDX-License-Identifier: MIT */
/* sparsesum verify: a folder against its manifests. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"
#include "junit.h"

struct verification {
	const struct run *run;           /* first: see selection.c */
	bool proven;                     /* something differs, is missing or extra */
	uint64_t explained, unexplained; /* files that differ */
	struct advice advice;
	struct reading *reading; /* or NULL */
	struct junit *junit;     /* or NULL */
};

/* The manifest that judged the entry. */
static const char *judge(const struct ssum_report *report)
{
	return report->manifest ? quoted(report->manifest) : "any manifest";
}

static void say_digest_or_target(const char *title, const char *algorithm, const char *value)
{
	if (value)
		out("    %-8s  %s%s%s\n", title, algorithm ? algorithm : "", algorithm ? " " : "",
		    quoted(value));
}

static void say_different(const struct ssum_report *report, const char *name)
{
	const char *there = ssum_type_name(report->type);
	const char *listed = ssum_type_name(report->expected_type);

	if (report->type == SSUM_TYPE_MANIFEST) {
		out("%s: has another content hash than the one asked for\n", name);
	} else if (report->type != report->expected_type) {
		out("%s: %s %s stands where %s lists %s %s\n", name, article(there), there,
		    judge(report), article(listed), listed);
		return;
	} else {
		out("%s: %s\n", name,
		    painted(report->verdict,
			    report->type == SSUM_TYPE_SYMLINK ? "points elsewhere" : "differs")
			    .s);
	}
	say_digest_or_target("expected", report->algorithm, report->expected);
	say_digest_or_target("found", report->algorithm, report->found);
	if (report->type != SSUM_TYPE_FILE)
		return;
	out("    %-8s  %s", "length", count_text(report->length, "byte", "bytes").s);
	if (report->expected_length && report->expected_length != report->length)
		out(", of %" PRIu64, report->expected_length);
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
	say_digest_or_target("expected", report->algorithm, report->expected);
	if (report->expected_length)
		out("    %-8s  %s\n", "length",
		    count_text(report->expected_length, "byte", "bytes").s);
}

static void say_extra(const struct ssum_report *report, const char *name, bool allowed)
{
	const char *kind = ssum_type_name(report->type);
	const char *permit = allowed ? ", which is allowed" : "";
	struct text word = painted(allowed ? SSUM_UNREADABLE : SSUM_EXTRA, "extra");

	if (report->type == SSUM_TYPE_FILE)
		out("%s: %s (not listed in %s%s)\n", name, word.s, judge(report), permit);
	else
		out("%s: %s (%s %s, not listed in %s%s)\n", name, word.s, article(kind), kind,
		    judge(report), permit);
}

static void say_unreadable(const struct ssum_report *report, const char *name)
{
	const char *kind = ssum_type_name(report->type);

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

static void say(const struct ssum_report *report, bool extra_allowed)
{
	const char *name = report->path ? quoted(report->path) : "";

	switch (report->verdict) {
	case SSUM_HOLDS:
		out("%s: %s\n", name, painted(report->verdict, "holds").s);
		return;
	case SSUM_DIFFERENT:
		say_different(report, name);
		return;
	case SSUM_MISSING:
		say_missing(report, name);
		return;
	case SSUM_EXTRA:
		say_extra(report, name, extra_allowed);
		return;
	case SSUM_UNREADABLE:
		say_unreadable(report, name);
		return;
	case SSUM_UNSTABLE:
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

static void say_manifest(const struct run *run, const struct ssum_report *report)
{
	if (!asked(run, OPT_QUIET))
		out("%s  content hash %s %s\n", quoted(report->path), report->algorithm,
		    report->found);
}

static bool proves_difference(const struct verification *verification, enum ssum_verdict verdict)
{
	return verdict == SSUM_DIFFERENT || verdict == SSUM_MISSING ||
	       (verdict == SSUM_EXTRA && !asked(verification->run, OPT_ALLOW_EXTRA));
}

static void count_explained(struct verification *verification, const struct ssum_report *report)
{
	bool is_file = report->type == SSUM_TYPE_FILE && report->expected_type == SSUM_TYPE_FILE;

	verification->explained += report->explanation != NULL;
	verification->unexplained +=
		is_file && report->verdict == SSUM_DIFFERENT && !report->explanation;
}

/* Only what comes behind the last that was to be explained is left out for that reason. */
static void note_unexplained(const struct verification *verification)
{
	uint64_t due = verification->run->options->explain;

	if (due && verification->explained >= due && verification->unexplained)
		note("%s more without an explanation; --explain=all has them all",
		     count_text(verification->unexplained, "file differs", "files differ").s);
}

/* All that a person is told of an entry. */
static void say_all(const void *user, const struct ssum_report *report)
{
	const struct run *run = user;

	say(report, asked(run, OPT_ALLOW_EXTRA));
	say_advice(run, report);
}

static int take_report(void *user, const struct ssum_report *report)
{
	struct verification *verification = user;
	const struct run *run = verification->run;
	bool holds = report->verdict == SSUM_HOLDS;
	bool is_manifest = report->type == SSUM_TYPE_MANIFEST;

	if (report->error == SSUM_ERR_CANCELLED)
		return 0;
	if (proves_difference(verification, report->verdict))
		verification->proven = true;
	count_explained(verification, report);
	advice_take(&verification->advice, report);
	junit_take(verification->junit, run, report, say_all, run);
	if (holds && !is_manifest && !asked(run, OPT_VERBOSE))
		return output_failed();
	if (asked(run, OPT_JSON)) {
		if (!holds || !asked(run, OPT_QUIET))
			report_json(report);
	} else if (report->type == SSUM_TYPE_CHECKPOINTS) {
		say_checkpoints(report);
	} else if (asked(run, OPT_REPAIR_LIST)) {
		if (!holds)
			say_repair(report);
	} else if (holds && is_manifest) {
		say_manifest(run, report);
	} else {
		say_all(run, report);
	}
	if (verification->reading)
		reading_take(verification->reading, report);
	return output_failed();
}

/* What is wrong with what was read, beside the entries. */
static void add_problems(struct junit *junit, const struct reading *reading)
{
	for (size_t i = 0; junit && i < reading->problem_count; i++) {
		const struct problem *problem = &reading->problems[i];

		junit_add(junit, problem->path, problem->is_proven ? JUNIT_FAILURE : JUNIT_ERROR,
			  ssum_verdict_name(problem->is_proven ? SSUM_DIFFERENT : SSUM_BAD_LINE),
			  legible(problem->text));
	}
}

static void note_no_manifest(const char *folder)
{
	char *names = builtin_names(true);

	note("%s: no manifest: looked for %s; '" PROGRAM " create DIR' makes one", quoted(folder),
	     names);
	free(names);
}

static void note_formats(void)
{
	char *names = format_names();

	note("formats that are known: %s", names);
	free(names);
}

static void print_result(const struct run *run, const struct ssum_summary *summary, int code,
			 const struct reading *reading)
{
	const char *folder = run->options->operands[0];

	if (code == SSUM_ERR_NO_MANIFEST)
		note_no_manifest(folder);
	else
		note_failure(run, folder, code);
	if (code == SSUM_ERR_ALGORITHM && run->options->manifests.count)
		note_formats();
	if (!asked(run, OPT_REPAIR_LIST) || asked(run, OPT_JSON))
		print_totals(run, "VERIFIED", summary, code, reading);
}

int cmd_verify(const struct run *run)
{
	const struct options *options = run->options;
	struct verification verification = {.run = run};
	struct ssum_summary summary = {.size = sizeof(summary)};
	struct ssum_verify_options verify = {
		.size = sizeof(verify),
		.manifests = (const char *const *)options->manifests.items,
		.algorithm = options->algorithms.count ? options->algorithms.items[0] : NULL,
		.content_hash = options->has_content_hash ? &options->content_hash : NULL,
		.allow_extra = asked(run, OPT_ALLOW_EXTRA),
		.no_checkpoints = options->checkpoints == SSUM_NO_CHECKPOINTS,
		.report = take_report,
		.user = &verification,
		.resume = asked(run, OPT_RESUME),
		.explain = asked(run, OPT_REPAIR_LIST) ? 0 : options->explain,
		.select = selection_function(run),
	};
	const struct format *format = format_choose(run);
	struct reading reading;
	char *journal;
	const char *outcome;
	int code;

	verification.junit = junit_begin(run);
	if (format) {
		reading_begin(&reading, format, run);
		verification.reading = &reading;
		add_problems(verification.junit, &reading);
		verification.proven = reading.differs;
		verify.listing = reading.listing;
	}
	if (verify.algorithm && !verify.manifests)
		usage_error("-a says how to read the manifests that -m names, and there is no -m");
	verify.journal = journal = journal_path(options->operands[0]);
	code = ssum_verify(run->context, options->operands[0], &verify, &summary);
	if (format)
		code = reading_result(&reading, code);
	code = junit_end(verification.junit, run, selection_result(run, code));
	outcome =
		interruption(journal, &summary, verification.proven ? "" : "; nothing was decided");
	free(journal);
	if (code == SSUM_ERR_OPTIONS && verify.content_hash)
		usage_error("the content hash has %zu bytes, which the digest of no manifest here "
			    "has",
			    verify.content_hash->length);
	note_journal(run, &summary, code);
	if (stopped(code, outcome)) {
		if (format)
			reading_end(&reading);
		return trouble();
	}
	note_unexplained(&verification);
	say_causes(run, &verification.advice);
	print_result(run, &summary, code, verification.reading);
	if (format)
		reading_end(&reading);
	return status_of(code);
}
