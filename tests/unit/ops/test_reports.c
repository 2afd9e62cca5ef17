/* SPDX-License-Identifier: MIT */
/* The reports of ssum_verify(): their order, which members each kind has, and the totals. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/files.h"
#include "support/oracle.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "sparsesum/package.h"

struct reports {
	uint64_t count, entries, by_verdict[SSUM_VERDICT_COUNT];
	enum ssum_report_kind last_kind; /* of those before entries */
	bool had_manifest, had_entry, had_missing_or_extra;
	bool had_kind[SSUM_REPORT_CHECKPOINTS + 1];
	char last_path[100];
	uint64_t stop_after;
};

/* A package with an entry of each verdict that needs no faults, and checkpoints that cannot be
   read; and perhaps a line that is rejected, which could list what is extra otherwise. */
static void make_package(bool has_bad_line)
{
	scratch_enter();
	free(run_command(
		NULL,
		"mkdir p && cd p && mkdir sub empty fifo && rmdir fifo && ln -s target link && "
		"for f in holds differs gone sub/holds zz; do seq 10000 >$f; done && "
		"sha1sum holds differs gone sub/holds zz >SHA1SUMS && "
		"printf '# symlink\\tlink\\ttarget\\n# folder\\tempty\\n' >>SHA1SUMS && "
		"echo nonsense >SHA1SUMS.checkpoints && "
		"echo x >>differs && rm gone && echo new >extra && ln -s x sub/extra && "
		"mkfifo sub/fifo"));
	if (has_bad_line)
		free(run_command(NULL, "echo nonsense >>p/SHA1SUMS"));
}

static bool is_empty(const struct ssum_report_side *side)
{
	return !side->type && !side->length && !side->digest && !side->target;
}

/* The table in the header. */
static void check_members(const struct ssum_report *report)
{
	const struct ssum_digest *expected = report->expected.digest, *found = report->found.digest;
	bool is_entry = report->kind == SSUM_REPORT_ENTRY;

	ck_assert_uint_eq(report->size, sizeof(*report));
	ck_assert(report->path && *report->path);
	switch (report->kind) {
	case SSUM_REPORT_ENTRY:
		ck_assert_ptr_nonnull(report->manifest);
		ck_assert(!report->error);
		ck_assert((report->expected.type != SSUM_TYPE_UNKNOWN) == (report->line > 0));
		ck_assert((report->verdict == SSUM_EXTRA || report->verdict == SSUM_UNDECIDED) ==
			  (report->expected.type == SSUM_TYPE_UNKNOWN));
		ck_assert((report->verdict == SSUM_MISSING) ==
			  (report->found.type == SSUM_TYPE_UNKNOWN));
		break;
	case SSUM_REPORT_MANIFEST:
		ck_assert(report->verdict == SSUM_HOLDS || report->verdict == SSUM_DIFFERS);
		ck_assert(!report->error && !report->manifest && !report->line);
		ck_assert_str_eq(report->algorithm, "sha1");
		ck_assert_ptr_nonnull(found);
		ck_assert((report->verdict == SSUM_DIFFERS) ==
			  (expected && !ssum_digest_equal(expected, found)));
		break;
	default:
		ck_assert_int_eq(report->verdict, SSUM_BAD_LINE);
		ck_assert(report->error && report->manifest && report->line);
		ck_assert(!report->algorithm);
		ck_assert(is_empty(&report->expected) && is_empty(&report->found));
	}
	ck_assert(is_entry || (!report->damaged && !report->damaged_count && !report->explanation &&
			       !report->moved && !report->other_name && !report->other_is_listed &&
			       !report->lists_itself));
	ck_assert_uint_eq(report->offset, 0); /* only in comparisons */
	ck_assert_uint_eq(report->forms, 0);  /* the manifest is in the form of sha1sum */
}

