/* SPDX-License-Identifier: MIT */
/* Checkpoints with any content do not change a verdict: it is that of the plain digest. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/files.h"
#include "support/oracle.h"
#include "support/reference.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "sparsesum/package.h"

#define INTERVAL ((size_t)4096)
#define VALUES 4
#define LENGTH (VALUES * INTERVAL + 100)
#define VALUE_LENGTH 20

static unsigned char right[LENGTH], wrong[LENGTH];
static struct ssum_digest right_digest;
static struct ssum_context *contexts[2]; /* with one thread, and with two */

static void open_contexts(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(contexts); i++) {
		const struct ssum_options options = {.size = sizeof(options), .threads = i + 1};

		assert_ok(ssum_context_new(&options, &contexts[i]));
	}
}

/* Packages "p" and "q": "data" is right in p and damaged in q; "more" is right in both. */
static void enter_scratch(void)
{
	const struct ssum_create_options options = {.size = sizeof(options),
						    .checkpoints = INTERVAL};
	uint64_t seed = 11;

	scratch_enter_tmpfs();
	ck_assert(!mkdir("p", 0755));
	fill_random(right, sizeof(right), &seed);
	memset(right + INTERVAL, 0, INTERVAL);
	memcpy(wrong, right, sizeof(right));
	wrong[2 * INTERVAL + 5] ^= 4;
	right_digest = oracle_of_bytes("sha1", right, sizeof(right));
	write_file("p/data", right, sizeof(right));
	write_file("p/more", right, INTERVAL + 1);
	assert_ok(ssum_create(NULL, "p", &options, NULL));
	free(run_command(NULL, "cp -a p q"));
	write_file("q/data", wrong, sizeof(wrong));
	open_contexts();
}

static void leave_scratch(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(contexts); i++)
		ssum_context_free(contexts[i]);
	scratch_leave();
}

/* ---- Verdicts ---- */

static enum ssum_verdict of_data;
static unsigned warnings;

static int take_report(void *user, const struct ssum_report *report)
{
	(void)user;
	warnings += report->kind == SSUM_REPORT_CHECKPOINTS;
	if (report->found.type != SSUM_TYPE_FILE)
		return 0;
	if (!strcmp(report->path, "data"))
		of_data = report->verdict;
	else
		ck_assert_int_eq(report->verdict, SSUM_HOLDS);
	return 0;
}

static int verdict_on(const char *package, size_t context)
{
	const struct ssum_verify_options options = {.size = sizeof(options), .report = take_report};

	warnings = 0;
	of_data = SSUM_MISSING;
	return ssum_verify(contexts[context], package, &options, NULL);
}

/* With these checkpoints, each package still has its own verdict. */
static void expect_verdicts(const void *checkpoints, size_t length, const char *what, size_t which)
{
	write_file("p/SHA1SUMS.checkpoints", checkpoints, length);
	write_file("q/SHA1SUMS.checkpoints", checkpoints, length);
	for (size_t i = 0; i < ARRAY_SIZE(contexts); i++) {
		int rc = verdict_on("p", i);

		ck_assert_msg(rc == SSUM_HOLDS && of_data == SSUM_HOLDS,
			      "%s %zu, %zu threads: verdict %d on right data, %s", what, which,
			      i + 1, rc, ssum_verdict_name(of_data));
		rc = verdict_on("q", i);
		ck_assert_msg(rc == SSUM_DIFFERS && of_data == SSUM_DIFFERS,
			      "%s %zu, %zu threads: verdict %d on damaged data, %s", what, which,
			      i + 1, rc, ssum_verdict_name(of_data));
	}
}

/* ---- Changes of the text ---- */

START_TEST(each_byte)
{
	static const char bytes[] = {'\0', '\n', '\t', '0', 'f', '\x80', '\\'};
	size_t length;

	enter_scratch();
	char *text = read_file("p/SHA1SUMS.checkpoints", &length);
	ck_assert_uint_gt(length, 300);
	expect_verdicts(text, length, "unchanged", 0);
	for (size_t at = 0; at < length; at++) {
		char byte = text[at];

		text[at] = (char)(byte ^ 1);
		expect_verdicts(text, length, "byte", at);
		for (size_t i = 0; i < 2; i++) {
			text[at] = bytes[(2 * at + i) % ARRAY_SIZE(bytes)];
			if (text[at] != byte)
				expect_verdicts(text, length, "byte", at);
		}
		text[at] = byte;
	}
	free(text);
	leave_scratch();
}
END_TEST

