/* SPDX-License-Identifier: MIT */
/*
 * verify_progress DIRECTORY: verify a package, show the progress, and stop cleanly at Ctrl-C. The
 * results printed until then are valid. Exit status: 0 the package holds, 1 it differs, 2 that
 * could not be decided, 3 stopped.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include <sparsesum/package.h>

/* Set before the handler is installed, and freed after it is removed. */
static struct ssum_context *context;

/* ssum_cancel() is async-signal-safe; free() and printf() are not. */
static void stop(int number)
{
	(void)number;
	ssum_cancel(context);
}

static void on_interrupt(void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static int show_progress(void *user, const struct ssum_progress *progress)
{
	uint64_t due = progress->bytes_due;
	int percent = due ? (int)((double)progress->bytes_done * 100 / (double)due) : 0;

	(void)user;
	fprintf(stderr, "\r%3d%%%s, %" PRIu64 " of %" PRIu64 " files ", percent,
		progress->due_is_final ? "" : " so far", progress->files_done, progress->files_due);
	return 0;
}

static int print_problem(void *user, const struct ssum_report *report)
{
	(void)user;
	if (report->verdict == SSUM_HOLDS)
		return 0;
	printf("%s: %s\n", report->path, ssum_verdict_name(report->verdict));
	/* With checkpoints: the ranges to fetch again. */
	for (size_t i = 0; i < report->damaged_count; i++)
		printf("    %" PRIu64 " bytes at %" PRIu64 "\n", report->damaged[i].length,
		       report->damaged[i].offset);
	return fflush(stdout) != 0; /* stop if the output cannot be written */
}

int main(int argc, char **argv)
{
	const struct ssum_options options = {.size = sizeof(options), .progress = show_progress};
	const struct ssum_verify_options verify = {.size = sizeof(verify), .report = print_problem};
	struct ssum_summary summary = {.size = sizeof(summary)};

	if (argc != 2) {
		fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 2;
	}
	int rc = ssum_context_new(&options, &context);
	if (rc < 0) {
		fprintf(stderr, "%s\n", ssum_strerror(rc));
		return 2;
	}
	on_interrupt(stop);
	rc = ssum_verify(context, argv[1], &verify, &summary);
	on_interrupt(SIG_DFL);

	fprintf(stderr, "\r%" PRIu64 " entries judged, %" PRIu64 " hold\n", summary.entries,
		summary.count[SSUM_HOLDS]);
	if (rc < 0)
		fprintf(stderr, "%s\n", ssum_message(context));
	ssum_context_free(context);
	if (rc == SSUM_ERR_CANCELLED)
		return 3;
	return rc == SSUM_HOLDS ? 0 : rc == SSUM_DIFFERS ? 1 : 2;
}
