/* SPDX-License-Identifier: MIT */
/* One content has one digest, however it is stored, cached, read and divided. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "support/files.h"
#include "support/maps.h"
#include "support/oracle.h"
#include "support/suite.h"
#include "sparsesum/package.h"

static const char *const algorithms[] = {"sha1", "sha256", "sha512", "sha3-256", NULL};
static const char *const sha1_alone[] = {"sha1", NULL};

enum { SPARSE, DENSE, PREALLOCATED, CLONE, COPIES };
enum { DIRTY, COLD, WARM, STATES };

static const char *const copy_names[] = {"sparse", "dense", "preallocated", "clone"};
static const char *const state_names[] = {"dirty", "cold", "warm"};
static const char *const policy_names[] = {"auto", "trust", "verify", "read"};
#define POLICIES 4

/* A content, its copies, and how the test reads them now. */
struct trial {
	const struct file_system *file_system;
	uint64_t seed;
	struct map map;
	char *paths[COPIES]; /* the last one is NULL if the file system has no reflinks */
	struct ssum_digest expected[ARRAY_SIZE(algorithms) - 1];

	int state;
	struct ssum_options options;
	size_t given, reported;
};

static int give_copy(void *user, struct ssum_input *input)
{
	struct trial *trial = user;

	if (trial->given == COPIES || !trial->paths[trial->given])
		return 0;
	input->path = trial->paths[trial->given++];
	return 1;
}

static int take_copy(void *user, const struct ssum_result *result)
{
	struct trial *trial = user;
	const char *copy = copy_names[trial->reported++];

	ck_assert_msg(!result->error, "TEST_SEED=%ju %s %s: %s", (uintmax_t)trial->seed,
		      trial->file_system->name, copy, ssum_strerror(result->error));
	ck_assert_uint_eq(result->length, trial->map.size);
	for (size_t i = 0; i < result->digest_count; i++)
		ck_assert_msg(ssum_digest_equal(&result->digests[i], &trial->expected[i]),
			      "TEST_SEED=%ju %s: %s of the %s copy, %s, --holes=%s, %u threads",
			      (uintmax_t)trial->seed, trial->file_system->name, algorithms[i], copy,
			      state_names[trial->state], policy_names[trial->options.holes],
			      trial->options.threads);
	return 0;
}

static void hash_copies(struct trial *trial, enum ssum_holes holes, unsigned threads,
			const char *const *names)
{
	struct ssum_hash_options options = {.size = sizeof(options),
					    .algorithms = names,
					    .input = give_copy,
					    .result = take_copy,
					    .user = trial};
	struct ssum_context *context;

	trial->given = trial->reported = 0;
	trial->options = (struct ssum_options){
		.size = sizeof(struct ssum_options), .holes = holes, .threads = threads};
	assert_ok(ssum_context_new(&trial->options, &context));
	assert_ok(ssum_hash_each(context, &options));
	ck_assert_uint_eq(trial->reported, trial->given);
	ssum_context_free(context);
}

/* Try each policy in each state of the cache, with changing numbers of threads and algorithms. */
static void hash_in_each_way(struct trial *trial)
{
	for (int policy = 0; policy < POLICIES; policy++) {
		uint64_t way = trial->seed + (uint64_t)(trial->state * POLICIES + policy);

		if (trial->state == COLD)
			for (int i = 0; i < COPIES && trial->paths[i]; i++)
				make_cold(trial->paths[i]);
		hash_copies(trial, (enum ssum_holes)policy, way % 2 ? 1 : 3,
			    way % (STATES * POLICIES) ? sha1_alone : algorithms);
	}
}

/* Check that the extents on the disk are those of the map. */
static void check_with_sha1sum(const struct trial *trial)
{
	char expected[SSUM_HEX_MAX], *sums;
	int lines = 0;

	ssum_digest_hex(&trial->expected[0], expected);
	sums = run_command(NULL, "sha1sum %s %s %s %s", trial->paths[0], trial->paths[1],
			   trial->paths[2], trial->paths[3] ? trial->paths[3] : "");
	for (char *line = strtok(sums, "\n"); line; line = strtok(NULL, "\n"), lines++)
		ck_assert_msg(!strncmp(line, expected, strlen(expected)),
			      "TEST_SEED=%ju %s: %s, not %s", (uintmax_t)trial->seed,
			      trial->file_system->name, line, expected);
	ck_assert_int_eq(lines, trial->paths[CLONE] ? 4 : 3);
	free(sums);
}

static void write_copies(struct trial *trial, const char *directory)
{
	for (int i = 0; i < COPIES; i++)
		trial->paths[i] = path_in(directory, copy_names[i]);
	map_write(&trial->map, trial->paths[SPARSE]);
	map_write_dense(&trial->map, trial->paths[DENSE]);
	map_write_preallocated(&trial->map, trial->paths[PREALLOCATED]);
	if (!map_clone(trial->paths[SPARSE], trial->paths[CLONE])) {
		free(trial->paths[CLONE]);
		trial->paths[CLONE] = NULL;
	}
}

/* ---- Streams, packages and comparisons ---- */

static void give_result(const struct trial *trial, const char *what, int found, int due)
{
	ck_assert_msg(found == due, "TEST_SEED=%ju %s: %s: %d, not %d", (uintmax_t)trial->seed,
		      trial->file_system->name, what, found, due);
}

