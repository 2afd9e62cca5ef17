/* SPDX-License-Identifier: MIT */
/* Hashing many files at the same time, and objects other than files. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/files.h"
#include "support/oracle.h"
#include "support/scratch.h"
#include "support/suite.h"

#define MANY 500
static const char *const two[] = {"sha256", "sha1", NULL};

struct many {
	size_t given, reported;
	int stop_after, item[MANY];
};

static void name_of(size_t number, char name[32])
{
	snprintf(name, 32, "%zu", number);
}

/* Large files first, so that later ones finish before them; every seventh is missing. */
static void make_many(void)
{
	uint64_t state = 1;
	char *data = malloc(4 * MIB), name[32];

	fill_random(data, 4 * MIB, &state);
	for (size_t i = 0; i < MANY; i++) {
		name_of(i, name);
		if (i % 7 != 6)
			write_file(name, data, i < 4 ? (4 - i) * MIB : i);
	}
	free(data);
}

static int give_many(void *user, struct ssum_input *input)
{
	static char name[32];
	struct many *many = user;

	ck_assert_uint_eq(input->size, sizeof(*input));
	ck_assert(!input->path && input->fd == -1 && !input->offset && !input->item);
	if (many->given == MANY)
		return 0;
	name_of(many->given, name);
	input->path = name; /* the next path overwrites it, so the library must copy it */
	input->item = &many->item[many->given++];
	return 1;
}

static int take_many(void *user, const struct ssum_result *result)
{
	struct many *many = user;
	size_t number = many->reported++;
	char name[32];

	name_of(number, name);
	ck_assert_str_eq(result->path, name);
	ck_assert_ptr_eq(result->item, &many->item[number]);
	ck_assert_uint_eq(result->size, sizeof(*result));
	ck_assert_uint_eq(result->digest_count, result->error ? 0 : 2);
	if (many->stop_after && number >= (size_t)many->stop_after)
		assert_code(result->error, SSUM_ERR_CANCELLED);
	else
		assert_code(result->error, number % 7 == 6 ? -ENOENT : 0);
	for (size_t i = 0; i < result->digest_count; i++)
		assert_digest_eq(result->digests[i], oracle_of_file(two[i], name));
	return many->stop_after && number + 1 == (size_t)many->stop_after;
}

static int hash_many(struct many *many, unsigned threads, const char *const *algorithms)
{
	const struct ssum_options options = {.size = sizeof(options), .threads = threads};
	const struct ssum_hash_options hashing = {.size = sizeof(hashing),
						  .algorithms = algorithms,
						  .input = give_many,
						  .result = take_many,
						  .user = many};
	struct ssum_context *context;

	assert_ok(ssum_context_new(&options, &context));
	int rc = ssum_hash_each(context, &hashing);
	ssum_context_free(context);
	return rc;
}

START_TEST(results_in_the_order_of_the_inputs)
{
	static const unsigned threads[] = {1, 2, 3, 16};
	struct many many = {0};

	scratch_enter();
	make_many();
	assert_ok(hash_many(&many, threads[_i], two));
	ck_assert_uint_eq(many.reported, MANY);
	scratch_leave();
}
END_TEST

START_TEST(low_descriptor_limit_is_enough) /* hazard 33 */
{
	const struct rlimit sixteen = {16, 16};
	struct many many = {0};

	scratch_enter();
	make_many();
	ck_assert(!setrlimit(RLIMIT_NOFILE, &sixteen));
	assert_ok(hash_many(&many, 64, two));
	ck_assert_uint_eq(many.reported, MANY);
	scratch_leave();
	tried(33, 1);
}
END_TEST

START_TEST(result_callback_may_stop)
{
	struct many many = {.stop_after = 10};
	static const char *const unknown[] = {"sha1", "no such", NULL};

	scratch_enter();
	make_many();
	assert_code(hash_many(&many, 3, two), SSUM_ERR_CANCELLED);
	ck_assert_uint_eq(many.reported, many.given); /* so that the caller can free all */
	many = (struct many){0};
	assert_code(hash_many(&many, 3, unknown), SSUM_ERR_ALGORITHM);
	ck_assert_uint_eq(many.given, 0);
	scratch_leave();
}
END_TEST

/* ---- Sources that are not files, and offsets in files ---- */

struct one {
	struct ssum_input input;
	int code; /* fails instead of giving an input */
	bool given;
	struct ssum_result result;
	struct ssum_digest digest;
};

static int give_one(void *user, struct ssum_input *input)
{
	struct one *one = user;

	if (one->code || one->given)
		return one->code;
	one->given = true;
	size_t size = input->size;
	*input = one->input;
	input->size = size;
	return 1;
}

static int take_one(void *user, const struct ssum_result *result)
{
	struct one *one = user;

	one->result = *result;
	if (result->digest_count)
		one->digest = result->digests[0];
	return 0;
}

static int hash_one(struct one *one, int any_source)
{
	const struct ssum_hash_options options = {.size = sizeof(options),
						  .any_source = any_source,
						  .input = give_one,
						  .result = take_one,
						  .user = one};
	int rc = ssum_hash_each(NULL, &options);

	return rc ? rc : one->result.error;
}

