/* SPDX-License-Identifier: MIT */
/* Checkpoints are the values that libcrypto comes to, and a damaged byte is found in the very
   segment that it is in: of every algorithm, at every size, however the file is stored. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/checkpoints.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/suite.h"

#define INTERVAL ((size_t)4096)
#define LONGEST (24 * INTERVAL + 100)

static const size_t sizes[] = {
	0, 1, INTERVAL - 1, INTERVAL, INTERVAL + 1, 2 * INTERVAL, 3 * INTERVAL + 17, LONGEST,
};

static char *folder;                   /* the current folder while a test runs */
static unsigned char content[LONGEST]; /* of every size, from its beginning */

static void enter_scratch(void)
{
	uint64_t seed = 7;

	folder = scratch_new(&file_systems[0]);
	if (!folder)
		folder = scratch_here();
	ck_assert(!chdir(folder));
	fill_random(content, sizeof(content), &seed);
	/* Segments 1, 4, 7 ... are zeros, and one is half of them. */
	for (size_t at = INTERVAL; at + INTERVAL <= LONGEST; at += 3 * INTERVAL)
		memset(content + at, 0, INTERVAL);
	memset(content + 5 * INTERVAL + 1000, 0, 2000);
}

static void leave_scratch(void)
{
	ck_assert(!chdir("/"));
	scratch_remove(folder);
}

/* ---- What libcrypto comes to ---- */

static void put_words(struct ssum_digest *value, const uint64_t *words, size_t count, size_t width)
{
	value->length = count * width;
	for (size_t i = 0; i < value->length; i++)
		value->bytes[i] =
			(unsigned char)(words[i / width] >> (8 * (width - 1 - i % width)));
}

/* The intermediate hash value behind some whole blocks, from the context of the functions that
   libcrypto had before EVP. */
static struct ssum_digest chaining_value(const char *algorithm, const void *data, size_t length)
{
	struct ssum_digest value = {0};
	uint64_t words[8];

	if (!strcmp(algorithm, "sha1")) {
		SHA_CTX context;

		ck_assert(SHA1_Init(&context) && SHA1_Update(&context, data, length));
		words[0] = context.h0;
		words[1] = context.h1;
		words[2] = context.h2;
		words[3] = context.h3;
		words[4] = context.h4;
		put_words(&value, words, 5, 4);
	} else if (!strcmp(algorithm, "sha224") || !strcmp(algorithm, "sha256")) {
		SHA256_CTX context;

		ck_assert(algorithm[3] == '2' && algorithm[4] == '2' ? SHA224_Init(&context)
								     : SHA256_Init(&context));
		ck_assert(SHA256_Update(&context, data, length));
		for (int i = 0; i < 8; i++)
			words[i] = context.h[i];
		put_words(&value, words, 8, 4);
	} else {
		SHA512_CTX context;

		ck_assert(!strcmp(algorithm, "sha384") ? SHA384_Init(&context)
						       : SHA512_Init(&context));
		ck_assert(SHA512_Update(&context, data, length));
		for (int i = 0; i < 8; i++)
			words[i] = context.h[i];
		put_words(&value, words, 8, 8);
	}
	return value;
}

START_TEST(values)
{
	const char *algorithm = ssum_algorithm_name((size_t)_i);

	enter_scratch();
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct ssum_checkpoints_info info = {.size = sizeof(info)};
		struct ssum_checkpoints *made;
		struct ssum_digest value;

		write_file("file", content, sizes[i]);
		assert_ok(ssum_checkpoints_make(NULL, "file", algorithm, INTERVAL, &made));
		assert_ok(ssum_checkpoints_describe(made, &info));
		ck_assert_str_eq(info.name, "file");
		ck_assert_str_eq(info.algorithm, algorithm);
		ck_assert_uint_eq(info.length, sizes[i]);
		ck_assert_uint_eq(info.interval, INTERVAL);
		ck_assert_uint_eq(info.count, sizes[i] ? (sizes[i] - 1) / INTERVAL : 0);
		assert_digest_eq(info.digest, oracle_of_bytes(algorithm, content, sizes[i]));
		for (uint64_t k = 1; k <= info.count; k++) {
			assert_ok(ssum_checkpoints_value(made, k, &value));
			assert_digest_eq(value, chaining_value(algorithm, content, k * INTERVAL));
		}
		assert_code(ssum_checkpoints_value(made, 0, &value), SSUM_ERR_NO_CHECKPOINT);
		assert_code(ssum_checkpoints_value(made, info.count + 1, &value),
			    SSUM_ERR_NO_CHECKPOINT);
		assert_code(ssum_checkpoints_value(made, UINT64_MAX, &value),
			    SSUM_ERR_NO_CHECKPOINT);
		ssum_checkpoints_free(made);
	}
	leave_scratch();
}
END_TEST

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

