/* SPDX-License-Identifier: MIT */
/* Moved files: which are reported, and which are not. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/scratch.h"
#include "support/suite.h"
#include "sparsesum/package.h"

/* The manifest is written by another program. */
static void enter_scratch(const char *make, const char *damage)
{
	char command[1024];

	scratch_enter_tmpfs();
	snprintf(command, sizeof(command),
		 "mkdir p && cd p && { %s; } && find . -type f -printf '%%P\\0' | LC_ALL=C sort -z "
		 "| "
		 "xargs -0 sha1sum >../m && mv ../m SHA1SUMS && { %s; }",
		 make, damage);
	shell(command);
}

/* "verdict path>new name;" and "verdict path<listed name;" */
static char reported[65536];
static uint64_t seen[2], matched[2];

static int take_report(void *user, const struct ssum_report *report)
{
	size_t length = strlen(reported);

	(void)user;
	seen[report->verdict == SSUM_EXTRA] += report->verdict != SSUM_HOLDS;
	matched[report->verdict == SSUM_EXTRA] += report->moved != NULL;
	ck_assert(!report->moved || report->verdict == SSUM_MISSING ||
		  report->verdict == SSUM_EXTRA);
	if (report->verdict != SSUM_HOLDS)
		snprintf(reported + length, sizeof(reported) - length, "%s %s%s%s%s;",
			 ssum_verdict_name(report->verdict), report->path,
			 !report->moved                    ? ""
			 : report->verdict == SSUM_MISSING ? ">"
							   : "<",
			 report->moved ? report->moved : "",
			 report->lists_itself ? " in itself" : "");
	return 0;
}

static int verify(struct ssum_verify_options options)
{
	reported[0] = '\0';
	memset(seen, 0, sizeof(seen));
	memset(matched, 0, sizeof(matched));
	options.size = sizeof(options);
	options.report = take_report;
	return ssum_verify(NULL, "p", &options, NULL);
}

#define MAKE "mkdir s; echo a >a; echo b >b; echo c >s/c"

static const struct {
	const char *make, *damage; /* run in the package, before and after it is listed */
	const char *reported;
} cases[] = {
	{MAKE, "mv a x", "missing a>x;extra x<a;"},
	{MAKE, "mv a x; mv b y", "missing a>x;missing b>y;extra x<a;extra y<b;"},
	{MAKE, "mv a s/a", "missing a>s/a;extra s/a<a;"},
	{MAKE, "mv s/c c", "extra s;extra c<s/c;missing s/c>c;"},
	{MAKE, "mv s t", "missing s/c>t/c;extra t/c<s/c;"},
	/* no move is reported */
	{MAKE, "mv a x; echo >>x", "missing a;extra x;"},
	{MAKE, "rm a; cp b x", "missing a;extra x;"},
	{MAKE, "cp a x", "extra x;"},
	{MAKE, "rm a", "missing a;"},
	{MAKE, "mv a x; chmod 0 x", "missing a;extra x;"},
	{MAKE, "mv a ..; ln -s ../a x", "extra x;missing a;"},
	/* the other entries come first */
	{MAKE, "mv a x; ln -s b l; echo B >b", "differs b;extra l;missing a>x;extra x<a;"},
	/* several files with the same content: the most similar name, then the first one */
	{"echo a >a", "mv a x; cp x y", "missing a>x;extra x<a;extra y;"},
	{"echo a >a; cp a b", "mv a x; rm b", "missing a>x;missing b;extra x<a;"},
	{"echo a >a; cp a b", "mv b x; mv a y", "missing a>x;missing b>y;extra x<a;extra y<b;"},
	{"echo a >File; cp File other", "mv other a; mv File file",
	 "missing File>file;extra a<other;extra file<File;missing other>a;"},
	{"echo a >a; mkdir s; cp a s/z", "mkdir t; mv s/z t; mv a s/b",
	 "missing a>s/b;extra s/b<a;missing s/z>t/z;extra t/z<s/z;"},
	/* composed and decomposed */
	{"echo 1 >$(printf 'caf\\303\\251'); cp caf* dame",
	 "mv dame b; mv caf* $(printf 'cafe\\314\\201')",
	 "extra b<dame;extra cafe\314\201<caf\303\251;missing caf\303\251>cafe\314\201;"
	 "missing dame>b;"},
	/* empty files match only if their names are similar */
	{"touch empty; echo a >a", "rm empty; touch other", "missing empty;extra other;"},
	{"touch Empty; echo a >a", "mv Empty empty", "missing Empty>empty;extra empty<Empty;"},
	{"mkdir s; touch s/e; echo a >a", "mv s t", "missing s/e>t/e;extra t/e<s/e;"},
	{"touch $(printf '\\346\\274\\242.txt'); echo a >a",
	 "rm *.txt; touch $(printf '\\345\\255\\227.txt')",
	 "extra \345\255\227.txt;missing \346\274\242.txt;"},
	/* a manifest that lists itself */
	{"touch SHA1SUMS; echo a >a", ":", "differs SHA1SUMS in itself;"},
	{"echo a >a", "sha256sum SHA1SUMS a >SHA256SUMS", "extra SHA1SUMS;"},
	{"echo a >a", "sha256sum a SHA1SUMS >m; mv m SHA256SUMS; echo '# x' >>SHA1SUMS",
	 "differs SHA1SUMS;"},
};

START_TEST(each_kind_of_move)
{
	enter_scratch(cases[_i].make, cases[_i].damage);
	ck_assert(!seteuid(65534));
	int rc = verify((struct ssum_verify_options){0});
	ck_assert(!seteuid(0));
	ck_assert_msg(!strcmp(reported, cases[_i].reported), "%s: reported %s", cases[_i].damage,
		      reported);
	assert_code(rc, SSUM_DIFFERS);
	scratch_leave();
}
END_TEST

