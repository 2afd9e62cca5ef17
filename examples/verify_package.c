/* SPDX-License-Identifier: MIT */
/*
 * verify_package DIRECTORY: check a package against its manifests, and print what is wrong with it.
 * Exit status: 0 it holds, 1 it differs, 2 that could not be decided.
 */
#include <inttypes.h>
#include <stdio.h>

#include <sparsesum/package.h>

static int print_problem(void *user, const struct ssum_report *report)
{
	(void)user;
	if (report->verdict == SSUM_HOLDS)
		return 0;
	printf("%s: %s", report->path, ssum_verdict_name(report->verdict));
	if (report->error)
		printf(" (%s)", ssum_strerror(report->error));
	putchar('\n');
	return 0;
}

static int show_progress(void *user, const struct ssum_progress *progress)
{
	(void)user;
	fprintf(stderr, "\r%" PRIu64 " MiB of %" PRIu64 "%s", progress->bytes_done >> 20,
		progress->bytes_due >> 20, progress->due_is_final ? "" : " or more");
	return 0; /* anything else would stop the verification */
}

int main(int argc, char **argv)
{
	const struct ssum_options options = {.size = sizeof(options), .progress = show_progress};
	const struct ssum_verify_options verify = {.size = sizeof(verify), .report = print_problem};
	struct ssum_summary summary = {.size = sizeof(summary)};
	struct ssum_context *context;

	if (argc != 2) {
		fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 2;
	}
	int rc = ssum_context_new(&options, &context);
	if (rc < 0) {
		fprintf(stderr, "%s\n", ssum_strerror(rc));
		return 2;
	}
	rc = ssum_verify(context, argv[1], &verify, &summary);
	fprintf(stderr, "\r%" PRIu64 " entries, %" PRIu64 " hold\n", summary.entries,
		summary.count[SSUM_HOLDS]);
	if (rc < 0)
		fprintf(stderr, "%s\n", ssum_message(context));
	ssum_context_free(context);
	return rc == SSUM_HOLDS ? 0 : rc == SSUM_DIFFERS ? 1 : 2;
}