START_TEST(each_length)
{
	size_t length;

	enter_scratch();
	char *text = read_file("p/SHA1SUMS.checkpoints", &length);
	for (size_t cut = 0; cut < length; cut++)
		expect_verdicts(text, cut, "cut at", cut);
	for (size_t from = 1; from < length; from++)
		expect_verdicts(text + from, length - from, "from", from);
	free(text);
	leave_scratch();
}
END_TEST

#define LINES_MAX 16

static size_t split(char *text, char *lines[])
{
	size_t count = 0;

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		lines[count++] = line;
	return count;
}

static void expect_of_lines(char *const lines[], size_t count, const char *what, size_t which)
{
	char text[2048] = "";

	for (size_t i = 0; i < count; i++)
		sprintf(text + strlen(text), "%s\n", lines[i]);
	expect_verdicts(text, strlen(text), what, which);
}

START_TEST(each_line)
{
	size_t length;
	char *lines[LINES_MAX], *other[LINES_MAX];

	enter_scratch();
	char *text = read_file("p/SHA1SUMS.checkpoints", &length);
	size_t count = split(text, lines);
	ck_assert_uint_eq(count, 1 + 1 + VALUES + 1 + 1);
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < count; k++) { /* swapped */
			memcpy(other, lines, sizeof(lines));
			other[i] = lines[k];
			other[k] = lines[i];
			expect_of_lines(other, count, "swapped", i);
			other[i] = lines[k]; /* copied over another */
			other[k] = lines[k];
			expect_of_lines(other, count, "copied", i);
		}
		memcpy(other, lines, i * sizeof(*lines)); /* removed */
		memcpy(other + i, lines + i + 1, (count - i - 1) * sizeof(*lines));
		expect_of_lines(other, count - 1, "removed", i);
		memcpy(other, lines, sizeof(lines)); /* twice */
		memmove(other + i + 1, other + i, (count - i) * sizeof(*lines));
		expect_of_lines(other, count + 1, "twice", i);
	}
	free(text);
	leave_scratch();
}
END_TEST

static const char *const edits[] = {
	"s/^sparsesum-checkpoints 1/sparsesum-checkpoints 2/",
	"1s/sha1/sha256/",
	"1s/sha1/SHA1/",
	"1s/sha1/md5/",
	"1s/sha1/shake128/",
	"1s/sha1/sha1 /",
	"1s/^/\\xef\\xbb\\xbf/",
	"s/$/\\r/",
	"s/data/more/",
	"s/data/dat/",
	"s/data/.\\/data/",
	"s/data/..\\/data/",
	"s/data//",
	"s/data/\\\\/",
	"s/data/\\\\q/",
	"s/\t4096\t/\t8192\t/",
	"s/\t4096\t/\t0\t/",
	"s/\t4096\t/\t4097\t/",
	"s/\t4096\t/\t04096\t/",
	"s/\t4096\t/\t-4096\t/",
	"s/\t4096\t/\t18446744073709551616\t/",
	"s/\t4096\t/\t18446744073709547520\t/",
	"s/\t16484\t/\t16483\t/",
	"s/\t16484\t/\t16485\t/",
	"s/\t16484\t/\t16385\t/",
	"s/\t16484\t/\t16384\t/",
	"s/\t16484\t/\t8192\t/",
	"s/\t16484\t/\t20480\t/",
	"s/\t16484\t/\t20481\t/",
	"s/\t16484\t/\t0\t/",
	"s/\t16484\t/\t18446744073709551615\t/",
	"s/\t16484\t4096\t/\t2305843009213693951\t36028797018963968\t/",
	"2s/\t[0-9a-f]\\{40\\}\t/\tda39a3ee5e6b4b0d3255bfef95601890afd80709\t/",
	"2s/[0-9a-f]\\{40\\}/\\U&/",
	"3,6s/.*/\\U&/",
	"3,6s/.*/0000000000000000000000000000000000000000/",
	"3,6s/.*/67452301efcdab8998badcfe10325476c3d2e1f0/",
	"3,6s/$/ /",
	"3s/$/\\n/",
	"1d",
	"$!d",
	"7,8{H;d};1{h;d};${p;x;p;d}",
};