START_TEST(digests_of_all_algorithms_must_match)
{
	enter_scratch("echo a >a; echo b >b", "sha256sum a b >SHA256SUMS; mv a x");
	assert_code(verify((struct ssum_verify_options){0}), SSUM_DIFFERS);
	ck_assert_str_eq(reported, "missing a>x;extra x<a;");
	shell("cd p && { sha256sum b | sed 's/  b/  a/' && sha256sum b; } >SHA256SUMS");
	assert_code(verify((struct ssum_verify_options){0}), SSUM_DIFFERS);
	ck_assert_str_eq(reported, "missing a;extra x;");
	scratch_leave();
}
END_TEST

/* Each file is listed with only one of two algorithms. */
START_TEST(each_algorithm_matches)
{
	enter_scratch("echo a >a; echo b >b",
		      "sha256sum b >SHA256SUMS; sed -i '/  b/d' SHA1SUMS; mv a x; mv b y");
	assert_code(verify((struct ssum_verify_options){0}), SSUM_DIFFERS);
	ck_assert_str_eq(reported, "missing a>x;missing b>y;extra x<a;extra y<b;");
	scratch_leave();
}
END_TEST

START_TEST(allowed_extra_files)
{
	struct ssum_verify_options options = {.allow_extra = 1};

	enter_scratch("echo a >a; echo b >b", "echo c >c");
	assert_code(verify(options), SSUM_HOLDS);
	shell("mv p/a p/x");
	assert_code(verify(options), SSUM_DIFFERS);
	ck_assert_str_eq(reported, "missing a>x;extra c;extra x<a;");
	scratch_leave();
}
END_TEST

/* The manifest is given by path, and is in the package under that name or another one. */
START_TEST(named_manifest_in_itself)
{
	static const char *const paths[] = {"p/list", NULL};
	struct ssum_verify_options options = {.manifests = paths, .algorithm = "sha1"};

	enter_scratch("touch list; echo a >a", "mv SHA1SUMS list");
	assert_code(verify(options), SSUM_DIFFERS);
	ck_assert_str_eq(reported, "differs list in itself;");
	scratch_leave();
}
END_TEST

/* ---- Many files ---- */

START_TEST(number_of_matched_files_is_limited)
{
	enter_scratch("mkdir s; seq 5000 | split -l 1 -a 4 - s/", "mv s t");
	assert_code(verify((struct ssum_verify_options){0}), SSUM_DIFFERS);
	ck_assert_uint_eq(seen[0], 5000);
	ck_assert_uint_eq(seen[1], 5000);
	ck_assert_uint_eq(matched[0], 4096);
	ck_assert_uint_eq(matched[1], 4096);
	scratch_leave();
}
END_TEST

START_TEST(many_files_with_the_same_content)
{
	enter_scratch("mkdir s; yes | head -4000 | split -l 1 -a 4 - s/", "mv s t");
	assert_code(verify((struct ssum_verify_options){0}), SSUM_DIFFERS);
	ck_assert_uint_eq(matched[0], 4000);
	ck_assert(strstr(reported, "missing s/aaaa>t/aaaa;"));
	scratch_leave();
}
END_TEST

/* ---- Cancellation ---- */

static struct ssum_context *context;
static uint64_t ticks;

static int cancel_in_second_pass(void *user, const struct ssum_progress *progress)
{
	(void)user;
	ticks++;
	ck_assert_uint_le(progress->bytes_done, progress->bytes_due);
	/* More bytes than the listed files have, so extra files are being hashed. */
	if (progress->bytes_done > (uint64_t)1 << 20)
		ssum_cancel(context);
	return 0;
}

START_TEST(cancel_stops_the_second_pass)
{
	const struct ssum_options settings = {.size = sizeof(settings),
					      .progress = cancel_in_second_pass,
					      .holes = SSUM_HOLES_READ};
	struct ssum_verify_options options = {.size = sizeof(options), .report = take_report};

	reported[0] = '\0';
	enter_scratch("echo a >a; echo b >b", "rm a; truncate -s 1T x || exit 0");
	assert_ok(ssum_context_new(&settings, &context));
	assert_code(ssum_verify(context, "p", &options, NULL), SSUM_ERR_CANCELLED);
	ck_assert_str_eq(reported, "");
	ck_assert_uint_gt(ticks, 0);
	ssum_context_free(context);
	scratch_leave();
}
END_TEST

static int stop(void *user, const struct ssum_report *report)
{
	(void)user;
	return report->verdict == SSUM_MISSING;
}

START_TEST(report_callback_stops_the_verification)
{
	struct ssum_verify_options options = {.size = sizeof(options), .report = stop};

	enter_scratch("echo a >a; echo b >b", "mv a x; mv b y");
	assert_code(ssum_verify(NULL, "p", &options, NULL), SSUM_ERR_CANCELLED);
	scratch_leave();
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{each_kind_of_move, ARRAY_SIZE(cases)},
		{digests_of_all_algorithms_must_match, 0},
		{each_algorithm_matches, 0},
		{allowed_extra_files, 0},
		{named_manifest_in_itself, 0},
		{number_of_matched_files_is_limited, 0},
		{many_files_with_the_same_content, 0},
		{cancel_stops_the_second_pass, 0},
		{report_callback_stops_the_verification, 0},
	};

	return run_suite("verify_moves", tests, ARRAY_SIZE(tests));
}
