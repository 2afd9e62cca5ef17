/* SPDX-License-Identifier: MIT */
/* Long files in two directories are compared in parts. The result is the same as without parts. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/files.h"
#include "support/oracle.h"
#include "support/parts.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "sparsesum/package.h"

#define LENGTH (100 * MIB) /* four parts, the last one shorter */

static char *directory; /* the current directory while a test runs */

static bool enter_scratch(void)
{
	directory = scratch_new(&file_systems[0]);
	return directory && !chdir(directory);
}

static void leave_scratch(void)
{
	ck_assert(!chdir("/"));
	scratch_remove(directory);
}

/* Data at both ends of every part, and holes between them. In one of the files, the holes are
   written as zeros. */
static void make_long(const char *name)
{
	char path[64];

	for (int side = 0; side < 2; side++) {
		snprintf(path, sizeof(path), "%c/%s", 'a' + side, name);
		set_length(path, LENGTH);
		for (uint64_t at = 0; at < LENGTH; at += PART_LENGTH) {
			poke(path, at, '2');
			poke(path, min_u64(at + PART_LENGTH, LENGTH) - 1, '3');
			if (side)
				poke(path, at + MIB, '\0');
		}
	}
}

static void make_directories(void)
{
	ck_assert(!mkdir("a", 0755) && !mkdir("b", 0755));
	for (const char *side = "a"; side; side = *side == 'a' ? "b" : NULL) {
		char command[128];

		snprintf(command, sizeof(command),
			 "cd %s && mkdir m o && echo 1 >b && echo 2 >m/n && echo 3 >z", side);
		shell(command);
	}
	make_long("image");
	make_long("o/other");
}

struct seen {
	char order[256];
	uint64_t offset; /* offset of the first difference of the image; NOWHERE if it holds */
	unsigned reports, stop_at;
};

static int take_report(void *user, const struct ssum_report *report)
{
	struct seen *seen = user;

	strcat(strcat(seen->order, report->path), ";");
	if (!strcmp(report->path, "image")) {
		ck_assert_int_eq(report->error, 0);
		seen->offset = report->verdict == SSUM_HOLDS ? NOWHERE : report->offset;
	} else {
		ck_assert_int_eq(report->verdict, SSUM_HOLDS);
	}
	return ++seen->reports == seen->stop_at;
}

static int compare(const struct ssum_options *options, struct seen *seen,
		   struct ssum_summary *summary)
{
	struct ssum_context *context;
	const struct ssum_compare_options compare = {
		.size = sizeof(compare), .report = take_report, .user = seen};

	assert_ok(ssum_context_new(options, &context));
	int rc = ssum_compare_directories(context, "a", "b", &compare, summary);
	ssum_context_free(context);
	return rc;
}

/* The bytes changed in b, and the first difference that results. */
static const struct {
	uint64_t bytes[2]; /* bytes to change in b */
	uint64_t length;   /* new length of b, or 0 for the old one */
	uint64_t first;
} cases[] = {
	{{NOWHERE, NOWHERE}, 0, NOWHERE},
	{{0, NOWHERE}, 0, 0},
	{{PART_LENGTH - 1, NOWHERE}, 0, PART_LENGTH - 1},
	{{PART_LENGTH, NOWHERE}, 0, PART_LENGTH},
	{{2 * PART_LENGTH + 5, PART_LENGTH + 7}, 0, PART_LENGTH + 7},
	{{3 * PART_LENGTH, LENGTH - 1}, 0, 3 * PART_LENGTH},
	{{LENGTH - 1, NOWHERE}, 0, LENGTH - 1},
	{{LENGTH - 1, 12345}, 0, 12345},
	{{NOWHERE, NOWHERE}, LENGTH + 1, LENGTH},
	{{NOWHERE, NOWHERE}, 2 * PART_LENGTH, 2 * PART_LENGTH},
	{{PART_LENGTH, NOWHERE}, 2 * PART_LENGTH + 1, PART_LENGTH},
};

START_TEST(each_difference_is_found)
{
	static const enum ssum_holes policies[] = {SSUM_HOLES_AUTO, SSUM_HOLES_VERIFY,
						   SSUM_HOLES_READ};
	uint64_t first = cases[_i].first;

	if (!enter_scratch())
		skip("no tmpfs is mounted");
	make_directories();
	for (int i = 0; i < 2; i++)
		if (cases[_i].bytes[i] != NOWHERE)
			poke("b/image", cases[_i].bytes[i], '!');
	if (cases[_i].length)
		ck_assert(!truncate("b/image", (off_t)cases[_i].length));
	for (unsigned threads = 1; threads <= 4; threads++) {
		const struct ssum_options options = {
			.size = sizeof(options),
			.threads = threads,
			.holes = policies[(threads + (unsigned)_i) % ARRAY_SIZE(policies)]};
		struct seen seen = {.offset = 1};
		struct ssum_summary summary = {.size = sizeof(summary)};

		ck_assert_int_eq(compare(&options, &seen, &summary),
				 first == NOWHERE ? SSUM_HOLDS : SSUM_DIFFERS);
		ck_assert_uint_eq(seen.offset, first);
		ck_assert_str_eq(seen.order, "b;image;m/n;o/other;z;");
		if (first == NOWHERE)
			ck_assert_uint_eq(summary.bytes, 2 * LENGTH + 6);
	}
	leave_scratch();
	tried(39, 4);
}
END_TEST