START_TEST(each_edit_of_a_line)
{
	size_t length;
	char *text;

	enter_scratch();
	text = run_command(NULL, "sed '%s' p/SHA1SUMS.checkpoints >edited; echo", edits[_i]);
	free(text);
	text = read_file("edited", &length);
	expect_verdicts(text, length, edits[_i], 0);
	free(text);
	leave_scratch();
}
END_TEST

/* ---- Consistent wrong checkpoints ---- */

struct values {
	struct ssum_digest at[VALUES + 1]; /* at[0] is the initial value of the algorithm */
};

/* Compute the values after `first` segments from the value there, with libcrypto. */
static void follow(struct values *values, size_t first, const unsigned char *data)
{
	struct reference reference;

	reference_begin(&reference, "sha1");
	reference_set(&reference, &values->at[first]);
	for (size_t i = first; i < VALUES; i++) {
		reference_append(&reference, data + i * INTERVAL, INTERVAL);
		values->at[i + 1] = reference_value(&reference);
	}
}

static void begin_values(struct values *values, const unsigned char *data)
{
	for (size_t i = 0; i <= VALUES; i++)
		values->at[i] = reference_of_bytes("sha1", data, i * INTERVAL);
}

static size_t format(char *text, const struct values *values, const struct ssum_digest *digest)
{
	char hex[SSUM_HEX_MAX];
	int length;

	ssum_digest_hex(digest, hex);
	length = sprintf(text, "sparsesum-checkpoints 1 sha1\nfile\t%zu\t%zu\t%s\tdata\n", LENGTH,
			 INTERVAL, hex);
	for (size_t i = 1; i <= VALUES; i++) {
		ssum_digest_hex(&values->at[i], hex);
		length += sprintf(text + length, "%s\n", hex);
	}
	return (size_t)length;
}

static void expect_with(const struct values *values, const struct ssum_digest *digest,
			const char *what, size_t which)
{
	char text[2048];

	expect_verdicts(text, format(text, values, digest), what, which);
}

START_TEST(consistent_wrong_checkpoints)
{
	struct values values, good, bad;
	struct ssum_digest wrong_digest;
	uint64_t seed = 5;

	enter_scratch();
	begin_values(&good, right);
	begin_values(&bad, wrong);
	wrong_digest = oracle_of_bytes("sha1", wrong, sizeof(wrong));

	expect_with(&good, &right_digest, "right values", 0);
	ck_assert_uint_eq(warnings, 0);
	expect_with(&bad, &right_digest, "values of the damaged data, right digest", 0);
	expect_with(&bad, &wrong_digest, "values and digest of the damaged data", 0);
	expect_with(&good, &wrong_digest, "right values, digest of the damaged data", 0);
	for (size_t k = 1; k <= VALUES; k++) {
		values = good;
		follow(&values, k, right); /* where the next value is not affected */
		assert_digest_eq(values.at[VALUES], good.at[VALUES]);

		fill_random(values.at[k].bytes, VALUE_LENGTH, &seed);
		expect_with(&values, &right_digest, "one wrong value", k);
		follow(&values, k, right);
		expect_with(&values, &right_digest,
			    "a wrong value and those that follow from it with the data", k);
		follow(&values, k, wrong);
		expect_with(&values, &right_digest,
			    "a wrong value and those that follow from it with the damaged data", k);

		values = good;
		values.at[k] = bad.at[k];
		expect_with(&values, &right_digest, "one value of the damaged data", k);
		values = bad;
		values.at[k] = good.at[k];
		expect_with(&values, &right_digest,
			    "one right value among those of the damaged data", k);

		values = good;
		for (size_t i = 1; i <= VALUES; i++)
			if (i != k)
				fill_random(values.at[i].bytes, VALUE_LENGTH, &seed);
		expect_with(&values, &right_digest, "one right value", k);
		for (size_t i = 1; i <= VALUES; i++)
			values.at[i] = good.at[k];
		expect_with(&values, &right_digest, "all values equal", k);
		for (size_t i = 1; i <= VALUES; i++)
			values.at[i] = good.at[(i + k) % (VALUES + 1)];
		expect_with(&values, &right_digest, "moved", k);
	}
	for (size_t i = 1; i <= VALUES; i++)
		fill_random(values.at[i].bytes, VALUE_LENGTH, &seed);
	expect_with(&values, &right_digest, "all values wrong", 0);
	leave_scratch();
}
END_TEST

