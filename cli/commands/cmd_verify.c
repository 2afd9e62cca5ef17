/* SPDX-License-Identifier: MIT */
/* sparsesum verify: a directory against its manifests. */
#include <stdlib.h>

#include "output/names.h"
#include "output/output.h"
#include "output/signals.h"
#include "output/text.h"
#include "commands/commands.h"
#include "formats/formats.h"
#include "formats/reading.h"
#include "options/options.h"
#include "options/selection.h"
#include "options/state.h"
#include "options/usage.h"
#include "commands/advice.h"
#include "commands/say_entry.h"
#include "commands/junit.h"
#include "commands/report.h"

struct verification {
	const struct app *app;
	bool proven;                     /* something differs, is missing or extra */
	uint64_t explained, unexplained; /* files that differ */
	struct advice advice;
	struct reading *reading; /* or NULL */
	struct junit *junit;     /* or NULL */
};

static bool proves_difference(const struct verification *verification, enum ssum_verdict verdict)
{
	return verdict == SSUM_DIFFERS || verdict == SSUM_MISSING ||
	       (verdict == SSUM_EXTRA && !asked(verification->app, OPT_ALLOW_EXTRA) &&
		!(verification->reading && verification->reading->is_incomplete));
}

static void count_explained(struct verification *verification, const struct ssum_report *report)
{
	bool is_file =
		report->found.type == SSUM_TYPE_FILE && report->expected.type == SSUM_TYPE_FILE;

	verification->explained += report->explanation != NULL;
	verification->unexplained +=
		is_file && report->verdict == SSUM_DIFFERS && !report->explanation;
}

/* Only what comes behind the last that was to be explained is left out for that reason. */
static void note_unexplained(const struct verification *verification)
{
	uint64_t due = verification->app->options->explain;

	if (due && verification->explained >= due && verification->unexplained)
		note("%s more without an explanation; --explain=all has them all",
		     count_text(verification->unexplained, "file differs", "files differ").s);
}

/* All that a person is told of an entry. */
static void say_all(const void *user, const struct ssum_report *report)
{
	const struct app *app = user;

	say_judged(app, report);
	say_advice(app, report);
}

static int take_report(void *user, const struct ssum_report *report)
{
	struct verification *verification = user;
	const struct app *app = verification->app;
	bool holds = report->verdict == SSUM_HOLDS;
	bool is_manifest = report->kind == SSUM_REPORT_MANIFEST;

	if (report->error == SSUM_ERR_CANCELLED)
		return 0;
	if (proves_difference(verification, report->verdict))
		verification->proven = true;
	count_explained(verification, report);
	advice_take(&verification->advice, report);
	junit_take(verification->junit, app, report, say_all, app);
	if (holds && !is_manifest && !asked(app, OPT_VERBOSE))
		return output_failed();
	if (asked(app, OPT_JSON)) {
		if (!holds || !asked(app, OPT_QUIET))
			report_json(report);
	} else if (report->kind == SSUM_REPORT_CHECKPOINTS) {
		say_checkpoints(report);
	} else if (asked(app, OPT_REPAIR_LIST)) {
		if (!holds)
			say_repair(report);
	} else if (holds && is_manifest) {
		if (!asked(app, OPT_QUIET))
			say_manifest(report);
	} else {
		say_all(app, report);
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
			  ssum_verdict_name(problem->is_proven ? SSUM_DIFFERS : SSUM_BAD_LINE),
			  legible(problem->text));
	}
}

static void note_formats(const struct options *options)
{
	char *names = format_names();

	note("formats that are known: %s", names);
	if (!options->algorithms.count)
		note("if it is a list of digests, -a names their algorithm, as in -a sha256");
	free(names);
}

static void print_result(const struct app *app, const struct ssum_summary *summary, int code,
			 const struct reading *reading)
{
	const char *directory = app->options->operands[0];

	note_failure(app, directory, code);
	if (code == SSUM_ERR_ALGORITHM && app->options->manifests.count)
		note_formats(app->options);
	if (!asked(app, OPT_REPAIR_LIST) || asked(app, OPT_JSON))
		print_totals(app, "VERIFIED", summary, code, reading);
}

static struct ssum_verify_options options_of(const struct app *app,
					     struct verification *verification)
{
	const struct options *options = app->options;

	return (struct ssum_verify_options){
		.size = sizeof(struct ssum_verify_options),
		.manifests = (const char *const *)options->manifests.items,
		.algorithm = options->algorithms.count ? options->algorithms.items[0] : NULL,
		.content_hash = options->has_content_hash ? &options->content_hash : NULL,
		.allow_extra = asked(app, OPT_ALLOW_EXTRA),
		.no_checkpoints = options->checkpoints == SSUM_NO_CHECKPOINTS,
		.report = take_report,
		.user = verification,
		.resume = asked(app, OPT_RESUME),
		/* A list of ranges says no reasons. */
		.explain = asked(app, OPT_REPAIR_LIST) && !options->junit ? 0 : options->explain,
		.filter = selection_filter(app),
	};
}

/* What is listed in a format of another program. */
static void begin_reading(struct verification *verification, struct reading *reading,
			  const struct format *format)
{
	reading_begin(reading, format, verification->app);
	verification->reading = reading;
	verification->proven = reading->differs;
	add_problems(verification->junit, reading);
}

/* With what is known beside the verdicts on the entries. */
static int result_of(const struct verification *verification, int code)
{
	const struct app *app = verification->app;

	if (verification->reading)
		code = reading_result(verification->reading, code);
	return junit_end(verification->junit, app, app->options->operands[0],
			 selection_result(app, code));
}

/* Verify with a journal, if there is a place for one, and say what came of it. */
static int verify_directory(struct verification *verification, struct ssum_verify_options *verify)
{
	const struct app *app = verification->app;
	const struct options *options = app->options;
	struct ssum_summary summary = {.size = sizeof(summary)};
	char *journal = journal_path(app, options->operands[0]);
	const char *outcome;
	int code;

	verify->journal = journal;
	code = ssum_verify(app->context, options->operands[0], verify, &summary);
	code = result_of(verification, code);
	outcome = interruption(journal, &summary,
			       verification->proven ? "" : "; nothing was decided");
	free(journal);
	if (code == SSUM_ERR_OPTIONS && verify->content_hash)
		usage_error(app, "%s", failure_text(app, options->operands[0], code));
	note_journal(app, &summary, code);
	if (stopped(code, outcome))
		return app->command->trouble;
	note_unexplained(verification);
	say_causes(app, &verification->advice);
	print_result(app, &summary, code, verification->reading);
	return status_of(code);
}

int cmd_verify(struct app *app)
{
	struct verification verification = {.app = app};
	struct ssum_verify_options verify = options_of(app, &verification);
	const struct format *format = format_choose(app);
	struct reading reading;
	int status;

	verification.junit = junit_begin(app);
	if (format) {
		begin_reading(&verification, &reading, format);
		verify.listing = reading.listing;
		/* What could not be read may list what nothing else lists. */
		verify.allow_extra |= reading.is_incomplete;
		if (reading.ignored)
			verify.filter = (struct ssum_filter){reading_filter, &reading.ignored};
	}
	if (verify.algorithm && !verify.manifests)
		usage_error(app,
			    "-a says how to read the manifests that -m names, and there is no -m");
	status = verify_directory(&verification, &verify);
	advice_free(&verification.advice);
	if (format)
		reading_end(&reading);
	return status;
}
