/* SPDX-License-Identifier: MIT */
/* Hashing, comparing and explaining files with faults: no digest after an error, and no wrong
   verdict. hazards 20, 33, 34, 40. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/faults/trial.h"
#include "manifest/checkpoints.h"
#include "manifest/lines.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/scratch.h"
#include "sparsesum/package.h"

#define INTERVAL 65536
#define SIZE 300000
#define CHANGED_AT 110000

/* "sparse" and "dense" have the same content; "other" has one byte changed. */
static unsigned char content[SIZE];
static struct ssum_digest right[2]; /* of "sparse": sha1, sha3-256 */
static struct ssum_checkpoints *checkpoints;

static void write_sparse(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0644);

	ck_assert(!ftruncate(fd, SIZE));
	ck_assert_int_eq(pwrite(fd, content, 5000, 0), 5000);
	ck_assert_int_eq(pwrite(fd, content + 100000, 70000, 100000), 70000);
	close(fd);
}

static void enter_scratch(void)
{
	uint64_t state = 1;

	scratch_enter_tmpfs();
	ck_assert(!mkdir("a", 0755) && !mkdir("b", 0755) && !mkdir("c", 0755));
	fill_random(content, 5000, &state);
	fill_random(content + 100000, 70000 - 8, &state);
	write_sparse("sparse");
	write_file("dense", content, SIZE);
	write_sparse("a/x");
	write_file("b/x", content, SIZE);
	content[CHANGED_AT] ^= 1;
	write_file("other", content, SIZE);
	write_file("c/x", content, SIZE);
	content[CHANGED_AT] ^= 1;
	right[0] = oracle_of_bytes("sha1", content, SIZE);
	right[1] = oracle_of_bytes("sha3-256", content, SIZE);
	assert_ok(ssum_checkpoints_make(NULL, "dense", NULL, INTERVAL, &checkpoints));
}

static void leave_scratch(void)
{
	ssum_checkpoints_free(checkpoints);
	scratch_leave();
}

static bool is_zero(const void *data, size_t length)
{
	const char *bytes = data;

	return !length || (!bytes[0] && !memcmp(bytes, bytes + 1, length - 1));
}

/* ---- Hashing ---- */

static int opened; /* a descriptor for the run */

static void open_sparse(const struct trial *trial)
{
	(void)trial;
	opened = open("sparse", O_RDONLY);
}

static void open_values(const struct trial *trial)
{
	(void)trial;
	opened = open("values", O_RDONLY);
}

static void close_it(const struct trial *trial, int rc)
{
	(void)trial;
	(void)rc;
	ck_assert(!close(opened));
}

static int hash(const char *algorithm, const struct ssum_digest *expected)
{
	struct ssum_digest digest = {0};
	int rc = ssum_hash_file(trial_context, "sparse", algorithm, &digest);

	trial_message(rc);
	hold(rc ? is_zero(&digest, sizeof(digest)) : ssum_digest_equal(&digest, expected),
	     "a digest after an error");
	return rc;
}

static int run_hash(const struct trial *trial)
{
	(void)trial;
	return hash("sha1", &right[0]);
}

static int run_hash_by_libcrypto(const struct trial *trial)
{
	(void)trial;
	return hash("sha3-256", &right[1]);
}

static int run_hash_fd(const struct trial *trial)
{
	struct ssum_digest digest = {0};
	int rc = ssum_hash_fd(trial_context, opened, NULL, &digest);

	(void)trial;
	hold(rc ? is_zero(&digest, sizeof(digest)) : ssum_digest_equal(&digest, &right[0]),
	     "a digest after an error");
	return rc;
}

static const char *const inputs[] = {"sparse", "dense", "a/x", "b/x"};

struct given {
	size_t given, reported;
	int error; /* the first input */
};

static int give(void *user, struct ssum_input *input)
{
	struct given *given = user;

	if (given->given == ARRAY_SIZE(inputs))
		return 0;
	input->path = inputs[given->given++];
	return 1;
}