/* Wrong checkpoints are reported once for each file; right ones are not. */
START_TEST(wrong_checkpoints_are_reported_once)
{
	struct values values;
	char text[2048];

	enter_scratch();
	begin_values(&values, right);
	write_file("p/SHA1SUMS.checkpoints", text, format(text, &values, &right_digest));
	assert_code(verdict_on("p", 1), SSUM_HOLDS);
	ck_assert_uint_eq(warnings, 0);
	values.at[1].bytes[0] ^= 1;
	values.at[3].bytes[0] ^= 1;
	write_file("p/SHA1SUMS.checkpoints", text, format(text, &values, &right_digest));
	for (size_t i = 0; i < ARRAY_SIZE(contexts); i++) {
		assert_code(verdict_on("p", i), SSUM_HOLDS);
		ck_assert_uint_eq(warnings, 1);
	}
	leave_scratch();
}
END_TEST

/* ---- Random data and checkpoints ---- */

static void change_values(struct values *values, const unsigned char *data, uint64_t *state)
{
	for (uint64_t n = next_random(state) % 4; n; n--) {
		size_t k = 1 + next_random(state) % VALUES;

		switch (next_random(state) % 4) {
		case 0:
			values->at[k].bytes[next_random(state) % VALUE_LENGTH] ^= 1;
			break;
		case 1:
			fill_random(values->at[k].bytes, VALUE_LENGTH, state);
			follow(values, k, data);
			break;
		case 2:
			values->at[k] = values->at[next_random(state) % VALUES];
			break;
		default:
			begin_values(values, data);
		}
	}
}

START_TEST(random_data_and_checkpoints)
{
	uint64_t seed = test_seed();
	struct values values;
	char text[2048];

	enter_scratch();
	for (uint64_t round = 0; round < 80; round++) {
		uint64_t state = seed + round;
		unsigned char data[LENGTH];

		memcpy(data, right, LENGTH);
		for (uint64_t n = next_random(&state) % 4; n; n--)
			data[next_random(&state) % LENGTH] ^=
				(unsigned char)(1u << next_random(&state) % 8);
		size_t length = LENGTH;
		if (next_random(&state) % 4 == 0)
			length = next_random(&state) % (LENGTH + 1);
		begin_values(&values, next_random(&state) % 2 ? right : data);
		change_values(&values, data, &state);
		write_file("p/data", data, length);
		write_file("p/SHA1SUMS.checkpoints", text, format(text, &values, &right_digest));

		int expected;
		free(run_command(&expected, "cd p && sha1sum -c --status SHA1SUMS"));
		for (size_t i = 0; i < ARRAY_SIZE(contexts); i++) {
			int rc = verdict_on("p", i);

			ck_assert_msg(rc == expected,
				      "TEST_SEED=%llu: %d where sha1sum's status is %d",
				      (unsigned long long)(seed + round), rc, expected);
		}
	}
	leave_scratch();
}
END_TEST

/* ---- Several manifests of one algorithm ---- */

static void put_checkpoints_beside(const char *manifests)
{
	free(run_command(NULL,
			 "rm -f ?.checkpoints; for m in %s; do cp $m.good $m.checkpoints; done",
			 manifests));
}

