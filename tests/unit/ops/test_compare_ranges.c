/* SPDX-License-Identifier: MIT */
/* The ranges in which two files differ, checked against a loop over their bytes. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/differences.h"
#include "support/files.h"
#include "support/maps.h"
#include "support/suite.h"
#include "sparsesum/package.h"

#define GAP 4096 /* from the public header */

/* The reported ranges, and whether they were in order. */
struct reported {
	struct ssum_range *ranges;
	size_t count, capacity;
};

static void ranges_add(struct reported *reported, uint64_t offset, uint64_t length)
{
	if (reported->count == reported->capacity) {
		reported->capacity = reported->capacity ? 2 * reported->capacity : 64;
		reported->ranges =
			realloc(reported->ranges, reported->capacity * sizeof(*reported->ranges));
		ck_assert_ptr_nonnull(reported->ranges);
	}
	reported->ranges[reported->count++] = (struct ssum_range){offset, length};
}

static int take(void *user, const struct ssum_range *range)
{
	ranges_add(user, range->offset, range->length);
	return 0;
}

/* The expected ranges, byte by byte: bytes that differ or are in only one file, with adjacent
   ranges joined. */
static void expect_byte(struct reported *expected, uint64_t offset)
{
	struct ssum_range *last = expected->count ? &expected->ranges[expected->count - 1] : NULL;

	if (last && offset - (last->offset + last->length) < GAP)
		last->length = offset + 1 - last->offset;
	else
		ranges_add(expected, offset, 1);
}

static void expect_ranges(struct reported *expected, const unsigned char *a, uint64_t length_a,
			  const unsigned char *b, uint64_t length_b)
{
	uint64_t longest = length_a > length_b ? length_a : length_b;

	expected->count = 0;
	for (uint64_t i = 0; i < longest; i++)
		if (i >= length_a || i >= length_b || a[i] != b[i])
			expect_byte(expected, i);
}

static void assert_same_ranges(const struct reported *found, const struct reported *expected,
			       const char *what)
{
	for (size_t i = 0; i < found->count && i < expected->count; i++) {
		const struct ssum_range *f = &found->ranges[i], *e = &expected->ranges[i];

		ck_assert_msg(f->offset == e->offset && f->length == e->length,
			      "%s: range %zu: %ju+%ju, not %ju+%ju", what, i, (uintmax_t)f->offset,
			      (uintmax_t)f->length, (uintmax_t)e->offset, (uintmax_t)e->length);
	}
	ck_assert_msg(found->count == expected->count, "%s: %zu ranges, not %zu", what,
		      found->count, expected->count);
}

static int ranges_of(const struct ssum_options *options, const char *a, const char *b,
		     struct reported *reported, struct ssum_comparison *comparison)
{
	struct ssum_context *context;

	reported->count = 0;
	*comparison = (struct ssum_comparison){.size = sizeof(*comparison)};
	assert_ok(ssum_context_new(options, &context));
	int rc = ssum_compare_ranges(context, a, b, take, reported, comparison);
	ssum_context_free(context);
	return rc;
}

/* Compare a with b and b with a, with each policy, with one thread and with several. */
static void check(const char *a, const char *b, const struct reported *expected, const char *what)
{
	struct ssum_comparison found;
	struct reported reported = {.count = 0};

	for (unsigned i = 0; i < 8; i++) {
		const struct ssum_options options = {.size = sizeof(options),
						     .holes = (enum ssum_holes)(i / 2),
						     .threads = i % 2 ? 3 : 1};
		int rc = i % 3 ? ranges_of(&options, a, b, &reported, &found)
			       : ranges_of(&options, b, a, &reported, &found);

		assert_code(rc, expected->count ? SSUM_DIFFERS : SSUM_HOLDS);
		assert_same_ranges(&reported, expected, what);
		if (expected->count)
			ck_assert_uint_eq(found.offset, expected->ranges[0].offset);
	}
	free(reported.ranges);
}

/* ---- In memory ---- */

static const size_t distances[] = {1, 2, 63, 511, 4094, 4095, 4096, 4097, 4098, 8191, 8193, 20000};

/* Change bytes at distances around the block length. */
static void scatter(unsigned char *bytes, size_t length, uint64_t *state)
{
	size_t at = (size_t)(next_random(state) % 9000);

	while (at < length) {
		bytes[at] ^= (unsigned char)(1 + next_random(state) % 255);
		at += distances[next_random(state) % ARRAY_SIZE(distances)];
	}
}