/* The bytes that are flipped, each in a copy of its own: the first and the last one of every
   segment, and some in between. */
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
	bool no_ranges; /* there are no checkpoints to find them by */
	unsigned whole; /* copies that hold */
} damage;

static int judge(void *user, const struct ssum_report *report)
{
	(void)user;
	if (report->type != SSUM_TYPE_FILE)
		return 0;
	if (!strcmp(report->path, "whole")) {
		ck_assert_int_eq(report->verdict, SSUM_HOLDS);
		ck_assert_uint_eq(report->damaged_count, 0);
		damage.whole++;
		return 0;
	}
	size_t i = strtoul(report->path, NULL, 10);
	size_t begin = damage.positions[i] - damage.positions[i] % INTERVAL;

	ck_assert_int_eq(report->verdict, SSUM_DIFFERENT);
	ck_assert_uint_eq(report->length, damage.size);
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
		    damage.count ? SSUM_DIFFERS : SSUM_SAME);
	ck_assert_msg(damage.whole == 1, "%s", words);
	for (size_t i = 0; i < damage.count; i++)
		ck_assert_msg(damage.found[i], "%s, size %zu, byte %zu: not found", words,
			      damage.size, damage.positions[i]);
	ssum_context_free(context);
}

/* A package with a copy for every byte that is to be flipped, and one that stays as it is. */
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

START_TEST(each_flip_is_located)
{
	const char *const algorithms[] = {ssum_algorithm_name((size_t)_i / FORMS), NULL};
	static const unsigned threads[] = {1, 2, 4};

	enter_scratch();
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		make_damaged(algorithms, sizes[i], (enum form)(_i % FORMS));
		for (size_t t = 0; t < ARRAY_SIZE(threads); t++)
			expect_all_found(threads[t], algorithms[0]);
	}
	leave_scratch();
}
END_TEST

/* Segments are cut if every digest of the file has its checkpoints; if not, the verdict is the
   same. */
START_TEST(several_manifests)
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

	enter_scratch();
	make_damaged(cases[_i].algorithms, LONGEST, SPARSE);
	if (cases[_i].without)
		ck_assert(!unlink(cases[_i].without));
	damage.no_ranges = cases[_i].no_ranges;
	for (unsigned threads = 1; threads <= 4; threads *= 2)
		expect_all_found(threads, cases[_i].algorithms[0]);
	damage.no_ranges = false;
	leave_scratch();
}
END_TEST

/* ---- Other sizes than the listed one ---- */

static struct ssum_range told[64];
static size_t told_count;

static int take_range(void *user, const struct ssum_range *range)
{
	(void)user;
	ck_assert_uint_lt(told_count, ARRAY_SIZE(told));
	told[told_count++] = *range;
	return 0;
}

static int verify_file(const struct ssum_digest *digest, const struct ssum_checkpoints *made)
{
	told_count = 0;
	return ssum_verify_file(NULL, "file", "sha1", digest, made, take_range, NULL);
}

START_TEST(other_sizes)
{
	const size_t listed = 5 * INTERVAL + 17;
	struct ssum_checkpoints *made;

	enter_scratch();
	const struct ssum_digest right = oracle_of_bytes("sha1", content, listed);
	write_file("file", content, listed);
	assert_ok(ssum_checkpoints_make(NULL, "file", "sha1", INTERVAL, &made));
	assert_code(verify_file(&right, made), SSUM_SAME);
	ck_assert_uint_eq(told_count, 0);

	for (size_t size = 0; size < 8 * INTERVAL; size += size % INTERVAL ? INTERVAL - 1 : 1) {
		size_t from = min_u64(size / INTERVAL, 5) * INTERVAL;

		write_file("file", content, size);
		assert_code(verify_file(&right, made), SSUM_DIFFERS);
		ck_assert_uint_eq(told_count, 1);
		ck_assert_uint_eq(told[0].offset, from);
		ck_assert_uint_eq(told[0].length, listed - from);
	}
	ssum_checkpoints_free(made);
	leave_scratch();
}
END_TEST

/* Several damaged segments: those side by side are one range. */
START_TEST(ranges_are_joined)
{
	struct ssum_checkpoints *made;

	enter_scratch();
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
			ck_assert_uint_lt(next, told_count);
			ck_assert_uint_eq(told[next].offset, i * INTERVAL);
			ck_assert_uint_eq(told[next].length,
					  min_u64(end * INTERVAL, LONGEST) - i * INTERVAL);
			next++;
			i = end;
		}
		ck_assert_uint_eq(next, told_count);
	}
	ssum_checkpoints_free(made);
	leave_scratch();
}
END_TEST

/* ---- Checkpoints as objects ---- */

