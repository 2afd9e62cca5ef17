/* SPDX-License-Identifier: MIT */
/* Comparison of two directories: each way in which they can differ. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/scratch.h"
#include "support/suite.h"
#include "support/reported.h"
#include "sparsesum/package.h"

/* Two equal directories, one sparse where the other is dense. */
static void enter_scratch(void)
{
	scratch_enter();
	shell("mkdir -p a/sub/deep a/empty && echo content >a/file && truncate -s 1M a/sub/image "
	      "&& "
	      "echo end >>a/sub/image && ln -s file a/link && touch a/sub/deep/nothing && "
	      "cp -a --sparse=never a b");
}

static int take_report(void *user, const struct ssum_report *report)
{
	struct ssum_summary *counted = user;

	counted->entries++;
	counted->count[report->verdict]++;
	ck_assert_uint_eq(report->size, sizeof(*report));
	return note_failing(NULL, report);
}

static int compare(void)
{
	struct ssum_summary counted = {0}, summary = {.size = sizeof(summary)};
	const struct ssum_compare_options options = {
		.size = sizeof(options), .report = take_report, .user = &counted};

	reported[0] = '\0';
	int rc = ssum_compare_directories(NULL, "a", "b", &options, &summary);
	ck_assert_uint_eq(summary.entries, counted.entries);
	ck_assert_mem_eq(summary.count, counted.count, sizeof(summary.count));
	return rc;
}

static const struct {
	const char *change; /* a command, run in b */
	int result;
	const char *reported;
} changes[] = {
	{":", SSUM_HOLDS, ""},
	{"touch -d 1999-01-01 file; chmod 755 file", SSUM_HOLDS, ""},
	{"echo CONTENT >file", SSUM_DIFFERS, "differs file;"},
	{"printf x | dd of=sub/image bs=1 seek=500000 conv=notrunc", SSUM_DIFFERS,
	 "differs sub/image;"},
	{"truncate -s -1 sub/image", SSUM_DIFFERS, "differs sub/image;"},
	{"rm file", SSUM_DIFFERS, "missing file;"},
	{"rm -r sub", SSUM_DIFFERS, "missing sub/deep/nothing;missing sub/image;"},
	{"rmdir empty", SSUM_DIFFERS, "missing empty;"},
	{"touch empty/new", SSUM_DIFFERS, "missing empty;extra empty/new;"},
	{"touch more", SSUM_DIFFERS, "extra more;"},
	{"mkdir more", SSUM_DIFFERS, "extra more;"},
	{"mkfifo more", SSUM_DIFFERS, "extra more;"},
	{"ln -sfn elsewhere link", SSUM_DIFFERS, "differs link;"},
	{"rm link; cp file link", SSUM_DIFFERS, "differs link;"},
	{"rm file; ln -s link file", SSUM_DIFFERS, "differs file;"},
	{"rm file; mkfifo file", SSUM_DIFFERS, "differs file;"},
	{"rm file; mkdir file", SSUM_DIFFERS, "missing file;extra file;"},
	{"rm file; mkfifo file ../a/pipe pipe", SSUM_DIFFERS, "differs file;unreadable pipe;"},
	{"mkfifo ../a/pipe pipe", SSUM_ERR_UNDECIDED, "unreadable pipe;"},
	{"mknod null c 1 3; mknod ../a/null c 1 3", SSUM_ERR_UNDECIDED, "unreadable null;"},
	{"chmod 0 file", SSUM_ERR_UNDECIDED, "unreadable file;"},
	{"chmod 0 empty", SSUM_ERR_UNDECIDED, "unreadable empty;"},
	{"chmod 0 file; touch more", SSUM_DIFFERS, "unreadable file;extra more;"},
};

START_TEST(each_kind_of_difference)
{
	char command[256];

	enter_scratch();
	snprintf(command, sizeof(command), "cd b && { %s; }", changes[_i].change);
	shell(command);
	ck_assert(!seteuid(65534));
	int rc = compare();
	ck_assert(!seteuid(0));
	ck_assert_msg(rc == changes[_i].result, "%s: %d", changes[_i].change, rc);
	ck_assert_str_eq(reported, changes[_i].reported);
	scratch_leave();
}
END_TEST

/* The reports and the summary. */
static int take_details(void *user, const struct ssum_report *report)
{
	(void)user;
	if (!strcmp(report->path, "link")) {
		ck_assert_str_eq(report->expected.target, "file");
		ck_assert_str_eq(report->found.target, "elsewhere");
		ck_assert_int_eq(report->found.type, SSUM_TYPE_SYMLINK);
	} else if (!strcmp(report->path, "sub/image")) {
		ck_assert_uint_eq(report->offset, 500000);
		ck_assert_uint_eq(report->found.length, MIB + 5);
		ck_assert_uint_eq(report->expected.length, MIB + 4);
	} else if (!strcmp(report->path, "file")) {
		ck_assert_int_eq(report->expected.type, SSUM_TYPE_FILE);
		ck_assert_int_eq(report->found.type, SSUM_TYPE_FIFO);
	}
	return 0;
}

START_TEST(reports_and_summary_have_details)
{
	const struct ssum_compare_options options = {.size = sizeof(options),
						     .report = take_details};
	struct ssum_summary summary = {.size = sizeof(summary)};

	enter_scratch();
	shell("cd b && ln -sfn elsewhere link && printf x | dd of=sub/image bs=1 seek=500000 "
	      "conv=notrunc && echo >>sub/image && rm file && mkfifo file");
	ck_assert_int_eq(ssum_compare_directories(NULL, "a", "b", &options, &summary),
			 SSUM_DIFFERS);
	ck_assert_uint_eq(summary.entries, 5);
	ck_assert_uint_eq(summary.count[SSUM_DIFFERS], 3);
	ck_assert_uint_eq(summary.count[SSUM_HOLDS], 2);
	ck_assert_int_eq(ssum_compare_directories(NULL, "a", "b", NULL, NULL), SSUM_DIFFERS);
	ck_assert_int_eq(ssum_compare_directories(NULL, "a", "a", NULL, NULL), SSUM_HOLDS);
	scratch_leave();
}
END_TEST

static int stop(void *user, const struct ssum_report *report)
{
	(void)report;
	return ++*(int *)user == 2;
}

START_TEST(error_codes)
{
	struct ssum_context *context;
	int reports = 0;
	const struct ssum_compare_options options = {
		.size = sizeof(options), .report = stop, .user = &reports};

	enter_scratch();
	assert_ok(ssum_context_new(NULL, &context));
	assert_code(ssum_compare_directories(context, "none", "b", NULL, NULL), -ENOENT);
	assert_code(ssum_compare_directories(context, "a", "none", NULL, NULL), -ENOENT);
	ck_assert_str_eq(ssum_message(context), "none: No such file or directory");
	assert_code(ssum_compare_directories(context, "a", "b/file", NULL, NULL), -ENOTDIR);
	assert_code(ssum_compare_directories(context, "a", "b", &options, NULL),
		    SSUM_ERR_CANCELLED);
	ck_assert_int_eq(reports, 2);
	ssum_context_free(context);
	scratch_leave();
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{each_kind_of_difference, ARRAY_SIZE(changes)},
		{reports_and_summary_have_details, 0},
		{error_codes, 0},
	};

	return run_suite("compare_directories", tests, ARRAY_SIZE(tests));
}
