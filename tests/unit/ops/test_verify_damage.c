/* SPDX-License-Identifier: MIT */
/* A damaged byte is located in its segment, for every algorithm, size and form of storage. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "sparsesum/package.h"

#define INTERVAL ((size_t)4096)
#define LONGEST (24 * INTERVAL + 100)

static const size_t sizes[] = {
	0, 1, INTERVAL - 1, INTERVAL, INTERVAL + 1, 2 * INTERVAL, 3 * INTERVAL + 17, LONGEST,
};

static unsigned char content[LONGEST]; /* the files have its first bytes */

static void begin(void)
{
	uint64_t seed = 7;

	scratch_enter_tmpfs();
	fill_random(content, sizeof(content), &seed);
	/* Segments 1, 4, 7 ... are zeros, and one is half zeros. */
	for (size_t at = INTERVAL; at + INTERVAL <= LONGEST; at += 3 * INTERVAL)
		memset(content + at, 0, INTERVAL);
	memset(content + 5 * INTERVAL + 1000, 0, 2000);
}

/* ---- Damage ---- */

enum form { SPARSE, DENSE, PREALLOCATED, FORMS };

static void write_form(const char *path, size_t size, enum form form)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	static const unsigned char zeros[INTERVAL];

	ck_assert(fd >= 0 && !ftruncate(fd, (off_t)size));
	if (form == PREALLOCATED && size)
		ck_assert(!posix_fallocate(fd, 0, (off_t)size));
	for (size_t at = 0; at < size; at += INTERVAL) {
		size_t length = min_u64(INTERVAL, size - at);

		if (form == DENSE || memcmp(content + at, zeros, length))
			ck_assert_int_eq(pwrite(fd, content + at, length, (off_t)at),
					 (ssize_t)length);
	}
	close(fd);
}

static void flip(const char *path, size_t position, unsigned bit)
{
	int fd = open(path, O_RDWR);
	unsigned char byte;

	ck_assert(fd >= 0 && pread(fd, &byte, 1, (off_t)position) == 1);
	byte ^= (unsigned char)(1u << bit);
	ck_assert(pwrite(fd, &byte, 1, (off_t)position) == 1);
	close(fd);
}

/* The bytes that are flipped, one in each copy: the first and the last one of every segment, and
   some in between. */
static size_t choose_positions(size_t size, size_t positions[])
{
	uint64_t seed = size;
	size_t count = 0;

	for (size_t at = 0; at < size; at += INTERVAL) {
		positions[count++] = at;
		positions[count++] = min_u64(at + INTERVAL, size) - 1;
	}
	for (int i = 0; i < 8 && size; i++)
		positions[count++] = next_random(&seed) % size;
	return count;
}

#define POSITIONS_MAX 64

static struct {
	size_t size, count;
	size_t positions[POSITIONS_MAX];
	bool found[POSITIONS_MAX];
	bool no_ranges; /* there are no checkpoints */
	unsigned whole; /* copies that hold */
} damage;

static int judge(void *user, const struct ssum_report *report)
{
	(void)user;
	if (report->found.type != SSUM_TYPE_FILE)
		return 0;
	if (!strcmp(report->path, "whole")) {
		ck_assert_int_eq(report->verdict, SSUM_HOLDS);
		ck_assert_uint_eq(report->damaged_count, 0);
		damage.whole++;
		return 0;
	}
	size_t i = strtoul(report->path, NULL, 10);
	size_t begin = damage.positions[i] - damage.positions[i] % INTERVAL;

	ck_assert_int_eq(report->verdict, SSUM_DIFFERS);
	ck_assert_uint_eq(report->found.length, damage.size);
	if (damage.size <= INTERVAL || damage.no_ranges) {
		ck_assert_uint_eq(report->damaged_count, 0);
	} else {
		ck_assert_uint_eq(report->damaged_count, 1);
		ck_assert_uint_eq(report->damaged[0].offset, begin);
		ck_assert_uint_eq(report->damaged[0].length,
				  min_u64(INTERVAL, damage.size - begin));
	}
	damage.found[i] = true;
	return 0;
}

static void expect_all_found(unsigned threads, const char *words)
{
	const struct ssum_verify_options options = {.size = sizeof(options), .report = judge};
	const struct ssum_options context_options = {.size = sizeof(context_options),
						     .threads = threads};
	struct ssum_context *context;

	damage.whole = 0;
	memset(damage.found, 0, sizeof(damage.found));
	assert_ok(ssum_context_new(&context_options, &context));
	assert_code(ssum_verify(context, "p", &options, NULL),
		    damage.count ? SSUM_DIFFERS : SSUM_HOLDS);
	ck_assert_msg(damage.whole == 1, "%s", words);
	for (size_t i = 0; i < damage.count; i++)
		ck_assert_msg(damage.found[i], "%s, size %zu, byte %zu: not found", words,
			      damage.size, damage.positions[i]);
	ssum_context_free(context);
}