static int enough(void *user, const struct ssum_range *range)
{
	(void)user;
	(void)range;
	return 1;
}

START_TEST(errors)
{
	struct ssum_checkpoints *made;
	struct ssum_digest digest, other;

	enter_scratch();
	write_file("file", content, LONGEST);
	digest = oracle_of_bytes("sha1", content, LONGEST);
	other = oracle_of_bytes("sha256", content, LONGEST);

	assert_code(ssum_checkpoints_make(NULL, "file", "sha1", 1, &made), SSUM_ERR_OPTIONS);
	ck_assert_ptr_null(made);
	assert_code(ssum_checkpoints_make(NULL, "file", "sha1", 4097, &made), SSUM_ERR_OPTIONS);
	assert_code(ssum_checkpoints_make(NULL, "file", "sha1", SSUM_NO_CHECKPOINTS, &made),
		    SSUM_ERR_OPTIONS);
	assert_code(ssum_checkpoints_make(NULL, "file", "md5", INTERVAL, &made),
		    SSUM_ERR_NO_CHECKPOINT);
	assert_code(ssum_checkpoints_make(NULL, "file", "none", INTERVAL, &made),
		    SSUM_ERR_ALGORITHM);
	assert_code(ssum_checkpoints_make(NULL, "gone", "sha1", INTERVAL, &made), -ENOENT);
	assert_code(ssum_checkpoints_make(NULL, ".", "sha1", INTERVAL, &made), -EISDIR);
	ck_assert_ptr_null(made);

	assert_ok(ssum_checkpoints_make(NULL, "file", "sha1", INTERVAL, &made));
	assert_code(ssum_verify_file(NULL, "gone", "sha1", &digest, made, NULL, NULL), -ENOENT);
	assert_code(ssum_verify_file(NULL, ".", "sha1", &digest, made, NULL, NULL), -EISDIR);
	assert_code(ssum_verify_file(NULL, "file", "none", &digest, made, NULL, NULL),
		    SSUM_ERR_ALGORITHM);
	assert_code(ssum_verify_file(NULL, "file", "sha1", &other, made, NULL, NULL),
		    SSUM_ERR_OPTIONS);
	/* Of another algorithm they are left aside. */
	assert_code(ssum_verify_file(NULL, "file", "sha256", &other, made, NULL, NULL), SSUM_SAME);
	assert_code(ssum_verify_file(NULL, "file", NULL, &digest, NULL, NULL, NULL), SSUM_SAME);
	flip("file", 5, 5);
	assert_code(ssum_verify_file(NULL, "file", NULL, &digest, made, NULL, NULL), SSUM_DIFFERS);
	assert_code(ssum_verify_file(NULL, "file", NULL, &digest, NULL, enough, NULL),
		    SSUM_DIFFERS);
	assert_code(ssum_verify_file(NULL, "file", NULL, &digest, made, enough, NULL),
		    SSUM_ERR_CANCELLED);
	ssum_checkpoints_free(made);
	ssum_checkpoints_free(NULL);
	leave_scratch();
}
END_TEST

START_TEST(written_and_read)
{
	const char *algorithm = ssum_algorithm_name((size_t)_i);
	static const char *const names[] = {"file", "a\tb", "a\nb", "a\\b", "\xff\xfe", "a\rb "};
	struct ssum_checkpoints *made, *read;

	enter_scratch();
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct ssum_checkpoints_info a = {.size = sizeof(a)}, b = {.size = sizeof(b)};
		struct ssum_digest one, other;

		write_file(names[i], content, LONGEST);
		assert_ok(ssum_checkpoints_make(NULL, names[i], algorithm, INTERVAL, &made));
		assert_ok(ssum_checkpoints_write(made, "c"));
		int fd = open("c", O_RDONLY);
		assert_ok(ssum_checkpoints_read(fd, i % 2 ? names[i] : NULL, &read));
		ck_assert(lseek(fd, 0, SEEK_SET) == 0);
		assert_ok(ssum_checkpoints_describe(made, &a));
		assert_ok(ssum_checkpoints_describe(read, &b));
		ck_assert_str_eq(a.name, b.name);
		ck_assert_str_eq(b.name, names[i]);
		ck_assert_str_eq(b.algorithm, algorithm);
		ck_assert(a.length == b.length && a.interval == b.interval && a.count == b.count);
		assert_digest_eq(a.digest, b.digest);
		for (uint64_t k = 1; k <= a.count; k++) {
			assert_ok(ssum_checkpoints_value(made, k, &one));
			assert_ok(ssum_checkpoints_value(read, k, &other));
			assert_digest_eq(one, other);
		}
		ssum_checkpoints_free(read);
		assert_code(ssum_checkpoints_read(fd, "another", &read), SSUM_ERR_NO_CHECKPOINT);
		ck_assert_ptr_null(read);
		assert_code(ssum_checkpoints_write(made, "nowhere/c"), -ENOENT);
		assert_code(ssum_checkpoints_write(made, "./"), -EISDIR);
		ssum_checkpoints_free(made);
		close(fd);
	}
	write_file("short", content, INTERVAL);
	assert_ok(ssum_checkpoints_make(NULL, "short", algorithm, INTERVAL, &made));
	assert_ok(ssum_checkpoints_write(made, "c"));
	int fd = open("c", O_RDONLY);
	assert_code(ssum_checkpoints_read(fd, NULL, &read), SSUM_ERR_NO_CHECKPOINT);
	close(fd);
	ssum_checkpoints_free(made);
	leave_scratch();
}
END_TEST