/* Compare pieces of random length, as they would be read from a file. */
static void compare_in_pieces(const unsigned char *a, const unsigned char *b, size_t length,
			      struct reported *reported, uint64_t *state)
{
	struct differences differences = {.count = 0};

	for (size_t at = 0, piece; at < length; at += piece) {
		piece = (size_t)(1 + next_random(state) % 30000);
		if (piece > length - at)
			piece = length - at;
		assert_ok(differences_find(&differences, a + at, b ? b + at : NULL, piece, at));
	}
	reported->count = 0;
	for (size_t i = 0; i < differences.count; i++)
		ranges_add(reported, differences.ranges[i].offset, differences.ranges[i].length);
	differences_free(&differences);
}

START_TEST(ranges_of_buffers)
{
	static unsigned char a[200000], b[sizeof(a)];
	static const unsigned char nothing[sizeof(a)];
	struct reported expected = {.count = 0}, reported = {.count = 0};
	uint64_t state = test_seed();

	for (int i = 0; i < 50; i++) {
		size_t length = (size_t)(next_random(&state) % sizeof(a));
		bool zeros = i % 2;

		fill_random(a, length, &state);
		if (zeros)
			memset(a, 0, length);
		memcpy(b, a, length);
		scatter(a, length, &state);
		expect_ranges(&expected, a, length, zeros ? nothing : b, length);
		compare_in_pieces(a, zeros ? NULL : b, length, &reported, &state);
		assert_same_ranges(&reported, &expected, "in memory");
	}
	free(expected.ranges);
	free(reported.ranges);
}
END_TEST

/* ---- Random files ---- */

static void try_seed(uint64_t seed, struct reported *expected)
{
	struct map a, b;
	uint64_t state = seed;
	char what[64];

	snprintf(what, sizeof(what), "TEST_SEED=%ju", (uintmax_t)seed);
	map_new(&a, seed);
	map_new(&b, seed + 1);
	map_write(&a, "sparse");
	map_write(&b, "other");
	expect_ranges(expected, a.content, a.size, b.content, b.size);
	check("sparse", "other", expected, what);

	unsigned char *changed = malloc(a.size + 1);
	uint64_t length = next_random(&state) % 3 ? a.size : next_random(&state) % (a.size + 1);
	ck_assert_ptr_nonnull(changed);
	memcpy(changed, a.content, a.size);
	check("sparse", "sparse", &(struct reported){.count = 0}, what);
	scatter(changed, a.size, &state);
	write_file("changed", changed, length);
	expect_ranges(expected, a.content, a.size, changed, length);
	check("sparse", "changed", expected, what);
	free(changed);
	map_free(&a);
	map_free(&b);
}

START_TEST(ranges_of_random_files)
{
	char *directory = scratch_new(&file_systems[_i]);
	struct reported expected = {.count = 0};
	uint64_t seed = test_seed();

	if (!directory)
		skip("no %s", file_systems[_i].name);
	ck_assert(!chdir(directory));
	for (int i = 0; i < MAP_SEEDS / 4; i++)
		try_seed(seed + (uint64_t)i, &expected);
	free(expected.ranges);
	scratch_remove(directory);
}
END_TEST

/* ---- Longer files, which are compared in parts ---- */

#define LONG (100 * MIB)

static void make_hole(const char *path, uint64_t length)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert(fd >= 0 && !ftruncate(fd, (off_t)length));
	close(fd);
}

static void put_byte(const char *path, uint64_t offset)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	ck_assert_int_eq(pwrite(fd, "x", 1, (off_t)offset), 1);
	close(fd);
}

/* Around the borders of parts of 32 MiB, and at both ends. */
static const uint64_t places[] = {0,
				  4096,
				  8193,
				  32 * MIB - 4097,
				  32 * MIB - 1,
				  32 * MIB + 4095,
				  64 * MIB - 1,
				  64 * MIB,
				  64 * MIB + 4097,
				  96 * MIB - 4000,
				  96 * MIB + 95,
				  96 * MIB + 96 + 4096,
				  LONG - 1};