START_TEST(offset_within_a_file)
{
	static const uint64_t offsets[] = {0, 1, 4095, 99999, 100000, 100001, 1 << 20};
	static char data[100000];
	uint64_t state = 2;

	scratch_enter();
	fill_random(data, sizeof(data), &state);
	write_file("file", data, sizeof(data));
	int fd = open("file", O_RDONLY | O_CLOEXEC);
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		struct one one = {.input = {.fd = fd, .offset = offsets[i]}};
		size_t begin = (size_t)min_u64(offsets[i], sizeof(data));

		assert_ok(hash_one(&one, 0));
		ck_assert_uint_eq(one.result.length, sizeof(data) - begin);
		assert_digest_eq(one.digest,
				 oracle_of_bytes("sha1", data + begin, sizeof(data) - begin));
	}
	close(fd);
	scratch_leave();
}
END_TEST

/* hazards 23, 24: a pipe returns its content in small pieces. */
static void try_stream(int read_end, int write_end)
{
	static char data[300000];
	uint64_t state = 3;
	struct one one = {.input = {.fd = read_end}};

	fill_random(data, sizeof(data), &state);
	assert_code(hash_one(&one, 0), SSUM_ERR_NOT_REGULAR);
	pid_t writer = fork();
	if (!writer) {
		for (size_t at = 0; at < sizeof(data); at += 1000)
			if (write(write_end, data + at, 1000) != 1000)
				_exit(1);
		_exit(0);
	}
	close(write_end);
	one.given = false;
	assert_ok(hash_one(&one, 1));
	assert_digest_eq(one.digest, oracle_of_bytes("sha1", data, sizeof(data)));
	close(read_end);
}

START_TEST(streams_are_hashed)
{
	struct one one = {.input = {.path = "/dev/null", .fd = -1}};
	int ends[2];

	ck_assert(!pipe(ends));
	try_stream(ends[0], ends[1]);
	ck_assert(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	try_stream(ends[0], ends[1]);
	assert_ok(hash_one(&one, 1));
	assert_digest_eq(one.digest, oracle_of_bytes("sha1", "", 0));
	tried(23, 1);
	tried(24, 1);
}
END_TEST

START_TEST(callback_code_is_returned)
{
	const struct ssum_hash_options no_result = {.size = sizeof(no_result), .input = give_one};
	const struct ssum_hash_options no_input = {.size = sizeof(no_input), .result = take_one};
	struct one one = {.code = -EDOM};

	assert_code(hash_one(&one, 0), -EDOM);
	assert_code(ssum_hash_each(NULL, NULL), SSUM_ERR_OPTIONS);
	assert_code(ssum_hash_each(NULL, &no_result), SSUM_ERR_OPTIONS);
	assert_code(ssum_hash_each(NULL, &no_input), SSUM_ERR_OPTIONS);
}
END_TEST

/* ---- Below a directory ---- */

static const struct beneath_case {
	const char *path;
	int error;
} beneath_cases[] = {
	{"file", 0},
	{"sub/file", 0},
	{"missing", -ENOENT},
	{"sub", -EISDIR},
	{"link", SSUM_ERR_SYMLINK},
	{"linked/file", SSUM_ERR_SYMLINK},
	{"swapped/file", SSUM_ERR_SYMLINK},
	{"../outside/file", SSUM_ERR_NAME},
	{"/etc/passwd", SSUM_ERR_NAME},
	{"", SSUM_ERR_NAME},
	{"fifo", SSUM_ERR_NOT_REGULAR},
};

struct below {
	size_t given, reported;
};

/* Before the file in it is given, a directory is replaced by a symlink to another directory. */
static int give_below(void *user, struct ssum_input *input)
{
	struct below *below = user;

	if (below->given == ARRAY_SIZE(beneath_cases))
		return 0;
	input->path = beneath_cases[below->given++].path;
	if (!strcmp(input->path, "swapped/file"))
		free(run_command(NULL, "rm -r in/swapped; ln -s ../outside in/swapped"));
	return 1;
}

static int take_below(void *user, const struct ssum_result *result)
{
	const struct beneath_case *expected = &beneath_cases[((struct below *)user)->reported++];

	ck_assert_str_eq(result->path, expected->path);
	ck_assert_msg(result->error == expected->error, "%s: %s", expected->path,
		      ssum_strerror(result->error));
	if (!expected->error)
		assert_digest_eq(result->digests[0], oracle_of_bytes("sha1", "inside", 6));
	return 0;
}

START_TEST(paths_below_a_directory)
{
	struct below below = {0};
	struct ssum_hash_options options = {.size = sizeof(options),
					    .input = give_below,
					    .result = take_below,
					    .user = &below,
					    .directory = "in"};

	scratch_enter();
	free(run_command(NULL,
			 "mkdir -p in/sub in/swapped outside; mkfifo in/fifo; "
			 "for f in file sub/file swapped/file; do printf inside >in/$f; done; "
			 "printf outside >outside/file; "
			 "ln -s ../outside/file in/link; ln -s ../outside in/linked"));
	assert_ok(ssum_hash_each(NULL, &options));
	ck_assert_uint_eq(below.reported, ARRAY_SIZE(beneath_cases));
	options.any_source = 1;
	assert_code(ssum_hash_each(NULL, &options), SSUM_ERR_OPTIONS);
	options.any_source = 0;
	options.directory = "none";
	assert_code(ssum_hash_each(NULL, &options), -ENOENT);
	scratch_leave();
	tried(26, ARRAY_SIZE(beneath_cases));
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{results_in_the_order_of_the_inputs, 4},
		{low_descriptor_limit_is_enough, 0},
		{result_callback_may_stop, 0},
		{offset_within_a_file, 0},
		{streams_are_hashed, 0},
		{callback_code_is_returned, 0},
		{paths_below_a_directory, 0},
	};

	return run_suite("hash_each", tests, ARRAY_SIZE(tests));
}