static int take(void *user, const struct ssum_result *result)
{
	struct given *given = user;

	hold(!result->path || !strcmp(result->path, inputs[given->reported]),
	     "%s is reported out of turn", result->path);
	given->reported++;
	hold(result->digest_count == (result->error ? 0 : 2), "%zu digests of %s, error %d",
	     result->digest_count, result->path, result->error);
	for (size_t i = 0; i < result->digest_count; i++)
		hold(ssum_digest_equal(&result->digests[i], &right[i]), "a wrong digest of %s",
		     result->path);
	if (!given->error)
		given->error = result->error;
	return 0;
}

static int run_hash_each(const struct trial *trial)
{
	static const char *const algorithms[] = {"sha1", "sha3-256", NULL};
	struct given given = {.given = 0};
	const struct ssum_hash_options options = {.size = sizeof(options),
						  .algorithms = algorithms,
						  .input = give,
						  .result = take,
						  .user = &given};
	int rc = ssum_hash_each(trial_context, &options);

	(void)trial;
	hold(given.reported == given.given, "%zu of %zu reported", given.reported, given.given);
	hold(rc || given.reported == ARRAY_SIZE(inputs), "only %zu reported", given.reported);
	return rc ? rc : given.error;
}

/* ---- Comparison ---- */

static int run_compare(const struct trial *trial)
{
	struct ssum_comparison comparison = {.size = sizeof(comparison)};
	int rc = ssum_compare_files(trial_context, "sparse", trial->result ? "other" : "dense",
				    &comparison);

	trial_message(rc);
	hold(rc != SSUM_DIFFERS || comparison.offset == CHANGED_AT, "difference at %ju",
	     (uintmax_t)comparison.offset);
	return rc;
}

static int take_range(void *user, const struct ssum_range *range)
{
	*(size_t *)user += 1;
	hold(range->offset == CHANGED_AT && range->length == 1, "a range at %ju",
	     (uintmax_t)range->offset);
	return 0;
}

static int run_ranges(const struct trial *trial)
{
	size_t ranges = 0;
	int rc = ssum_compare_ranges(trial_context, "sparse", trial->result ? "other" : "dense",
				     take_range, &ranges, NULL);

	trial_message(rc);
	hold(rc < 0 || ranges == (size_t)rc, "%zu ranges", ranges);
	return rc;
}

static int report_compared(void *user, const struct ssum_report *report)
{
	const struct trial *trial = user;

	hold(!report->error == (report->verdict <= SSUM_EXTRA), "verdict %d, error %d",
	     report->verdict, report->error);
	hold(report->error || report->verdict == (trial->result ? SSUM_DIFFERS : SSUM_HOLDS),
	     "verdict %d of %s", report->verdict, report->path);
	return 0;
}

static int run_compare_directories(const struct trial *trial)
{
	const struct ssum_compare_options options = {
		.size = sizeof(options), .report = report_compared, .user = (void *)trial};
	int rc = ssum_compare_directories(trial_context, "a", trial->result ? "c" : "b", &options,
					  NULL);

	trial_message(rc);
	return rc;
}

/* ---- Explaining, mapping, verifying ---- */

static int run_explain(const struct trial *trial)
{
	struct ssum_explanation explanation = {.size = sizeof(explanation)};
	char hex[SSUM_HEX_MAX];
	int rc;

	ssum_digest_hex(&right[0], hex);
	rc = ssum_explain_file(trial_context, trial->result ? "other" : "sparse", NULL, hex,
			       checkpoints, &explanation);
	trial_message(rc);
	hold(rc >= 0 || explanation.cause == SSUM_CAUSE_UNKNOWN, "both a cause and an error");
	hold(rc < 0 || explanation.cause == (rc ? SSUM_CAUSE_DAMAGED : SSUM_CAUSE_MATCHES),
	     "cause: %s", ssum_cause_name(explanation.cause));
	return rc;
}

static int run_verify_file(const struct trial *trial)
{
	int rc = ssum_verify_file(trial_context, trial->result ? "other" : "sparse", NULL,
				  &right[0], checkpoints, NULL, NULL);

	trial_message(rc);
	return rc;
}

/* A hole may be reported as data, but not data as a hole. */
static int take_extent(void *user, const struct ssum_extent *extent)
{
	uint64_t *end = user;

	hold(extent->offset == *end && extent->length && extent->length <= SIZE - *end,
	     "an extent at %ju", (uintmax_t)extent->offset);
	hold(extent->kind == SSUM_DATA || is_zero(content + *end, (size_t)extent->length),
	     "a hole over data at %ju", (uintmax_t)*end);
	*end += extent->length;
	return 0;
}