START_TEST(ranges_across_parts)
{
	char *directory = scratch_here();
	struct reported expected = {.count = 0};

	ck_assert(!chdir(directory));
	make_hole("a", LONG);
	make_hole("b", LONG);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		put_byte("b", places[i]);
		expect_byte(&expected, places[i]);
		check("a", "b", &expected, "across parts");
	}
	make_hole("a", 96 * MIB + 50);
	expected.count -= 2;
	expected.ranges[expected.count - 1].length = LONG - (96 * MIB - 4000);
	check("a", "b", &expected, "the rest of the longer file joins a range across parts");
	free(expected.ranges);
	scratch_remove(directory);
}
END_TEST

/* A hole that is too long to be read. */
#define VAST ((uint64_t)8 << 40)

START_TEST(ranges_at_the_end_of_a_file)
{
	static char zeros[MIB];
	char *directory = scratch_here();
	struct reported none = {.count = 0}, one = {.count = 0}, reported = {.count = 0};
	struct ssum_comparison found;

	ck_assert(!chdir(directory));
	write_text("empty", "");
	write_text("c", "c");
	write_file("zeros", zeros, sizeof(zeros));
	make_hole("hole", sizeof(zeros));
	check("empty", "empty", &none, "empty");
	check("zeros", "hole", &none, "zeros and a hole");
	ranges_add(&one, 0, 1);
	check("empty", "c", &one, "one of them empty");
	one.ranges[0] = (struct ssum_range){0, sizeof(zeros)};
	check("empty", "hole", &one, "a longer hole");
	memset(zeros, 1, sizeof(zeros));
	write_file("ones", zeros, sizeof(zeros));
	check("hole", "ones", &one, "a hole and data");
	make_hole("vast", VAST);
	one.ranges[0] = (struct ssum_range){sizeof(zeros), VAST - sizeof(zeros)};
	assert_code(ranges_of(NULL, "hole", "vast", &reported, &found), SSUM_DIFFERS);
	assert_same_ranges(&reported, &one, "a much longer hole");
	make_hole("other", VAST);
	put_byte("other", VAST - 1);
	one.ranges[0] = (struct ssum_range){VAST - 1, 1};
	assert_code(ranges_of(NULL, "other", "vast", &reported, &found), SSUM_DIFFERS);
	assert_same_ranges(&reported, &one, "a huge hole in both");
	free(reported.ranges);
	free(one.ranges);
	scratch_remove(directory);
}
END_TEST

/* ---- Many ranges, and comparisons that stop early ---- */

#define MANY 70000
#define RANGES_BUFFERED 65536
#define STEP 4100

/* A file of zeros with one other byte in each STEP bytes. */
static void write_many(const char *path)
{
	unsigned char *bytes = calloc(MANY, STEP);

	ck_assert_ptr_nonnull(bytes);
	for (size_t i = 0; i < MANY; i++)
		bytes[i * STEP] = 1;
	write_file(path, bytes, (size_t)MANY * STEP);
	free(bytes);
}

struct visitor {
	struct ssum_context *context;
	size_t count, stop_at, cancel_at, touch_at;
	uint64_t next; /* the lowest valid offset */
};

static int visit(void *user, const struct ssum_range *range)
{
	struct visitor *visitor = user;

	ck_assert_uint_ge(range->offset, visitor->next);
	visitor->next = range->offset + range->length;
	visitor->count++;
	if (visitor->count == visitor->cancel_at)
		ssum_cancel(visitor->context);
	if (visitor->count == visitor->touch_at)
		utimensat(AT_FDCWD, "many", NULL, 0);
	return visitor->count == visitor->stop_at;
}

static int visit_all(struct visitor *visitor, unsigned threads)
{
	const struct ssum_options options = {.size = sizeof(options), .threads = threads};

	assert_ok(ssum_context_new(&options, &visitor->context));
	int rc = ssum_compare_ranges(visitor->context, "hole", "many", visit, visitor, NULL);
	ssum_context_free(visitor->context);
	return rc;
}

