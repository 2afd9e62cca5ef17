/* SPDX-License-Identifier: MIT */
/* An interrupted and resumed run has the result of an uninterrupted one, even if the journal or the
   files were changed. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/files.h"
#include "support/oracle.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "sparsesum/package.h"

#define INTERVAL ((size_t)32 << 10)

/* Files in the order of the walk; the last one is where the first run ends. */
static const struct {
	const char *name;
	size_t length;
} files[] = {
	{"p/a", 3 * INTERVAL + 17},
	{"p/b", 4 * INTERVAL},
	{"p/c\td", 2 * INTERVAL},
	{"p/small", 100},
	{"p/z", 1},
};

#define BYTES_BEFORE_Z (9 * INTERVAL + 17)
#define LONGEST (4 * INTERVAL)

static unsigned char content[LONGEST];
static struct ssum_context *context; /* with one thread */

static void enter_scratch(void)
{
	const struct ssum_options options = {.size = sizeof(options), .threads = 1};
	uint64_t seed = 21;

	scratch_enter_tmpfs();
	ck_assert(!mkdir("p", 0755));
	fill_random(content, sizeof(content), &seed);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		write_file(files[i].name, content + i, files[i].length - (i == 1));
	usleep(20000); /* so that no test has to wait for a clock tick */
	assert_ok(ssum_context_new(&options, &context));
}

static void leave_scratch(void)
{
	ssum_context_free(context);
	scratch_leave();
}

/* ---- Runs ---- */

static const char *stop_at; /* the run is interrupted by this report */
static unsigned held, different, warned;

static int take_report(void *user, const struct ssum_report *report)
{
	(void)user;
	if (report->found.type == SSUM_TYPE_FILE) {
		held += report->verdict == SSUM_HOLDS;
		different += report->verdict == SSUM_DIFFERS;
	}
	warned += report->kind == SSUM_REPORT_CHECKPOINTS;
	return stop_at && report->path && !strcmp(report->path, stop_at);
}

static struct ssum_summary summary;

/* Reports and totals are those of a single run. */
static struct ssum_summary *new_summary(void)
{
	held = different = warned = 0;
	summary = (struct ssum_summary){.size = sizeof(summary)};
	return &summary;
}

static int create_with(struct ssum_create_options *options)
{
	options->size = sizeof(*options);
	options->report = take_report;
	return ssum_create(context, "p", options, new_summary());
}

static int create(const char *journal, int resume)
{
	struct ssum_create_options options = {
		.checkpoints = INTERVAL, .journal = journal, .resume = resume};

	return create_with(&options);
}

static int verify_with(struct ssum_verify_options *options)
{
	options->size = sizeof(*options);
	options->report = take_report;
	return ssum_verify(context, "p", options, new_summary());
}

static int verify(const char *journal, int resume)
{
	struct ssum_verify_options options = {.journal = journal, .resume = resume};

	return verify_with(&options);
}

/* Interrupt a run, and keep its journal as "kept". */
static void interrupt(int (*run)(const char *journal, int resume))
{
	stop_at = "z";
	assert_code(run("kept", 0), SSUM_ERR_CANCELLED);
	stop_at = NULL;
	ck_assert(!access("kept", R_OK));
}

struct text_file {
	char *text;
	size_t length;
};

static struct text_file take_file(const char *path)
{
	struct text_file file;

	file.text = read_file(path, &file.length);
	return file;
}

static bool same_file(const struct text_file *a, const char *path)
{
	struct text_file b = take_file(path);
	bool same = a->length == b.length && !memcmp(a->text, b.text, b.length);

	free(b.text);
	return same;
}

/* Resume a run from the journal, truncated after each line. */
static void from_each_line(const struct text_file *journal, const char *what,
			   void (*expect)(const void *journal, size_t length, const char *what,
					  size_t which))
{
	for (size_t cut = 0; cut < journal->length; cut++)
		if (journal->text[cut] == '\n')
			expect(journal->text, cut + 1, what, cut);
}

/* The manifest and the checkpoints of an uninterrupted run. */
static struct text_file manifest, checkpoints;

static void make_expected_files(void)
{
	assert_ok(create(NULL, 0));
	shell("cd p && sha1sum --quiet -c SHA1SUMS");
	manifest = take_file("p/SHA1SUMS");
	checkpoints = take_file("p/SHA1SUMS.checkpoints");
}

static void free_expected_files(void)
{
	free(manifest.text);
	free(checkpoints.text);
}