static int run_map(const struct trial *trial)
{
	uint64_t end = 0;
	int rc = ssum_map_file(trial_context, "sparse", take_extent, &end);

	(void)trial;
	trial_message(rc);
	hold(rc || end == SIZE, "the map ends at %ju", (uintmax_t)end);
	return rc;
}

/* ---- Checkpoints ---- */

static void assert_values(const struct ssum_checkpoints *made)
{
	struct ssum_checkpoints_info info = {.size = sizeof(info)};
	struct ssum_digest a, b;

	hold(!ssum_checkpoints_describe(made, &info) && info.length == SIZE && info.count == 4 &&
		     ssum_digest_equal(&info.digest, &right[0]),
	     "checkpoints of another content");
	for (uint64_t i = 1; i <= info.count; i++) {
		hold(!ssum_checkpoints_value(made, i, &a) &&
			     !ssum_checkpoints_value(checkpoints, i, &b) &&
			     ssum_digest_equal(&a, &b),
		     "another value");
	}
}

static int run_make(const struct trial *trial)
{
	struct ssum_checkpoints *made;
	int rc = ssum_checkpoints_make(trial_context, "sparse", NULL, INTERVAL, &made);

	(void)trial;
	trial_message(rc);
	hold(!made == !!rc, "both checkpoints and an error");
	if (made)
		assert_values(made);
	ssum_checkpoints_free(made);
	return rc;
}

#define OLD "old\n"

static void prepare_write(const struct trial *trial)
{
	(void)trial;
	write_text("w/values", OLD);
}

static int run_write(const struct trial *trial)
{
	(void)trial;
	return ssum_checkpoints_write(checkpoints, "w/values");
}

static void inspect_write(const struct trial *trial, int rc)
{
	char *text = read_file("w/values", NULL), *expected = read_file("values", NULL);

	(void)trial;
	hold(!strcmp(text, expected) || (rc && !strcmp(text, OLD)),
	     "neither the old nor the new file");
	free(text);
	free(expected);
	trial_assert_names("w", "values ");
}

static int run_read(const struct trial *trial)
{
	struct ssum_checkpoints *made;
	int rc = ssum_checkpoints_read(opened, "dense", &made);

	(void)trial;
	hold(!made == !!rc, "both checkpoints and an error");
	if (made)
		assert_values(made);
	ssum_checkpoints_free(made);
	return rc;
}

static int run_list(const struct trial *trial)
{
	struct ssum_checkpoints_list *list;
	struct ssum_checkpoints *made;
	int rc = ssum_checkpoints_open(opened, &list), count = 0;

	(void)trial;
	hold(!list == !!rc, "a list and an error");
	while (!rc && (rc = ssum_checkpoints_next(list, &made)) == 1) {
		assert_values(made);
		ssum_checkpoints_free(made);
		count++;
		rc = 0;
	}
	hold(rc || count == 1, "%d entries", count);
	ssum_checkpoints_close(list);
	return rc;
}

static const struct trial trials[] = {
	{.name = "hash", .run = run_hash},
	{.name = "hash by libcrypto", .run = run_hash_by_libcrypto},
	{.name = "hash a descriptor",
	 .prepare = open_sparse,
	 .run = run_hash_fd,
	 .inspect = close_it},
	{.name = "hash on a rotating disk", .run = run_hash, .always = {"rotational", 1}},
	{.name = "hash several files", .run = run_hash_each},
	{.name = "compare equal files", .run = run_compare},
	{.name = "compare files that differ", .run = run_compare, .result = SSUM_DIFFERS},
	{.name = "ranges of equal files", .run = run_ranges},
	{.name = "ranges of files that differ", .run = run_ranges, .result = SSUM_DIFFERS},
	{.name = "compare equal directories", .run = run_compare_directories},
	{.name = "compare directories that differ",
	 .run = run_compare_directories,
	 .result = SSUM_DIFFERS},
	{.name = "explain a matching digest", .run = run_explain},
	{.name = "explain damage", .run = run_explain, .result = SSUM_DIFFERS},
	{.name = "verify a file", .run = run_verify_file},
	{.name = "verify a damaged file", .run = run_verify_file, .result = SSUM_DIFFERS},
	{.name = "map", .run = run_map},
	{.name = "make checkpoints", .run = run_make},
	{.name = "write checkpoints",
	 .prepare = prepare_write,
	 .run = run_write,
	 .inspect = inspect_write},
	{.name = "write checkpoints to a temporary name",
	 .prepare = prepare_write,
	 .run = run_write,
	 .inspect = inspect_write,
	 .always = {"access", ENOENT}},
	{.name = "read checkpoints", .prepare = open_values, .run = run_read, .inspect = close_it},
	{.name = "list checkpoints", .prepare = open_values, .run = run_list, .inspect = close_it},
};

