/* SPDX-License-Identifier: MIT */
/*
 * verify_package DIRECTORY [PATTERN]: verify a package against its manifests, and print the entries
 * that do not hold. With PATTERN, only files and symlinks with matching names are verified.
 * Exit status: 0 the package holds, 1 it differs, 2 that could not be decided.
 */
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sparsesum/package.h>

static void print_side(const char *name, const char *algorithm, const struct ssum_report_side *side)
{
	char hex[SSUM_HEX_MAX];

	if (side->digest) {
		ssum_digest_hex(side->digest, hex);
		printf("    %s %s %s\n", name, algorithm, hex);
	} else if (side->target) {
		printf("    %s a symlink to %s\n", name, side->target);
	}
}

static int print_problem(void *user, const struct ssum_report *report)
{
	(void)user;
	if (report->verdict == SSUM_HOLDS)
		return 0;
	printf("%s: %s", report->path, ssum_verdict_name(report->verdict));
	if (report->error)
		printf(" (%s)", ssum_strerror(report->error));
	putchar('\n');
	print_side("expected", report->algorithm, &report->expected);
	print_side("found", report->algorithm, &report->found);
	return 0;
}

/* Directories are always included, so that matching files in them are found. */
static int is_selected(void *user, const char *path, enum ssum_type type)
{
	const char *pattern = user, *slash = strrchr(path, '/');

	return type == SSUM_TYPE_DIRECTORY || !fnmatch(pattern, slash ? slash + 1 : path, 0);
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
	struct ssum_verify_options verify = {.size = sizeof(verify), .report = print_problem};
	struct ssum_summary summary = {.size = sizeof(summary)};
	struct ssum_context *context;

	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: %s DIRECTORY [PATTERN]\n", argv[0]);
		return 2;
	}
	if (argc == 3)
		verify.filter = (struct ssum_filter){.fn = is_selected, .user = argv[2]};
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