static void assert_expected_files(const char *what, size_t which)
{
	ck_assert_msg(same_file(&manifest, "p/SHA1SUMS"), "%s %zu: another manifest", what, which);
	ck_assert_msg(same_file(&checkpoints, "p/SHA1SUMS.checkpoints"),
		      "%s %zu: other checkpoints", what, which);
	ck_assert_msg(access("journal", F_OK) && errno == ENOENT, "%s %zu: a journal is left", what,
		      which);
}

static void expect_create(const void *journal, size_t length, const char *what, size_t which)
{
	write_file("journal", journal, length);
	ck_assert(!unlink("p/SHA1SUMS") && !unlink("p/SHA1SUMS.checkpoints"));
	int rc = create("journal", 1);
	ck_assert_msg(rc == 0, "%s %zu: %d", what, which, rc);
	assert_expected_files(what, which);
}

/* ---- Create ---- */

START_TEST(create_resumes)
{
	enter_scratch();
	make_expected_files();
	interrupt(create);
	struct text_file journal = take_file("kept");
	expect_create(journal.text, journal.length, "the whole journal", 0);
	ck_assert_uint_eq(summary.resumed, BYTES_BEFORE_Z - 1);
	ck_assert_uint_eq(held, ARRAY_SIZE(files));
	char *listed = run_command(NULL, "cd p && LC_ALL=C ls -AQ | tr '\\n' ' '");
	ck_assert_str_eq(listed, "\"SHA1SUMS\" \"SHA1SUMS.checkpoints\" \"a\" \"b\" \"c\\td\" "
				 "\"small\" \"z\" ");
	free(listed);

	/* Without `resume`, the journal is not used. */
	write_file("journal", journal.text, journal.length);
	assert_ok(create("journal", 0));
	ck_assert_uint_eq(summary.resumed, 0);
	assert_expected_files("not resumed", 0);
	free(journal.text);
	free_expected_files();
	leave_scratch();
}
END_TEST

START_TEST(create_resumes_from_a_journal_cut_at_each_byte)
{
	enter_scratch();
	make_expected_files();
	interrupt(create);
	struct text_file journal = take_file("kept");
	uint64_t before = 0;
	for (size_t cut = 0; cut <= journal.length; cut++) {
		expect_create(journal.text, cut, "cut at", cut);
		ck_assert_uint_ge(summary.resumed, before);
		before = summary.resumed;
	}
	free(journal.text);
	free_expected_files();
	leave_scratch();
}
END_TEST

START_TEST(create_resumes_from_a_journal_with_each_byte_changed)
{
	enter_scratch();
	make_expected_files();
	interrupt(create);
	struct text_file journal = take_file("kept");
	for (size_t at = 0; at < journal.length; at++) {
		static const char bytes[] = {'\n', '0', '\t'};
		char byte = journal.text[at];

		journal.text[at] = at % 2 ? (char)(byte ^ 1) : bytes[at / 2 % 3];
		expect_create(journal.text, journal.length, "byte", at);
		journal.text[at] = byte;
	}
	free(journal.text);
	free_expected_files();
	leave_scratch();
}
END_TEST

/* A run that is resumed and interrupted again, at every file. */
START_TEST(create_interrupted_many_times)
{
	static const char *const stops[] = {"a", "b", "c\td", "small", "z"};

	enter_scratch();
	make_expected_files();
	for (size_t from = 0; from < ARRAY_SIZE(stops); from++) {
		ck_assert(unlink("journal") == 0 || errno == ENOENT);
		ck_assert(!unlink("p/SHA1SUMS") && !unlink("p/SHA1SUMS.checkpoints"));
		for (size_t i = from; i < ARRAY_SIZE(stops); i++) {
			stop_at = stops[i];
			assert_code(create("journal", 1), SSUM_ERR_CANCELLED);
			ck_assert(access("p/SHA1SUMS", F_OK));
		}
		stop_at = NULL;
		assert_ok(create("journal", 1));
		ck_assert_uint_ge(summary.resumed, BYTES_BEFORE_Z - 1);
		assert_expected_files("stop", from);
	}
	free_expected_files();
	leave_scratch();
}
END_TEST

/* ---- Changes between two runs ---- */