/* A package with one copy for each flipped byte, and an unchanged one. */
static void make_damaged(const char *const *algorithms, size_t size, enum form form)
{
	const struct ssum_create_options options = {
		.size = sizeof(options), .algorithms = algorithms, .checkpoints = INTERVAL};
	char path[32];

	free(run_command(NULL, "rm -rf p && mkdir p"));
	damage.size = size;
	damage.count = choose_positions(size, damage.positions);
	write_form("p/whole", size, form);
	for (size_t i = 0; i < damage.count; i++) {
		snprintf(path, sizeof(path), "p/%zu", i);
		write_form(path, size, form);
	}
	assert_ok(ssum_create(NULL, "p", &options, NULL));
	for (size_t i = 0; i < damage.count; i++) {
		snprintf(path, sizeof(path), "p/%zu", i);
		flip(path, damage.positions[i], i % 8);
	}
}

START_TEST(each_flipped_bit_is_located)
{
	const char *const algorithms[] = {ssum_algorithm_name((size_t)_i / FORMS), NULL};
	static const unsigned threads[] = {1, 2, 4};

	begin();
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		make_damaged(algorithms, sizes[i], (enum form)(_i % FORMS));
		for (size_t t = 0; t < ARRAY_SIZE(threads); t++)
			expect_all_found(threads[t], algorithms[0]);
	}
	scratch_leave();
}
END_TEST

/* The file is judged by segments only if every digest of the file has checkpoints. The verdict is
   the same in both cases. */
START_TEST(several_manifests_with_and_without_checkpoints)
{
	static const struct {
		const char *const algorithms[4];
		const char *without; /* removed from the package */
		bool no_ranges;
	} cases[] = {
		{{"sha1", "sha256"}, NULL, false},
		{{"sha512", "sha1", "sha224"}, NULL, false},
		{{"sha1", "sha256"}, "p/SHA1SUMS.checkpoints", true},
		{{"sha1", "sha256"}, "p/SHA256SUMS.checkpoints", true},
		{{"sha1", "md5"}, NULL, true},
		{{"sha3-256", "sha1"}, NULL, true},
		{{"blake2b512"}, NULL, true},
	};

	begin();
	make_damaged(cases[_i].algorithms, LONGEST, SPARSE);
	if (cases[_i].without)
		ck_assert(!unlink(cases[_i].without));
	damage.no_ranges = cases[_i].no_ranges;
	for (unsigned threads = 1; threads <= 4; threads *= 2)
		expect_all_found(threads, cases[_i].algorithms[0]);
	damage.no_ranges = false;
	scratch_leave();
}
END_TEST

/* ---- Files of another length than listed ---- */

static struct ssum_range reported[64];
static size_t reported_count;

static int take_range(void *user, const struct ssum_range *range)
{
	(void)user;
	ck_assert_uint_lt(reported_count, ARRAY_SIZE(reported));
	reported[reported_count++] = *range;
	return 0;
}

static int verify_file(const struct ssum_digest *digest, const struct ssum_checkpoints *made)
{
	reported_count = 0;
	return ssum_verify_file(NULL, "file", "sha1", digest, made, take_range, NULL);
}

START_TEST(shorter_and_longer_files)
{
	const size_t listed = 5 * INTERVAL + 17;
	struct ssum_checkpoints *made;

	begin();
	const struct ssum_digest right = oracle_of_bytes("sha1", content, listed);
	write_file("file", content, listed);
	assert_ok(ssum_checkpoints_make(NULL, "file", "sha1", INTERVAL, &made));
	assert_code(verify_file(&right, made), SSUM_HOLDS);
	ck_assert_uint_eq(reported_count, 0);

	for (size_t size = 0; size < 8 * INTERVAL; size += size % INTERVAL ? INTERVAL - 1 : 1) {
		size_t from = min_u64(size / INTERVAL, 5) * INTERVAL;

		write_file("file", content, size);
		assert_code(verify_file(&right, made), SSUM_DIFFERS);
		/* If a file is only too long, no range of it has to be fetched. */
		ck_assert_uint_eq(reported_count, size < listed);
		if (size > listed)
			continue;
		ck_assert_uint_eq(reported[0].offset, from);
		ck_assert_uint_eq(reported[0].length, listed - from);
	}
	ssum_checkpoints_free(made);
	scratch_leave();
}
END_TEST

/* Adjacent damaged segments are reported as one range. */
START_TEST(ranges_are_joined)
{
	struct ssum_checkpoints *made;

	begin();
	const struct ssum_digest right = oracle_of_bytes("sha1", content, LONGEST);
	write_file("file", content, LONGEST);
	assert_ok(ssum_checkpoints_make(NULL, "file", "sha1", INTERVAL, &made));
	for (uint64_t seed = 1; seed < 60; seed++) {
		bool bad[LONGEST / INTERVAL + 2] = {false};
		uint64_t state = seed;
		size_t next = 0;

		write_file("file", content, LONGEST);
		for (uint64_t n = next_random(&state) % 20 + 1; n; n--) {
			size_t position = next_random(&state) % LONGEST;

			if (!bad[position / INTERVAL])
				flip("file", position, 3);
			bad[position / INTERVAL] = true;
		}
		assert_code(verify_file(&right, made), SSUM_DIFFERS);
		for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
			size_t end = i;

			while (bad[end])
				end++;
			if (end == i)
				continue;
			ck_assert_uint_lt(next, reported_count);
			ck_assert_uint_eq(reported[next].offset, i * INTERVAL);
			ck_assert_uint_eq(reported[next].length,
					  min_u64(end * INTERVAL, LONGEST) - i * INTERVAL);
			next++;
			i = end;
		}
		ck_assert_uint_eq(next, reported_count);
	}
	ssum_checkpoints_free(made);
	scratch_leave();
}
END_TEST