/* Each manifest is verified by its own digest, even if only another one has checkpoints. */
START_TEST(two_manifests_of_one_algorithm)
{
	static const char *const both[] = {"a", "b", NULL}, *const reversed[] = {"b", "a", NULL};
	struct ssum_verify_options options = {.size = sizeof(options), .report = take_report};
	static const char *const beside[] = {"", "a", "b", "a b"};

	enter_scratch();
	/* a lists the right digest, b a wrong one. */
	free(run_command(
		NULL, "cp p/SHA1SUMS a; cp p/SHA1SUMS.checkpoints a.good; mv q/data d; rm q/S*"));
	free(run_command(NULL, "rm p/S*; mv d q/data"));
	const struct ssum_create_options create = {
		.size = sizeof(create), .manifest = "b", .checkpoints = INTERVAL};
	assert_ok(ssum_create(NULL, "q", &create, NULL));
	free(run_command(NULL, "mv b.checkpoints b.good"));
	for (size_t i = 0; i < ARRAY_SIZE(beside); i++) {
		put_checkpoints_beside(beside[i]);
		for (int order = 0; order < 2; order++) {
			options.manifests = order ? reversed : both;
			assert_code(ssum_verify(NULL, "p", &options, NULL), SSUM_DIFFERS);
			ck_assert_int_eq(of_data, SSUM_DIFFERS);
			assert_code(ssum_verify(NULL, "q", &options, NULL), SSUM_DIFFERS);
			ck_assert_int_eq(of_data, SSUM_DIFFERS);
		}
	}
	/* Both list the same digest: the checkpoints of each are good for both. */
	free(run_command(NULL, "cp a b; cp a.good b.good"));
	for (size_t i = 0; i < ARRAY_SIZE(beside); i++) {
		put_checkpoints_beside(beside[i]);
		options.manifests = both;
		assert_code(ssum_verify(NULL, "p", &options, NULL), SSUM_HOLDS);
		assert_code(ssum_verify(NULL, "q", &options, NULL), SSUM_DIFFERS);
	}
	leave_scratch();
}
END_TEST

/* ---- Other objects at the path of the checkpoints ---- */

static const char *const places[] = {
	"ln -s ../good p/SHA1SUMS.checkpoints",
	"ln -s nowhere p/SHA1SUMS.checkpoints",
	"mkfifo p/SHA1SUMS.checkpoints",
	"mkdir p/SHA1SUMS.checkpoints",
	"mknod p/SHA1SUMS.checkpoints c 1 5",
	"cp good p/SHA1SUMS.checkpoints; chmod 0 p/SHA1SUMS.checkpoints",
	"head -c 3000000 /dev/zero >p/SHA1SUMS.checkpoints",
	"{ head -n 1 good; yes | head -c 3000000 | tr -d '\\n'; } >p/SHA1SUMS.checkpoints",
	"truncate -s 100M p/SHA1SUMS.checkpoints",
};

/* Another object at that path is an entry like any other, or is ignored. The data hold. */
START_TEST(other_file_types_at_the_path)
{
	enter_scratch();
	free(run_command(NULL, "mv p/SHA1SUMS.checkpoints good; chmod 755 . p; %s", places[_i]));
	ck_assert(!seteuid(65534));
	assert_code(verdict_on("p", 0), _i < 5 ? SSUM_DIFFERS : SSUM_HOLDS);
	ck_assert(!seteuid(0));
	ck_assert_int_eq(of_data, SSUM_HOLDS);
	ck_assert_uint_eq(warnings, 1);
	leave_scratch();
}
END_TEST

/* ---- Changes during verification ---- */

#define PARTS 64

static atomic_bool stop_writing;

/* Exchange two files: one is damaged in its first half, the other in its second half. */
static void *keep_swapping(void *user)
{
	while (!stop_writing)
		if (syscall(SYS_renameat2, AT_FDCWD, "m/data", AT_FDCWD, "swap", RENAME_EXCHANGE))
			break;
	return user;
}

/* Move the damage within one file, so that at every time at least one byte is wrong. */
static void *keep_moving_damage(void *user)
{
	int fd = open("m/data", O_WRONLY);
	unsigned char byte;

	for (unsigned i = 0; !stop_writing; i++) {
		off_t damaged = i % 2 ? 10 : (off_t)(PARTS * INTERVAL - 10);
		off_t repaired = i % 2 ? (off_t)(PARTS * INTERVAL - 10) : 10;

		byte = 1;
		ck_assert(pwrite(fd, &byte, 1, damaged) == 1);
		byte = 0;
		ck_assert(pwrite(fd, &byte, 1, repaired) == 1);
	}
	close(fd);
	return user;
}