static const char *const changes[] = {
	"printf x | dd of=p/a bs=1 seek=40000 conv=notrunc status=none",
	"touch -r p/a t; printf x | dd of=p/a bs=1 seek=9 conv=notrunc status=none; touch -r t p/a",
	"touch p/a",
	("cp p/a n; printf y | dd of=n bs=1 seek=70000 conv=notrunc status=none; touch -r p/a n; "
	 "mv "
	 "n p/a"),
	"mv p/a n; mv p/b p/a; mv n p/b",
	"truncate -s -1 p/b",
	"truncate -s +1 p/b",
	"truncate -s 40000 p/b",
	"truncate -s 32768 p/b",
	"truncate -s 10 p/b",
	"truncate -s 0 p/b",
	"truncate -s 1M p/b",
	"rm p/a",
	"rm p/a; mkdir p/a",
	"rm p/a; ln -s b p/a",
	"mv p/a x; ln -s ../x p/a",
	"echo new >p/0; echo new >p/zz; mkdir p/new",
	"rm p/[!S]*; for f in a b small z; do seq 20000 >p/$f; done",
};

/* From every line of the journal, the result is that of the current files. */
START_TEST(create_after_changes)
{
	enter_scratch();
	make_expected_files();
	free_expected_files();
	interrupt(create);
	struct text_file journal = take_file("kept");
	shell(changes[_i]);
	usleep(20000);
	make_expected_files();
	from_each_line(&journal, changes[_i], expect_create);
	free(journal.text);
	free_expected_files();
	leave_scratch();
}
END_TEST

/* ---- Verify ---- */

static void without_journal(int *rc, unsigned *holds, unsigned *differ)
{
	*rc = verify(NULL, 0);
	*holds = held;
	*differ = different;
}

static void expect_verify(const void *journal, size_t length, const char *what, size_t which)
{
	unsigned holds, differ;
	int expected;

	without_journal(&expected, &holds, &differ);
	write_file("journal", journal, length);
	int rc = verify("journal", 1);
	ck_assert_msg(rc == expected && held == holds && different == differ,
		      "%s %zu: %d, %u hold, %u differ; not %d, %u, %u", what, which, rc, held,
		      different, expected, holds, differ);
	ck_assert_msg(access("journal", F_OK), "%s %zu: a journal is left", what, which);
}

/* The journal next to the manifest. */
static const char *const besides[] = {
	":",
	"rm p/SHA1SUMS.checkpoints",
	"sed -i '4s/^..../0000/' p/SHA1SUMS.checkpoints",
	"sed -i '3,4s/^..../0000/; 9,10s/^..../0000/' p/SHA1SUMS.checkpoints",
	("sed -i 's/^[0-9a-f]\\{40\\}$/67452301efcdab8998badcfe10325476c3d2e1f0/' "
	 "p/SHA1SUMS.checkpoints"),
};

/* A run with other checkpoints resumes from every line of the journal. */
START_TEST(verify_resumes)
{
	const char *first = besides[(size_t)_i / ARRAY_SIZE(besides)];
	const char *then = besides[(size_t)_i % ARRAY_SIZE(besides)];

	enter_scratch();
	assert_ok(create(NULL, 0));
	shell("cp p/SHA1SUMS.checkpoints good");
	shell(first);
	interrupt(verify);
	struct text_file journal = take_file("kept");
	shell("cp good p/SHA1SUMS.checkpoints");
	shell(then);
	from_each_line(&journal, "line at", expect_verify);
	ck_assert_uint_gt(summary.resumed, 0);
	free(journal.text);
	leave_scratch();
}
END_TEST

START_TEST(verify_resumes_from_a_damaged_journal)
{
	enter_scratch();
	assert_ok(create(NULL, 0));
	interrupt(verify);
	struct text_file journal = take_file("kept");
	for (size_t at = 0; at < journal.length; at++) {
		char byte = journal.text[at];

		if (at % 2)
			expect_verify(journal.text, at, "cut at", at);
		journal.text[at] = (char)(byte ^ (at % 3 ? 1 : 8));
		expect_verify(journal.text, journal.length, "byte", at);
		journal.text[at] = byte;
	}
	free(journal.text);
	leave_scratch();
}
END_TEST

static void with_checkpoints_and_without(const struct text_file *journal, const char *what)
{
	from_each_line(journal, what, expect_verify);
	shell("rm -f p/SHA1SUMS.checkpoints");
	from_each_line(journal, what, expect_verify);
}

START_TEST(verify_after_changes)
{
	enter_scratch();
	assert_ok(create(NULL, 0));
	interrupt(verify);
	struct text_file journal = take_file("kept");
	shell("mkdir keep && cp p/SHA1SUMS* keep");
	shell(changes[_i]);
	shell("cp keep/* p");
	usleep(20000);
	with_checkpoints_and_without(&journal, changes[_i]);
	free(journal.text);
	leave_scratch();
}
END_TEST