START_TEST(each_call_fails_once)
{
	uint64_t cases;

	enter_scratch();
	ck_assert(!mkdir("w", 0755));
	assert_ok(ssum_checkpoints_write(checkpoints, "values"));
	cases = trial_run_both(&trials[_i]);
	leave_scratch();
	tried(20, cases);
	tried(33, cases);
	tried(40, cases);
}
END_TEST

/* Assert only after the call, because libcheck allocates memory too. */

/* A partly written name would be a different name. */
static int append_name(void)
{
	struct bytes text = {0};
	char name[10000];

	memset(name, 'n', sizeof(name));
	name[5000] = '\n';
	name[sizeof(name) - 1] = '\0';
	int rc = escape_append(&text, name, ESCAPE_NAME);

	bool is_whole =
		text.length ==
		sizeof(name); /* the newline is written as two bytes, and the NUL is not written */
	bytes_free(&text);
	return rc ? rc : is_whole ? 0 : SSUM_ERR_STATE;
}

static int open_manifest(void)
{
	struct ssum_manifest *manifest = (void *)content;
	int rc = ssum_manifest_open(-1, "sha3-256", &manifest);

	bool is_there = manifest;
	ssum_manifest_close(manifest);
	return is_there == !rc ? rc : SSUM_ERR_STATE;
}

static int open_text(void)
{
	const char *text = "sparsesum-checkpoints 1 sha1\n";
	struct ssum_checkpoints_list *list = (void *)content;
	struct ssum_manifest *manifest = (void *)content;
	int rc = ssum_checkpoints_open_text(text, strlen(text), &list);
	bool is_consistent = !list == !!rc;

	if (!rc) {
		rc = ssum_manifest_open_text(text, strlen(text), "sha3-256", &manifest);
		is_consistent = !manifest == !!rc;
		ssum_manifest_close(manifest);
	}
	ssum_checkpoints_close(list);
	return is_consistent ? rc : SSUM_ERR_STATE;
}

static int copy_checkpoints(void)
{
	unsigned char values[] = "two values of twenty bytes, one by one.";
	const struct ssum_checkpoints two = {.value_length = 20, .count = 2, .values = values};
	struct ssum_checkpoints copy = {0};
	int rc = checkpoints_copy(&copy, &two);

	bool is_there = copy.values;
	checkpoints_clear(&copy);
	return is_there == !rc ? rc : SSUM_ERR_STATE;
}

static int (*const without_memory[])(void) = {append_name, open_manifest, open_text,
					      copy_checkpoints};

START_TEST(allocation_failure_is_reported)
{
	const struct fault fault = {"memory", ENOMEM};
	bool fired = true;
	long k;

	assert_ok(without_memory[_i]());
	const long live = fault_live();

	for (k = 1; fired; k++) {
		fault_arm(&fault, k);
		int rc = without_memory[_i]();

		fault_disarm();
		fired = fault_fired();
		assert_code(rc, fired ? -ENOMEM : 0);
		ck_assert_int_eq(fault_live(), live);
	}
	ck_assert_int_gt(k, 2);
	tried(33, (uint64_t)k);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{each_call_fails_once, ARRAY_SIZE(trials)},
		{allocation_failure_is_reported, ARRAY_SIZE(without_memory)},
	};

	return run_suite("faults_files", tests, ARRAY_SIZE(tests));
}