/* The interval grows until 65,536 checkpoints are enough. */
START_TEST(interval_is_doubled)
{
	static const struct {
		uint64_t length, interval, count;
	} cases[] = {
		{(uint64_t)4096 << 16, 4096, 65535},
		{((uint64_t)4096 << 16) + 1, 4096, 65536},
		{((uint64_t)4096 << 16) + 4097, 8192, 32768},
	};
	struct ssum_checkpoints_info info = {.size = sizeof(info)};
	struct ssum_checkpoints *made;
	struct ssum_digest digest;

	enter_scratch();
	write_text("file", "");
	ck_assert(!truncate("file", (off_t)cases[_i].length));
	assert_ok(ssum_checkpoints_make(NULL, "file", "sha1", INTERVAL, &made));
	assert_ok(ssum_checkpoints_describe(made, &info));
	ck_assert_uint_eq(info.interval, cases[_i].interval);
	ck_assert_uint_eq(info.count, cases[_i].count);
	assert_ok(ssum_hash_file(NULL, "file", "sha1", &digest));
	assert_digest_eq(digest, info.digest);
	assert_code(verify_file(&digest, made), SSUM_SAME);
	flip("file", cases[_i].length - 1, 0);
	flip("file", cases[_i].length / 2, 0);
	assert_code(verify_file(&digest, made), SSUM_DIFFERS);
	ck_assert_uint_eq(told_count, 2);
	ck_assert_uint_eq(told[1].offset + told[1].length, cases[_i].length);
	ssum_checkpoints_free(made);
	leave_scratch();
}
END_TEST

/* A file that grew meanwhile may need more than can be listed: then it has none, since too few of
   them make the file of checkpoints unreadable. */
START_TEST(grown_beyond)
{
	const struct ssum_digest value = {.length = 20};
	struct ssum_checkpoints checkpoints;
	struct algorithm algorithm;

	assert_ok(algorithm_find("sha1", &algorithm));
	assert_ok(checkpoints_init(&checkpoints, &algorithm, INTERVAL));
	for (uint64_t i = 1; i <= CHECKPOINTS_MAX; i++)
		assert_ok(checkpoints_set(&checkpoints, i * INTERVAL, &value));
	assert_code(checkpoints_set(&checkpoints, (CHECKPOINTS_MAX + 1) * INTERVAL, &value),
		    SSUM_ERR_NO_CHECKPOINT);
	checkpoints_finish(&checkpoints, (CHECKPOINTS_MAX + 1) * INTERVAL, &value);
	ck_assert_uint_eq(checkpoints.count, CHECKPOINTS_MAX);
	checkpoints_finish(&checkpoints, (CHECKPOINTS_MAX + 1) * INTERVAL + 1, &value);
	ck_assert_uint_eq(checkpoints.count, 0);
	checkpoints_clear(&checkpoints);
	algorithm_release(&algorithm);
}
END_TEST

/* A file of the kernel says a size that is not its own: it has no segments. */
START_TEST(pseudo_file)
{
	static const char path[] = "/sys/kernel/btf/vmlinux";
	struct ssum_checkpoints *made;
	struct ssum_digest digest;

	if (access(path, R_OK))
		skip("there is no %s", path);
	digest = oracle_of_file("sha1", path);
	assert_ok(ssum_checkpoints_make(NULL, path, "sha1", INTERVAL, &made));
	assert_code(ssum_verify_file(NULL, path, "sha1", &digest, made, NULL, NULL), SSUM_SAME);
	ssum_checkpoints_free(made);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{values, 5},
		{each_flip_is_located, 5 * FORMS},
		{several_manifests, 7},
		{other_sizes, 0},
		{ranges_are_joined, 0},
		{errors, 0},
		{written_and_read, 5},
		{interval_is_doubled, 3},
		{grown_beyond, 0},
		{pseudo_file, 0},
	};

	return run_suite("segments", tests, ARRAY_SIZE(tests));
}