/* Hash by a stream: the data of each extent, and zeros for holes. */
struct streamed {
	struct ssum_stream *stream;
	int fd;
	char *buffer;
};

static int take_extent(void *user, const struct ssum_extent *extent)
{
	struct streamed *streamed = user;

	if (extent->kind == SSUM_HOLE)
		return ssum_stream_zeros(streamed->stream, extent->length);
	ck_assert_int_eq(
		pread(streamed->fd, streamed->buffer, extent->length, (off_t)extent->offset),
		(ssize_t)extent->length);
	return ssum_stream_update(streamed->stream, streamed->buffer, extent->length);
}

static void stream_by_map(const struct trial *trial, const char *path)
{
	struct streamed streamed = {.fd = open(path, O_RDONLY | O_CLOEXEC),
				    .buffer = malloc(trial->map.size + 1)};
	struct ssum_digest digest;

	ck_assert(streamed.fd >= 0 && streamed.buffer);
	assert_ok(ssum_stream_new("sha1", &streamed.stream));
	give_result(trial, "map", ssum_map_file(NULL, path, take_extent, &streamed), 0);
	assert_ok(ssum_stream_final(streamed.stream, &digest));
	ck_assert_msg(ssum_digest_equal(&digest, &trial->expected[0]),
		      "TEST_SEED=%ju %s: the stream of the map", (uintmax_t)trial->seed,
		      trial->file_system->name);
	ssum_stream_free(streamed.stream);
	free(streamed.buffer);
	close(streamed.fd);
}

/* Change one byte of a file. */
static void change_byte(const char *path, uint64_t offset, unsigned char value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	ck_assert(fd >= 0 && pwrite(fd, &value, 1, (off_t)offset) == 1);
	close(fd);
}

#define SMALL_INTERVAL 4096

/* Verify the directory of the copies as a package with many checkpoints, and compare two copies,
   before and after a byte is changed. */
static void verify_and_compare(struct trial *trial, const char *directory)
{
	const struct ssum_create_options options = {.size = sizeof(options),
						    .checkpoints = SMALL_INTERVAL};
	struct ssum_comparison comparison = {.size = sizeof(comparison)};
	const char *sparse = trial->paths[SPARSE], *dense = trial->paths[DENSE];
	uint64_t at = trial->map.size ? trial->seed * 2654435761u % trial->map.size : 0;

	give_result(trial, "create", ssum_create(NULL, directory, &options, NULL), 0);
	give_result(trial, "verify", ssum_verify(NULL, directory, NULL, NULL), SSUM_HOLDS);
	give_result(trial, "compare", ssum_compare_files(NULL, sparse, dense, &comparison),
		    SSUM_HOLDS);
	if (trial->map.size) {
		change_byte(sparse, at, trial->map.content[at] ^ 1);
		give_result(trial, "verify", ssum_verify(NULL, directory, NULL, NULL),
			    SSUM_DIFFERS);
		give_result(trial, "compare", ssum_compare_files(NULL, sparse, dense, &comparison),
			    SSUM_DIFFERS);
		ck_assert_msg(comparison.offset == at, "TEST_SEED=%ju %s: differs at %ju, not %ju",
			      (uintmax_t)trial->seed, trial->file_system->name,
			      (uintmax_t)comparison.offset, (uintmax_t)at);
	}
	free(run_command(NULL, "rm -f %s/SHA1SUMS*", directory));
}

#define OTHER_WAYS 4 /* use reflinks for one of this many seeds */

static void try_seed(const struct file_system *file_system, const char *directory, uint64_t seed)
{
	struct trial trial = {.file_system = file_system, .seed = seed};

	map_new(&trial.map, seed);
	for (size_t i = 0; algorithms[i]; i++)
		trial.expected[i] =
			oracle_of_bytes(algorithms[i], trial.map.content, trial.map.size);
	write_copies(&trial, directory);
	for (trial.state = DIRTY; trial.state < STATES; trial.state++)
		hash_in_each_way(&trial);
	check_with_sha1sum(&trial);
	if (seed % OTHER_WAYS == 0) {
		stream_by_map(&trial, trial.paths[SPARSE]);
		stream_by_map(&trial, trial.paths[PREALLOCATED]);
		verify_and_compare(&trial, directory);
	}
	for (int i = 0; i < COPIES; i++)
		free(trial.paths[i]);
	map_free(&trial.map);
}

#define LONG_SEEDS 10000

/* Random maps contain reserved space, dirty data, moved blocks, clones, punched ranges and holes at
   the end. */
static const unsigned hazards[] = {1, 2, 3, 6, 7};

START_TEST(random_maps_have_the_same_digest)
{
	const struct file_system *file_system = &file_systems[_i];
	char *directory = scratch_new(file_system);
	uint64_t seed = test_seed();

	if (!directory)
		skip("no %s", file_system->name);
	uint64_t rounds = test_rounds(MAP_SEEDS, LONG_SEEDS);
	for (uint64_t i = 0; i < rounds; i++)
		try_seed(file_system, directory, seed + i);
	scratch_remove(directory);
	for (size_t i = 0; i < ARRAY_SIZE(hazards); i++)
		tried(hazards[i], rounds);
}
END_TEST

int main(void)
{
	const struct test tests[] = {{random_maps_have_the_same_digest, FILE_SYSTEMS}};

	return run_suite("equivalence", tests, ARRAY_SIZE(tests));
}