/* The maximum number of checkpoints, and a file for which the interval is doubled. */
START_TEST(maximum_number_of_checkpoints)
{
	static const struct {
		uint64_t length, interval;
	} cases[] = {
		{((uint64_t)INTERVAL << 16) + 1, INTERVAL},
		{((uint64_t)INTERVAL << 16) + 4097, 2 * INTERVAL},
	};
	const uint64_t length = cases[_i].length, interval = cases[_i].interval;
	struct ssum_checkpoints *made;

	begin();
	write_text("file", "");
	ck_assert(!truncate("file", (off_t)length));
	const struct ssum_digest digest = oracle_of_file("sha1", "file");
	assert_ok(ssum_checkpoints_make(NULL, "file", "sha1", INTERVAL, &made));
	assert_code(verify_file(&digest, made), SSUM_HOLDS);
	flip("file", length - 1, 0);
	flip("file", length / 2, 0);
	assert_code(verify_file(&digest, made), SSUM_DIFFERS);
	ck_assert_uint_eq(reported_count, 2);
	ck_assert_uint_eq(reported[0].offset, length / 2 / interval * interval);
	ck_assert_uint_eq(reported[0].length, interval);
	ck_assert_uint_eq(reported[1].offset, (length - 1) / interval * interval);
	ck_assert_uint_eq(reported[1].offset + reported[1].length, length);
	ssum_checkpoints_free(made);
	scratch_leave();
}
END_TEST

/* The st_size of a file in sysfs may be wrong, so it is not divided into segments. */
START_TEST(file_of_sysfs)
{
	static const char path[] = "/sys/kernel/btf/vmlinux";
	struct ssum_checkpoints *made;
	struct ssum_digest digest;

	if (access(path, R_OK))
		skip("no %s", path);
	digest = oracle_of_file("sha1", path);
	assert_ok(ssum_checkpoints_make(NULL, path, "sha1", INTERVAL, &made));
	assert_code(ssum_verify_file(NULL, path, "sha1", &digest, made, NULL, NULL), SSUM_HOLDS);
	ssum_checkpoints_free(made);
}
END_TEST

/* ---- Errors ---- */

static int stop_at_first_range(void *user, const struct ssum_range *range)
{
	(void)user;
	(void)range;
	return 1;
}

START_TEST(error_codes)
{
	struct ssum_checkpoints *made;

	begin();
	write_file("file", content, LONGEST);
	const struct ssum_digest digest = oracle_of_bytes("sha1", content, LONGEST);
	const struct ssum_digest other = oracle_of_bytes("sha256", content, LONGEST);

	assert_ok(ssum_checkpoints_make(NULL, "file", "sha1", INTERVAL, &made));
	assert_code(ssum_verify_file(NULL, "gone", "sha1", &digest, made, NULL, NULL), -ENOENT);
	assert_code(ssum_verify_file(NULL, ".", "sha1", &digest, made, NULL, NULL), -EISDIR);
	assert_code(ssum_verify_file(NULL, "file", "none", &digest, made, NULL, NULL),
		    SSUM_ERR_ALGORITHM);
	assert_code(ssum_verify_file(NULL, "file", "sha1", &other, made, NULL, NULL),
		    SSUM_ERR_OPTIONS);
	/* Checkpoints of another algorithm are ignored. */
	assert_code(ssum_verify_file(NULL, "file", "sha256", &other, made, NULL, NULL), SSUM_HOLDS);
	assert_code(ssum_verify_file(NULL, "file", NULL, &digest, NULL, NULL, NULL), SSUM_HOLDS);
	flip("file", 5, 5);
	assert_code(ssum_verify_file(NULL, "file", NULL, &digest, made, NULL, NULL), SSUM_DIFFERS);
	assert_code(ssum_verify_file(NULL, "file", NULL, &digest, NULL, stop_at_first_range, NULL),
		    SSUM_DIFFERS);
	assert_code(ssum_verify_file(NULL, "file", NULL, &digest, made, stop_at_first_range, NULL),
		    SSUM_ERR_CANCELLED);
	ssum_checkpoints_free(made);
	scratch_leave();
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{each_flipped_bit_is_located, 5 * FORMS},
		{several_manifests_with_and_without_checkpoints, 7},
		{shorter_and_longer_files, 0},
		{ranges_are_joined, 0},
		{maximum_number_of_checkpoints, 2},
		{file_of_sysfs, 0},
		{error_codes, 0},
	};

	return run_suite("verify_damage", tests, ARRAY_SIZE(tests));
}