/* The second run finds damage that was there before the first one. */
START_TEST(damage_before_the_first_run_is_found)
{
	enter_scratch();
	assert_ok(create(NULL, 0));
	shell(changes[_i]);
	usleep(20000);
	interrupt(verify);
	struct text_file journal = take_file("kept");
	with_checkpoints_and_without(&journal, changes[_i]);
	free(journal.text);
	leave_scratch();
}
END_TEST

/* ---- Journals of other operations ---- */

START_TEST(journal_of_another_operation_is_not_used)
{
	static const char *const sha256[] = {"sha256", NULL};
	struct ssum_create_options other_algorithm = {
		.algorithms = sha256, .checkpoints = INTERVAL, .journal = "journal", .resume = 1};
	struct ssum_create_options other_interval = {
		.checkpoints = 2 * INTERVAL, .journal = "journal", .resume = 1};
	struct ssum_create_options other_manifest = {
		.manifest = "m", .checkpoints = INTERVAL, .journal = "journal", .resume = 1};

	enter_scratch();
	interrupt(create);
	shell("cp kept journal");
	assert_ok(create_with(&other_algorithm));
	ck_assert_uint_eq(summary.resumed, 0);
	shell("cd p && sha256sum --quiet -c SHA256SUMS && rm SHA256SUMS*; cp ../kept ../journal");
	assert_ok(create_with(&other_interval));
	ck_assert_uint_eq(summary.resumed, 0);
	shell("cp kept journal");
	assert_ok(create_with(&other_manifest));
	ck_assert_uint_eq(summary.resumed, 0);
	shell("cd p && sha1sum --quiet -c ../m && rm ../m*; cp ../kept ../journal");
	assert_ok(verify("journal", 1));
	ck_assert_uint_eq(summary.resumed, 0);

	/* A copy of the directory is a different directory, even at the same path. */
	shell("cp -a p q; mv p r; mv q p; cp kept journal");
	assert_ok(create("journal", 1));
	ck_assert_uint_eq(summary.resumed, 0);

	/* A manifest that lists another digest. */
	interrupt(verify);
	shell("cp kept journal; sed -i '1s/^./x/; 1y/x/f/' p/SHA1SUMS; sed -i '1s/^./e/' "
	      "p/SHA1SUMS");
	assert_code(verify("journal", 1), SSUM_DIFFERS);
	ck_assert_uint_eq(summary.resumed, 0);
	leave_scratch();
}
END_TEST

/* Files that were read with another --holes policy are read again, so that a run with --holes=read
   reads every byte. */
START_TEST(journal_with_other_holes_is_not_used)
{
	const struct ssum_options trusting = {
		.size = sizeof(trusting), .threads = 1, .holes = SSUM_HOLES_TRUST};

	enter_scratch();
	struct ssum_context *reading = context;
	assert_ok(ssum_context_new(&trusting, &context));
	interrupt(create);
	ssum_context_free(context);
	context = reading;
	shell("cp kept journal");
	assert_ok(create("journal", 1));
	ck_assert_uint_eq(summary.resumed, 0);

	assert_ok(ssum_context_new(&trusting, &context));
	interrupt(verify);
	ssum_context_free(context);
	context = reading;
	shell("cp kept journal");
	assert_ok(verify("journal", 1));
	ck_assert_uint_eq(summary.resumed, 0);
	leave_scratch();
}
END_TEST

/* ---- Invalid journals ---- */

static const struct {
	const char *place, *untouched; /* commands: make another object at the path of the journal,
					  and check that it is unchanged */
} places[] = {
	{"mkdir journal", "test -d journal"},
	{"mkfifo journal", "test -p journal"},
	{"mknod journal c 1 3", "test -c journal"},
	{"cp kept x; ln -s x journal", "test -L journal && cmp x kept"},
	{"ln -s nowhere journal", "test -L journal && ! test -e nowhere"},
	{"cp kept journal; chmod 660 journal", "cmp journal kept"},
	{"cp kept journal; chmod 602 journal", "cmp journal kept"},
	{"cp kept journal; chown 65534 journal", "cmp journal kept"},
	{"touch x; ln -s x/y journal", "test -L journal"},
};

/* The object is not read, changed or removed, and the operation runs without a journal. */
START_TEST(other_objects_at_the_path_of_the_journal)
{
	enter_scratch();
	for (int resume = 0; resume < 2; resume++) {
		shell("rm -rf journal x");
		interrupt(create);
		shell(places[_i].place);
		assert_ok(create("journal", resume));
		ck_assert_uint_eq(summary.resumed, 0);
		shell(places[_i].untouched);
		assert_ok(verify("journal", resume));
		ck_assert_uint_eq(summary.resumed, 0);
		shell(places[_i].untouched);
		stop_at = "z";
		assert_code(verify("journal", resume), SSUM_ERR_CANCELLED);
		stop_at = NULL;
		shell(places[_i].untouched);
	}
	leave_scratch();
}
END_TEST