START_TEST(swapped_wrong_contents_never_hold)
{
	static unsigned char data[PARTS * INTERVAL];
	const struct ssum_create_options options = {.size = sizeof(options),
						    .checkpoints = INTERVAL};
	pthread_t thread;
	uint64_t seed = 3;

	enter_scratch();
	fill_random(data, sizeof(data), &seed);
	data[10] = data[sizeof(data) - 10] = 0;
	ck_assert(!mkdir("m", 0755));
	write_file("m/data", data, sizeof(data));
	assert_ok(ssum_create(NULL, "m", &options, NULL));
	data[10] = 1;
	write_file("m/data", data, sizeof(data));
	data[10] = 0;
	data[sizeof(data) - 10] = 1;
	write_file("swap", data, sizeof(data));

	stop_writing = false;
	ck_assert(!pthread_create(&thread, NULL, _i ? keep_moving_damage : keep_swapping, NULL));
	for (int i = 0; i < (_i ? 10 : 100); i++) {
		int rc = verdict_on("m", (size_t)i % 2);

		ck_assert_msg(rc == SSUM_DIFFERS || rc == SSUM_ERR_UNDECIDED,
			      "verdict %d on a file that was never right", rc);
	}
	stop_writing = true;
	pthread_join(thread, NULL);
	leave_scratch();
}
END_TEST

static void *cancel_later(void *user)
{
	usleep(1000 * (useconds_t)(rand() % 60));
	ssum_cancel(user);
	return NULL;
}

START_TEST(cancelled_verification)
{
	const struct ssum_create_options create = {.size = sizeof(create),
						   .checkpoints = INTERVAL * 16};
	static unsigned char zeros[INTERVAL];
	unsigned stopped = 0;

	enter_scratch();
	ck_assert(!mkdir("m", 0755));
	write_file("m/data", zeros, sizeof(zeros));
	ck_assert(!truncate("m/data", 256 << 20));
	assert_ok(ssum_create(NULL, "m", &create, NULL));
	/* Some checkpoints are wrong, so that chains are cancelled too. */
	free(run_command(NULL, "sed -i '100~500s/^..../0000/' m/SHA1SUMS.checkpoints"));
	srand(1);
	for (int i = 0; i < 12; i++) {
		const struct ssum_options options = {.size = sizeof(options),
						     .threads = 1 + i % 4u};
		struct ssum_context *context;
		pthread_t thread;

		assert_ok(ssum_context_new(&options, &context));
		ck_assert(!pthread_create(&thread, NULL, cancel_later, context));
		int rc = ssum_verify(context, "m", NULL, NULL);
		ck_assert_msg(rc == SSUM_HOLDS || rc == SSUM_ERR_CANCELLED, "%d", rc);
		stopped += rc != SSUM_HOLDS;
		pthread_join(thread, NULL);
		ssum_context_free(context);
	}
	ck_assert_uint_gt(stopped, 0);
	leave_scratch();
}
END_TEST

/* An operation that fails early does not close the caller's descriptors. */
START_TEST(errors_leave_descriptor_0_open)
{
	static const char *const unknown[] = {"none", NULL};
	const struct ssum_create_options create = {.size = sizeof(create), .algorithms = unknown};

	enter_scratch();
	ck_assert(fcntl(0, F_GETFD) >= 0 || open("/dev/null", O_RDONLY) == 0);
	assert_code(ssum_verify(NULL, "gone", NULL, NULL), -ENOENT);
	ck_assert_int_ge(fcntl(0, F_GETFD), 0);
	assert_code(ssum_create(NULL, "gone", NULL, NULL), -ENOENT);
	ck_assert_int_ge(fcntl(0, F_GETFD), 0);
	assert_code(ssum_create(NULL, "p", &create, NULL), SSUM_ERR_ALGORITHM);
	ck_assert_int_ge(fcntl(0, F_GETFD), 0);
	leave_scratch();
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{each_byte, 0},
		{each_length, 0},
		{each_line, 0},
		{each_edit_of_a_line, ARRAY_SIZE(edits)},
		{consistent_wrong_checkpoints, 0},
		{wrong_checkpoints_are_reported_once, 0},
		{random_data_and_checkpoints, 0},
		{two_manifests_of_one_algorithm, 0},
		{other_file_types_at_the_path, ARRAY_SIZE(places)},
		{swapped_wrong_contents_never_hold, 2},
		{cancelled_verification, 0},
		{errors_leave_descriptor_0_open, 0},
	};

	return run_suite("verify_checkpoints", tests, ARRAY_SIZE(tests));
}
