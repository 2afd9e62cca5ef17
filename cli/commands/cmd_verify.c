/* SPDX-License-Identifier: MIT */
/* sparsesum verify: a directory against its manifests. */
#include <stdlib.h>

#include "commands/advice.h"
#include "commands/commands.h"
#include "commands/entry.h"
#include "commands/input.h"
#include "commands/junit.h"
#include "commands/one_file.h"
#include "commands/report.h"
#include "formats/formats.h"
#include "options/selection.h"
#include "options/state.h"
#include "options/usage.h"
#include "output/names.h"
#include "output/signals.h"

struct verification {
	const struct app *app;
	bool proven;                     /* something differs, is missing or extra */
	uint64_t explained, unexplained; /* files that differ */
	uint64_t unread_lines;           /* of manifests */
	bool algorithm_is_unknown;       /* no digest proves which algorithm the list is of */
	struct advice advice;
	struct reading *reading; /* the manifests in another program's format; or NULL */
	struct junit *junit;     /* or NULL */
	char *wrong_manifest;    /* the first one without the requested content hash, or NULL */
};

static int verify_report(void *user, const struct ssum_report *report)
{
	struct verification *verification = user;
	const struct app *app = verification->app;
	enum ssum_verdict verdict = report->verdict;
	bool holds = verdict == SSUM_HOLDS;
	bool is_manifest = report->kind == SSUM_REPORT_MANIFEST;
	bool is_file =
		report->found.type == SSUM_TYPE_FILE && report->expected.type == SSUM_TYPE_FILE;

	if (report->error == SSUM_ERR_CANCELLED)
		return 0;
	if (verdict == SSUM_DIFFERS || verdict == SSUM_MISSING ||
	    (verdict == SSUM_EXTRA && !asked(app, OPT_ALLOW_EXTRA)))
		verification->proven = true;
	if (report->kind == SSUM_REPORT_FORM) {
		entry_say_form(app, report);
		return output_failed();
	}
	verification->unread_lines += verdict == SSUM_BAD_LINE &&
				      report->kind == SSUM_REPORT_LINE &&
				      report->error != SSUM_ERR_DUPLICATE;
	verification->algorithm_is_unknown |=
		verdict == SSUM_UNDECIDED && report->error == SSUM_ERR_ALGORITHM;
	if (is_manifest && verdict == SSUM_DIFFERS && !verification->wrong_manifest)
		verification->wrong_manifest = copy_string(report->path);
	verification->explained += report->explanation != NULL;
	verification->unexplained += is_file && verdict == SSUM_DIFFERS && !report->explanation;
	advice_take(&verification->advice, report);
	junit_take(verification->junit, app, report, entry_say);
	if (holds && !is_manifest && !asked(app, OPT_VERBOSE))
		return output_failed();
	if (asked(app, OPT_JSON)) {
		if (!holds || !asked(app, OPT_QUIET))
			entry_json(app, report);
	} else if (report->kind == SSUM_REPORT_CHECKPOINTS) {
		entry_say_checkpoints(report);
	} else if (asked(app, OPT_REPAIR_LIST)) {
		if (!holds)
			entry_say_repair(app, report);
	} else if (!holds || !is_manifest) {
		entry_say(app, report);
	} else if (!asked(app, OPT_QUIET)) {
		entry_say_manifest(report);
	}
	if (verification->reading)
		reading_add_report(verification->reading, report);
	return output_failed();
}

/* Read manifests in another program's format into the listing that verify uses. */
static void verify_read(struct verification *verification, const struct format *format,
			struct reading *reading, struct ssum_verify_options *verify)
{
	struct junit *junit = verification->junit;

	reading_begin(reading, format, verification->app);
	verification->reading = reading;
	verification->proven = reading->differs;
	for (size_t i = 0; junit && i < reading->problem_count; i++) {
		const struct problem *problem = &reading->problems[i];

		junit_add(junit, problem->path, problem->is_proven ? JUNIT_FAILURE : JUNIT_ERROR,
			  ssum_verdict_name(problem->is_proven ? SSUM_DIFFERS : SSUM_BAD_LINE),
			  legible(problem->text));
	}
	verify->listing = reading->listing;
	if (reading->ignored)
		verify->filter = (struct ssum_filter){reading_filter, &reading->ignored};
}

