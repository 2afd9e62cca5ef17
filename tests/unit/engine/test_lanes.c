/* SPDX-License-Identifier: MIT */
/* Many files hashed in lanes at the same time, of every length, with holes anywhere. */
#include <fcntl.h>
#include <unistd.h>

#include "support/files.h"
#include "support/oracle.h"
#include "support/suite.h"

#define FILES_MAX 90
#define LONGEST (2 * MIB)
#define LONG_ENOUGH_TO_READ_AHEAD (40 * MIB)

static const char *const sets[][4] = {
	{"sha1", NULL},
	{"sha256", "sha512", NULL},
	{"sha1", "sha3-256", "sha224", NULL},
	{"md5", NULL},
};

struct batch {
	char *directory;
	size_t count, given, reported;
	const char *const *algorithms;
	uint64_t seed;
};

static char *path_of(const struct batch *batch, size_t number)
{
	char name[24];

	snprintf(name, sizeof(name), "%zu", number);
	return path_in(batch->directory, name);
}

static uint64_t below(uint64_t *random, uint64_t limit)
{
	return next_random(random) % limit;
}

/* A file with up to three pieces of data at unaligned offsets; the rest is a hole. */
static void make_file(const struct batch *batch, size_t number, uint64_t length, uint64_t *random)
{
	static unsigned char data[70000];
	char *path = path_of(batch, number);
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	ck_assert(fd >= 0 && !ftruncate(fd, (off_t)length));
	for (uint64_t pieces = below(random, 4); pieces && length; pieces--) {
		uint64_t at = below(random, length);
		size_t piece = (size_t)min_u64(below(random, sizeof(data)), length - at);

		fill_random(data, piece, random);
		ck_assert_int_eq(pwrite(fd, data, piece, (off_t)at), piece);
	}
	close(fd);
	free(path);
}

static void make_batch(struct batch *batch, uint64_t seed)
{
	uint64_t random = seed;

	*batch = (struct batch){.directory = scratch_new(&file_systems[0]), .seed = seed};
	if (!batch->directory)
		batch->directory = scratch_here();
	batch->count = 1 + below(&random, FILES_MAX);
	for (size_t i = 0; i < batch->count; i++)
		make_file(batch, i, below(&random, 1 + (LONGEST >> below(&random, 16))), &random);
}

static int give(void *user, struct ssum_input *input)
{
	static char *path;
	struct batch *batch = user;

	free(path);
	path = NULL;
	if (batch->given == batch->count)
		return 0;
	path = path_of(batch, batch->given++);
	input->path = path;
	return 1;
}

static int take(void *user, const struct ssum_result *result)
{
	struct batch *batch = user;

	ck_assert_msg(!result->error, "seed %llu: file %zu: %s", (unsigned long long)batch->seed,
		      batch->reported, ssum_strerror(result->error));
	for (size_t i = 0; i < result->digest_count; i++) {
		struct ssum_digest right = oracle_of_file(batch->algorithms[i], result->path);

		ck_assert_msg(ssum_digest_equal(&right, &result->digests[i]),
			      "seed %llu: file %zu: %s", (unsigned long long)batch->seed,
			      batch->reported, batch->algorithms[i]);
	}
	batch->reported++;
	return 0;
}

static void hash_batch(struct batch *batch, unsigned threads, const char *const *algorithms)
{
	const struct ssum_options options = {.size = sizeof(options), .threads = threads};
	const struct ssum_hash_options hashing = {
		.size = sizeof(hashing),
		.algorithms = algorithms,
		.input = give,
		.result = take,
		.user = batch,
	};
	struct ssum_context *context;

	batch->given = batch->reported = 0;
	batch->algorithms = algorithms;
	assert_ok(ssum_context_new(&options, &context));
	assert_ok(ssum_hash_each(context, &hashing));
	ssum_context_free(context);
	ck_assert_uint_eq(batch->reported, batch->count);
}

START_TEST(random_batches_with_any_number_of_threads)
{
	struct batch batch;

	make_batch(&batch, test_seed() + (uint64_t)_i);
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		hash_batch(&batch, 1 + (unsigned)(_i + i) % 4, sets[i]);
	scratch_remove(batch.directory);
}
END_TEST

/* The library reads a long file ahead while it hashes it. Short files are before and after it. */
START_TEST(long_file_among_short_ones)
{
	uint64_t random = 7;
	struct batch batch = {.directory = scratch_here(), .count = 20, .seed = random};
	unsigned char *data = malloc(LONG_ENOUGH_TO_READ_AHEAD);
	char *path = path_of(&batch, 10);

	ck_assert_ptr_nonnull(data);
	fill_random(data, LONG_ENOUGH_TO_READ_AHEAD, &random);
	for (size_t i = 0; i < batch.count; i++)
		make_file(&batch, i, 5000 * i, &random);
	write_file(path, data, LONG_ENOUGH_TO_READ_AHEAD - 77);
	for (unsigned threads = 1; threads <= 3; threads++)
		hash_batch(&batch, threads, sets[0]);
	free(path);
	free(data);
	scratch_remove(batch.directory);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{random_batches_with_any_number_of_threads, 15},
		{long_file_among_short_ones, 0},
	};

	return run_suite("lanes", tests, ARRAY_SIZE(tests));
}
