/* SPDX-License-Identifier: MIT */
/*
 * A package with a file that is modified while it is read: before each call by which the library
 * opens, stats or reads it or finds its holes.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/concurrent/reading.h"
#include "support/files.h"
#include "support/suite.h"
#include "sparsesum/package.h"

#define INTERVAL 65536

/* ---- A package is verified ---- */

static enum ssum_verdict verdict; /* the verdict on the target */
static char found[SSUM_HEX_MAX];

static int take_verdict(void *user, const struct ssum_report *report)
{
	(void)user;
	if (report->found.type != SSUM_TYPE_FILE)
		return 0;
	verdict = report->verdict;
	*found = '\0';
	if (report->found.digest)
		ssum_digest_hex(report->found.digest, found);
	return 0;
}

static const struct state *listed; /* the state that the manifest lists */

static void verify(unsigned call)
{
	const struct ssum_verify_options options = {.size = sizeof(options),
						    .report = take_verdict};
	struct ssum_digest digest;
	int rc = ssum_verify(context, "p", &options, NULL);

	switch (verdict) {
	case SSUM_HOLDS:
		assert_code(rc, SSUM_HOLDS);
		ck_assert_msg(was_ever(listed),
			      "%s before call %u of %s: verified a content that the file never had",
			      writer->name, call, trace);
		break;
	case SSUM_DIFFERS:
		assert_code(rc, SSUM_DIFFERS);
		ck_assert_msg(was_ever_other_than(listed),
			      "%s before call %u of %s: reported as different, which it never was",
			      writer->name, call, trace);
		if (*found) {
			assert_ok(ssum_digest_parse(found, &digest));
			state_with(&digest, writer->name, call);
		}
		break;
	default:
		ck_assert_int_eq(verdict, SSUM_CHANGED);
		assert_code(rc, SSUM_ERR_UNDECIDED);
	}
}

static void verify_ends(unsigned call)
{
	verify(call);
	ck_assert_int_ne(verdict, SSUM_CHANGED);
}

/* Write the manifest and the checkpoints of a content into the package. */
static void publish(const struct state *state)
{
	const struct ssum_create_options options = {
		.size = sizeof(options), .manifest = "p/SHA1SUMS", .checkpoints = INTERVAL};
	char hex[SSUM_HEX_MAX];

	listed = state;
	write_file("t/target", state->content, state->length);
	assert_ok(ssum_create(NULL, "t", &options, NULL));
	ssum_digest_hex(&state->sha1, hex);
	char *manifest = read_file("p/SHA1SUMS", NULL);
	ck_assert(!strncmp(manifest, hex, strlen(hex)));
	free(manifest);
}

START_TEST(verify_of_a_package)
{
	unsigned cases = 0;

	enter((size_t)_i);
	ck_assert(!mkdir("p", 0755) && !mkdir("t", 0755));
	publish(&mixed);
	new_context(1, 2);
	cases += before_each_call(verify, "p/target");
	publish(&states[0]);
	cases += before_each_call(verify, "p/target");
	ssum_context_free(context);
	publish(&mixed);
	new_context(3, 2);
	cases += before_each_call(verify_ends, "p/target");
	leave();
	tried(17, cases);
}
END_TEST

/* ---- A package is created ---- */

static size_t listed_state(const char *manifest, unsigned call)
{
	struct ssum_digest digest;
	char *text = read_file(manifest, NULL);

	*strchr(text, ' ') = '\0';
	assert_ok(ssum_digest_parse(text, &digest));
	free(text);
	return state_with(&digest, writer->name, call);
}

static int refuse_warnings(void *user, const struct ssum_report *report)
{
	(void)user;
	ck_assert_int_ne(report->kind, SSUM_REPORT_CHECKPOINTS);
	return 0;
}

/* The checkpoints belong to the listed content: with that content, none is reported as wrong. */
static void assert_checkpoints_fit(const struct state *state)
{
	const struct ssum_verify_options options = {.size = sizeof(options),
						    .report = refuse_warnings};

	before_call = NULL;
	write_file("p/target", state->content, state->length);
	assert_code(ssum_verify(NULL, "p", &options, NULL), SSUM_HOLDS);
}

static void create(unsigned call)
{
	static const char *const algorithms[] = {"sha1", "sha256", NULL};
	const struct ssum_create_options options = {
		.size = sizeof(options), .algorithms = algorithms, .checkpoints = INTERVAL};

	unlink("p/SHA1SUMS");
	unlink("p/SHA256SUMS");
	int rc = ssum_create(context, "p", &options, NULL);

	if (rc == SSUM_ERR_UNDECIDED) {
		ck_assert(access("p/SHA1SUMS", F_OK) && access("p/SHA256SUMS", F_OK));
		return;
	}
	assert_ok(rc);
	size_t state = listed_state("p/SHA1SUMS", call);
	ck_assert_uint_eq(listed_state("p/SHA256SUMS", call), state);
	assert_checkpoints_fit(&states[state]);
}

START_TEST(create_of_a_package)
{
	unsigned cases;

	enter((size_t)_i);
	ck_assert(!mkdir("p", 0755));
	new_context(1, 1);
	cases = before_each_call(create, "p/target");
	leave();
	tried(17, cases);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{verify_of_a_package, WRITERS},
		{create_of_a_package, WRITERS},
	};

	return run_suite("concurrent_package", tests, ARRAY_SIZE(tests));
}