/* A hole in both files is skipped: reading it would take years. */
START_TEST(holes_in_both_files_are_skipped)
{
	struct seen seen = {.offset = 1};

	if (!enter_scratch())
		skip("no tmpfs is mounted");
	ck_assert(!mkdir("a", 0755) && !mkdir("b", 0755));
	shell("truncate -s 1E a/image b/image && echo 1 >a/z && echo 1 >b/z");
	ck_assert_int_eq(compare(NULL, &seen, NULL), SSUM_HOLDS);
	ck_assert_uint_eq(seen.offset, NOWHERE);
	ck_assert_str_eq(seen.order, "image;z;");
	poke("b/image", UINT64_C(1) << 59, 'x');
	seen = (struct seen){.offset = 1};
	ck_assert_int_eq(compare(NULL, &seen, NULL), SSUM_DIFFERS);
	ck_assert_uint_eq(seen.offset, UINT64_C(1) << 59);
	poke("a/image", UINT64_C(1) << 59, 'x');
	seen.order[0] = '\0';
	ck_assert_int_eq(compare(NULL, &seen, NULL), SSUM_HOLDS);
	seen.order[0] = '\0';
	poke("a/image", 0, 'x');
	ck_assert_int_eq(compare(NULL, &seen, NULL), SSUM_DIFFERS);
	ck_assert_uint_eq(seen.offset, 0);
	ck_assert_str_eq(seen.order, "image;z;");
	leave_scratch();
}
END_TEST

/* ---- Changes and cancellation during the run ---- */

/* More parts than can be running at the first call of the progress callback. */
#define MANY 100

static void make_many_parts(void)
{
	ck_assert(!mkdir("a", 0755) && !mkdir("b", 0755));
	for (uint64_t i = 0; i < MANY; i++) {
		poke("a/image", i * PART_LENGTH, 'x');
		poke("b/image", i * PART_LENGTH, 'x');
	}
	poke("a/before", 0, 'x');
	poke("b/before", 0, 'x');
}

struct progress_calls {
	unsigned calls;
	int result;       /* result of the callback */
	uint64_t changed; /* a byte that is changed at the first call, or NOWHERE */
	uint64_t done;
};

static int take_progress(void *user, const struct ssum_progress *progress)
{
	struct progress_calls *calls = user;

	ck_assert(progress->bytes_done <= progress->bytes_due);
	ck_assert(progress->bytes_done >= calls->done || !calls->calls);
	if (!calls->calls++ && calls->changed != NOWHERE)
		poke("b/image", calls->changed, '!');
	return calls->result;
}

/* The part with the changed byte has already been compared. The files are read again, and the
   difference is found. In the second run only the times differ, and the files hold. */
START_TEST(changed_during_comparison)
{
	struct progress_calls calls = {.changed = 0};
	const struct ssum_options options = {
		.size = sizeof(options), .threads = 2, .progress = take_progress, .user = &calls};
	struct seen seen = {.offset = 1};

	if (!enter_scratch())
		skip("no tmpfs is mounted");
	make_many_parts();
	ck_assert_int_eq(compare(&options, &seen, NULL), SSUM_DIFFERS);
	ck_assert_uint_gt(calls.calls, 0);
	ck_assert_uint_eq(seen.offset, 0);
	ck_assert_str_eq(seen.order, "before;image;");

	poke("a/image", 0, '!');
	calls.calls = 0;
	seen = (struct seen){.offset = 1};
	ck_assert_int_eq(compare(&options, &seen, NULL), SSUM_HOLDS);
	ck_assert_uint_eq(seen.offset, NOWHERE);
	leave_scratch();
	tried(17, 2);
}
END_TEST

START_TEST(callbacks_can_stop_the_comparison)
{
	struct progress_calls calls = {.changed = NOWHERE, .result = 1};
	struct ssum_options options = {
		.size = sizeof(options), .threads = 2, .progress = take_progress, .user = &calls};
	struct seen seen = {.offset = 1};

	if (!enter_scratch())
		skip("no tmpfs is mounted");
	make_many_parts();
	assert_code(compare(&options, &seen, NULL), SSUM_ERR_CANCELLED);
	ck_assert_uint_eq(calls.calls, 1);
	options.progress = NULL;
	seen = (struct seen){.stop_at = 1};
	assert_code(compare(&options, &seen, NULL), SSUM_ERR_CANCELLED);
	ck_assert_uint_eq(seen.reports, 1);
	leave_scratch();
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{each_difference_is_found, ARRAY_SIZE(cases)},
		{holes_in_both_files_are_skipped, 0},
		{changed_during_comparison, 0},
		{callbacks_can_stop_the_comparison, 0},
	};

	return run_suite("compare_parts", tests, ARRAY_SIZE(tests));
}