/* Verify, with a journal if there is a directory for it, and print the totals. Returns the
   status. */
static int verify_directory(struct verification *verification, struct ssum_verify_options *verify)
{
	const struct app *app = verification->app;
	const struct options *options = app->options;
	const struct reading *reading = verification->reading;
	const char *directory = options->operands[0], *outcome;
	struct ssum_summary summary = {.size = sizeof(summary)};
	char *journal = journal_path(app, directory);
	int code;

	verify->journal = journal;
	code = ssum_verify(app->context, directory, verify, &summary);
	if (reading)
		code = reading_result(reading, code);
	code = junit_end(verification->junit, app, directory, selection_result(app, code));
	outcome = journal_outcome(&summary, verification->proven ? "" : "; nothing was decided");
	free(journal);
	if (code == SSUM_ERR_OPTIONS && verify->content_hash)
		usage_error(app, "%s", failure_text(app, directory, code));
	journal_note(app, &summary, code);
	if (signals_stopped(code, outcome))
		return app->command->error_status;
	/* Files can also lack an explanation because they could not be read again. */
	if (options->explain && verification->explained >= options->explain &&
	    verification->unexplained)
		note("%s without an explanation; --explain=all explains all",
		     count_text(verification->unexplained, "more file differs", "more files differ")
			     .s);
	if (verification->unread_lines > 1 && !asked(app, OPT_QUIET))
		note("%s could not be read: what they list was not verified, and no unlisted entry "
		     "is "
		     "proven to be extra",
		     count_text(verification->unread_lines, "line", "lines").s);
	advice_say_causes(app, &verification->advice);
	note_failure(app, directory, code);
	if (verification->algorithm_is_unknown)
		note("no digest of the list holds: it may be of another algorithm, such as BLAKE3; name "
		     "the algorithm, as in -a sha256");
	if (code == SSUM_ERR_ALGORITHM && options->manifests.count) {
		char *names = format_names();

		note("known formats: %s", names);
		if (!options->algorithms.count)
			note("if it is a list of digests, name their algorithm, as in -a sha256");
		free(names);
	}
	if (!asked(app, OPT_REPAIR_LIST) || asked(app, OPT_JSON))
		print_totals(app, "VERIFIED", &summary, code, verification->wrong_manifest,
			     reading);
	return status_of(code);
}

int cmd_verify(struct app *app)
{
	const struct options *options = app->options;
	struct verification verification = {.app = app};
	struct ssum_verify_options verify = {
		.size = sizeof(verify),
		.manifests = (const char *const *)options->manifests.items,
		.algorithm = options->algorithms.count ? options->algorithms.items[0] : NULL,
		.content_hash = options->has_content_hash ? &options->content_hash : NULL,
		.allow_extra = asked(app, OPT_ALLOW_EXTRA),
		.no_checkpoints = options->checkpoints == SSUM_NO_CHECKPOINTS,
		.report = verify_report,
		.user = &verification,
		.resume = asked(app, OPT_RESUME),
		/* A repair list contains no explanations, but needs to know whether a file is only
		   too long. */
		.explain = options->explain,
	};
	const struct format *format;
	struct reading reading;
	int status;

	/* Looks into several directories. The one that it chooses becomes the operand. */
	one_file_find(app);
	input_open_directory(app);
	if (app->directory >= 0)
		verify.directory_fd = &app->directory;
	verify.filter = selection_filter(app);
	format = format_choose(app);

	app->advice = &verification.advice;
	verification.junit = junit_begin(app);
	if (format)
		verify_read(&verification, format, &reading, &verify);
	if (verify.algorithm && !verify.manifests)
		usage_error(app, "-a is the algorithm of the manifests that -m names; add -m");
	status = verify_directory(&verification, &verify);
	advice_free(&verification.advice);
	free(verification.wrong_manifest);
	if (format)
		reading_end(&reading);
	return status;
}