START_TEST(journal_that_cannot_be_created)
{
	enter_scratch();
	shell("touch file");
	assert_ok(create("file/journal", 0));
	assert_ok(create("file/journal", 1));
	assert_ok(verify("file/journal", 1));
	assert_ok(create("p/a/journal", 1));
	stop_at = "z";
	assert_code(create("file/journal", 0), SSUM_ERR_CANCELLED);
	stop_at = NULL;
	leave_scratch();
}
END_TEST

/* The directories of a journal are created with it, so only if a run is interrupted. */
START_TEST(directories_of_a_journal_are_created)
{
	enter_scratch();
	assert_ok(create("new/directory/journal", 0));
	assert_ok(verify("new/directory/journal", 1));
	shell("test ! -e new");
	stop_at = "z";
	assert_code(create("new/directory/journal", 0), SSUM_ERR_CANCELLED);
	stop_at = NULL;
	shell("test $(stat -c %a new) = 700 && test $(stat -c %a new/directory) = 700");
	shell("test $(stat -c %a new/directory/journal) = 600");
	assert_ok(create("new/directory/journal", 1));
	ck_assert_uint_gt(summary.resumed, 0);
	shell("test ! -e new/directory/journal");
	leave_scratch();
}
END_TEST

/* If another process holds the journal, this one runs without a journal. */
START_TEST(locked_journal_is_not_used)
{
	enter_scratch();
	interrupt(create);
	shell("cp kept journal");
	int fd = open("journal", O_RDWR);
	ck_assert(fd >= 0 && !flock(fd, LOCK_EX));
	for (int resume = 0; resume < 2; resume++) {
		stop_at = "z";
		assert_code(create("journal", resume), SSUM_ERR_CANCELLED);
		if (!resume) /* otherwise the run has nothing new to save */
			ck_assert_int_eq(summary.journal_taken, 1);
		stop_at = NULL;
		shell("cmp journal kept");
		assert_ok(create("journal", resume));
		shell("cmp journal kept && rm p/SHA1SUMS*");
	}
	close(fd);
	assert_ok(create("journal", 1));
	ck_assert_int_eq(summary.journal_taken, 0);
	shell("test ! -e journal");
	leave_scratch();
}
END_TEST

/* ---- Bytes that are not read again ---- */

static uint64_t bytes_read(void)
{
	unsigned long long count = 0;
	size_t length;
	char *text = read_file("/proc/self/io", &length), *at = strstr(text, "rchar: ");

	ck_assert(at && sscanf(at, "rchar: %llu", &count) == 1);
	free(text);
	return count;
}

START_TEST(resuming_reads_less)
{
	enter_scratch();
	uint64_t start = bytes_read();
	interrupt(create);
	uint64_t all = bytes_read() - start;
	ck_assert_uint_ge(all, BYTES_BEFORE_Z - 1);
	shell("cp kept journal");
	start = bytes_read();
	assert_ok(create("journal", 1));
	ck_assert_uint_lt(bytes_read() - start, all / 4);

	interrupt(verify);
	shell("cp kept journal");
	start = bytes_read();
	assert_ok(verify("journal", 1));
	ck_assert_uint_lt(bytes_read() - start, all / 4);
	leave_scratch();
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{create_resumes, 0},
		{create_resumes_from_a_journal_cut_at_each_byte, 0},
		{create_resumes_from_a_journal_with_each_byte_changed, 0},
		{create_interrupted_many_times, 0},
		{create_after_changes, ARRAY_SIZE(changes)},
		{verify_resumes, ARRAY_SIZE(besides) * ARRAY_SIZE(besides)},
		{verify_resumes_from_a_damaged_journal, 0},
		{verify_after_changes, ARRAY_SIZE(changes)},
		{damage_before_the_first_run_is_found, ARRAY_SIZE(changes)},
		{journal_of_another_operation_is_not_used, 0},
		{journal_with_other_holes_is_not_used, 0},
		{other_objects_at_the_path_of_the_journal, ARRAY_SIZE(places)},
		{journal_that_cannot_be_created, 0},
		{directories_of_a_journal_are_created, 0},
		{locked_journal_is_not_used, 0},
		{resuming_reads_less, 0},
	};

	return run_suite("resume", tests, ARRAY_SIZE(tests));
}