START_TEST(many_ranges)
{
	static const struct {
		struct visitor visitor;
		int result;
		size_t least, most;
	} cases[] = {
		{{.count = 0}, SSUM_DIFFERS, MANY, MANY},
		{{.stop_at = 1}, SSUM_ERR_CANCELLED, 1, 1},
		{{.stop_at = 66000}, SSUM_ERR_CANCELLED, 66000, 66000},
		{{.cancel_at = 2}, SSUM_ERR_CANCELLED, 2, 2},
		{{.stop_at = MANY}, SSUM_ERR_CANCELLED, MANY, MANY},
		/* Reported ranges cannot be retracted. */
		{{.touch_at = 1}, SSUM_ERR_CHANGED, RANGES_BUFFERED, MANY - 1},
		/* All ranges are reported by then, and were right. */
		{{.touch_at = MANY}, SSUM_DIFFERS, MANY, MANY},
	};
	char *directory = scratch_here();

	ck_assert(!chdir(directory));
	write_many("many");
	make_hole("hole", (uint64_t)MANY * STEP);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (unsigned threads = 1; threads <= 4; threads += 3) {
			struct visitor visitor = cases[i].visitor;

			assert_code(visit_all(&visitor, threads), cases[i].result);
			ck_assert_uint_ge(visitor.count, cases[i].least);
			ck_assert_uint_le(visitor.count, cases[i].most);
		}
	scratch_remove(directory);
}
END_TEST

/* ---- Files that change during the comparison ---- */

static atomic_bool stop_touching;

static void *keep_touching(void *path)
{
	while (!atomic_load(&stop_touching)) {
		utimensat(AT_FDCWD, path, NULL, 0);
		usleep(300);
	}
	return NULL;
}

/* Even if the files are read several times, each range is reported once, or none is reported. */
START_TEST(timestamps_change_during_comparison)
{
	const struct ssum_options options = {.size = sizeof(options), .tries = 8, .threads = 2};
	char *directory = scratch_here();
	struct ssum_comparison found;
	struct reported expected = {.count = 0}, reported = {.count = 0};
	char path[2][2] = {"a", "b"};
	pthread_t thread;

	ck_assert(!chdir(directory));
	make_hole("a", LONG);
	make_hole("b", LONG);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		put_byte("b", places[i]);
		expect_byte(&expected, places[i]);
	}
	atomic_store(&stop_touching, false);
	ck_assert(!pthread_create(&thread, NULL, keep_touching, path[_i]));
	for (int i = 0; i < 60; i++) {
		int rc = ranges_of(&options, "a", "b", &reported, &found);

		ck_assert_msg(rc == SSUM_DIFFERS || rc == SSUM_ERR_CHANGED, "%d", rc);
		if (rc == SSUM_DIFFERS)
			assert_same_ranges(&reported, &expected, "touched during the comparison");
		else
			ck_assert_uint_eq(reported.count, 0);
	}
	atomic_store(&stop_touching, true);
	pthread_join(thread, NULL);
	free(reported.ranges);
	free(expected.ranges);
	scratch_remove(directory);
}
END_TEST

/* ---- Different storage ---- */

START_TEST(equal_contents_stored_differently)
{
	static const enum ssum_holes policies[] = {SSUM_HOLES_TRUST, SSUM_HOLES_VERIFY,
						   SSUM_HOLES_READ};
	char *directory = scratch_new(&file_systems[_i]);
	struct ssum_comparison found;
	struct reported reported = {.count = 0};

	if (!directory)
		skip("no %s", file_systems[_i].name);
	ck_assert(!chdir(directory));
	static char data[3 * MIB];
	memset(data + MIB, 7, MIB);
	write_file("dense", data, sizeof(data));
	make_hole("sparse", sizeof(data));
	int fd = open("sparse", O_WRONLY | O_CLOEXEC);
	ck_assert_int_eq(pwrite(fd, data + MIB, MIB, MIB), MIB);
	close(fd);
	for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
		const struct ssum_options options = {.size = sizeof(options), .holes = policies[i]};
		bool asked = policies[i] != SSUM_HOLES_READ;

		assert_code(ranges_of(&options, "sparse", "dense", &reported, &found), SSUM_HOLDS);
		ck_assert_int_eq(found.maps_known, asked);
		ck_assert_uint_eq(found.data[0], asked ? MIB : sizeof(data));
		ck_assert_uint_eq(found.data[1], sizeof(data));
	}
	put_byte("dense", 5);
	assert_code(ranges_of(NULL, "sparse", "dense", &reported, &found), SSUM_DIFFERS);
	ck_assert_int_eq(found.maps_known, 0);
	free(reported.ranges);
	scratch_remove(directory);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{ranges_of_buffers, 0},
		{ranges_of_random_files, FILE_SYSTEMS},
		{ranges_across_parts, 0},
		{ranges_at_the_end_of_a_file, 0},
		{many_ranges, 0},
		{timestamps_change_during_comparison, 2},
		{equal_contents_stored_differently, FILE_SYSTEMS},
	};

	return run_suite("compare_ranges", tests, ARRAY_SIZE(tests));
}