static void check_order(struct reports *reports, const struct ssum_report *report)
{
	bool is_last =
		(report->verdict == SSUM_MISSING && report->expected.type == SSUM_TYPE_FILE) ||
		((report->verdict == SSUM_EXTRA || report->verdict == SSUM_UNDECIDED) &&
		 report->found.type == SSUM_TYPE_FILE);

	if (report->kind == SSUM_REPORT_LINE)
		ck_assert(!reports->had_manifest && !reports->had_entry);
	if (report->kind == SSUM_REPORT_MANIFEST)
		ck_assert(!reports->had_entry);
	reports->had_manifest |= report->kind == SSUM_REPORT_MANIFEST;
	if (report->kind != SSUM_REPORT_ENTRY)
		return;
	reports->had_entry = true;
	/* Missing and extra files come after all others, each in the order of their paths. */
	ck_assert(is_last || !reports->had_missing_or_extra);
	if (is_last && !reports->had_missing_or_extra)
		*reports->last_path = '\0';
	reports->had_missing_or_extra |= is_last;
	ck_assert_str_gt(report->path, reports->last_path);
	snprintf(reports->last_path, sizeof(reports->last_path), "%s", report->path);
}

static int check_report(void *user, const struct ssum_report *report)
{
	struct reports *reports = user;

	check_members(report);
	check_order(reports, report);
	reports->had_kind[report->kind] = true;
	reports->count++;
	if (report->kind == SSUM_REPORT_ENTRY || report->kind == SSUM_REPORT_LINE) {
		reports->entries++;
		reports->by_verdict[report->verdict]++;
	}
	return reports->stop_after && reports->count == reports->stop_after;
}

static int verify(struct reports *reports, struct ssum_summary *summary)
{
	const struct ssum_verify_options options = {
		.size = sizeof(options), .report = check_report, .user = reports};

	*summary = (struct ssum_summary){.size = sizeof(*summary)};
	return ssum_verify(NULL, "p", &options, summary);
}

START_TEST(members_order_and_totals)
{
	struct ssum_summary summary;
	struct reports reports = {0};

	make_package(_i);
	assert_code(verify(&reports, &summary), SSUM_DIFFERS);
	for (int i = 0; i <= SSUM_REPORT_CHECKPOINTS; i++)
		ck_assert_int_eq(reports.had_kind[i], i != SSUM_REPORT_LINE || _i);
	ck_assert_uint_eq(summary.entries, reports.entries);
	for (int i = 0; i < SSUM_VERDICT_COUNT; i++)
		ck_assert_uint_eq(summary.count[i], reports.by_verdict[i]);
	ck_assert_uint_eq(summary.count[SSUM_HOLDS], 5); /* holds sub/holds zz link empty */
	ck_assert_uint_eq(summary.count[SSUM_DIFFERS], 1);
	ck_assert_uint_eq(summary.count[SSUM_MISSING], 1);
	/* extra sub/extra sub/fifo */
	ck_assert_uint_eq(summary.count[_i ? SSUM_UNDECIDED : SSUM_EXTRA], 3);
	ck_assert_uint_eq(summary.count[SSUM_BAD_LINE], (uint64_t)_i);
	scratch_leave();
}
END_TEST

/* Whenever it ends, the totals are those of the reports up to then. */
START_TEST(totals_after_a_cancellation)
{
	struct ssum_summary summary;
	struct reports reports = {0};
	uint64_t all;

	make_package(true);
	assert_code(verify(&reports, &summary), SSUM_DIFFERS);
	all = reports.count;
	for (uint64_t i = 1; i <= all; i++) {
		reports = (struct reports){.stop_after = i};
		assert_code(verify(&reports, &summary), SSUM_ERR_CANCELLED);
		ck_assert_uint_eq(reports.count, i);
		ck_assert_uint_eq(summary.entries, reports.entries);
	}
	scratch_leave();
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{members_order_and_totals, 2},
		{totals_after_a_cancellation, 0},
	};

	return run_suite("reports", tests, ARRAY_SIZE(tests));
}
