/* SPDX-License-Identifier: MIT */
/* Checkpoints of files: creating, describing, writing and reading them with the public
   functions. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/checkpoints.h"
#include "support/files.h"
#include "support/maps.h"
#include "support/oracle.h"
#include "support/reference.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "sparsesum/package.h"

#define INTERVAL 4096
#define HEAD "sparsesum-checkpoints 1 sha1\n"
#define DIGEST "a9993e364706816aba3e25717850c26c9cd0d89d"
#define VALUE "da39a3ee5e6b4b0d3255bfef95601890afd80709"
#define OTHER "0123456789abcdef0123456789abcdef01234567"

static struct ssum_checkpoints_info describe(const struct ssum_checkpoints *checkpoints)
{
	struct ssum_checkpoints_info info = {.size = sizeof(info)};

	assert_ok(ssum_checkpoints_describe(checkpoints, &info));
	return info;
}

static struct ssum_checkpoints *make(const char *path, const char *algorithm, uint64_t interval)
{
	struct ssum_checkpoints *checkpoints;

	assert_ok(ssum_checkpoints_make(NULL, path, algorithm, interval, &checkpoints));
	return checkpoints;
}

/* ---- Created checkpoints, compared with the reference ---- */

static void assert_made(const char *path, const char *algorithm, uint64_t interval,
			const unsigned char *content, uint64_t length)
{
	struct ssum_checkpoints *checkpoints = make(path, algorithm, interval);
	struct ssum_checkpoints_info info = describe(checkpoints);
	struct reference reference;
	struct ssum_digest value;

	ck_assert_str_eq(info.algorithm, algorithm);
	ck_assert_str_eq(info.name, strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
	ck_assert_uint_eq(info.length, length);
	ck_assert_uint_eq(info.interval, interval);
	ck_assert_uint_eq(info.count, length ? (length - 1) / interval : 0);
	assert_digest_eq(info.digest, oracle_of_bytes(algorithm, content, length));

	reference_begin(&reference, algorithm);
	for (uint64_t i = 1; i <= info.count; i++) {
		reference_append(&reference, content + (i - 1) * interval, interval);
		assert_ok(ssum_checkpoints_value(checkpoints, i, &value));
		assert_digest_eq(value, reference_value(&reference));
	}
	ssum_checkpoints_free(checkpoints);
}

#define SEEDS (MAP_SEEDS / 8)

/* Sparse and dense files with the same content, on each file system, with each algorithm. */
START_TEST(sparse_and_dense_files_have_the_same_checkpoints)
{
	const struct file_system *file_system = &file_systems[_i / REFERENCES];
	const char *algorithm = reference_names[_i % REFERENCES];
	char *scratch = scratch_new(file_system);
	uint64_t seed = test_seed() + (uint64_t)_i, random = seed;

	if (!scratch)
		skip("no %s here", file_system->name);
	printf("seed %llu\n", (unsigned long long)seed);
	char *sparse = path_in(scratch, "sparse"), *dense = path_in(scratch, "dense");
	for (int i = 0; i < SEEDS; i++) {
		uint64_t interval = INTERVAL * (1 + next_random(&random) % 20);
		struct map map;

		map_new(&map, next_random(&random));
		map_write(&map, sparse);
		map_write_dense(&map, dense);
		assert_made(sparse, algorithm, interval, map.content, map.size);
		assert_made(dense, algorithm, interval, map.content, map.size);
		map_free(&map);
		ck_assert(!unlink(sparse) && !unlink(dense));
	}
	free(sparse);
	free(dense);
	scratch_remove(scratch);
}
END_TEST

START_TEST(every_length_around_the_interval)
{
	static const uint64_t lengths[] = {0,    1,    4095, 4096,  4097, 8191,
					   8192, 8193, 9000, 12288, 12289};
	unsigned char data[12289];
	uint64_t random = 9;

	scratch_enter();
	fill_random(data, sizeof(data), &random);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		write_file("file", data, lengths[i]);
		assert_made("file", reference_names[_i], INTERVAL, data, lengths[i]);
		assert_made("./file", reference_names[_i], 2 * INTERVAL, data, lengths[i]);
	}
	scratch_leave();
}
END_TEST

/* A file that is a single hole is not read, but has checkpoints. */
START_TEST(interval_grows_with_the_file)
{
	static const struct {
		uint64_t length, wanted, interval, count;
	} rows[] = {
		{33 * MIB, 0, 16 * MIB, 2},
		{32 * MIB, 0, 16 * MIB, 1},
		{UINT64_C(65537) * 4096, 4096, 4096, 65536},
		{UINT64_C(65537) * 4096 + 1, 4096, 8192, 32768},
	};
	static unsigned char zeros[MIB];
	struct ssum_digest value;
	struct reference reference;

	scratch_enter();
	write_text("file", "");
	ck_assert(!truncate("file", (off_t)rows[_i].length));
	struct ssum_checkpoints *checkpoints = make("file", NULL, rows[_i].wanted);
	struct ssum_checkpoints_info info = describe(checkpoints);

	ck_assert_uint_eq(info.interval, rows[_i].interval);
	ck_assert_uint_eq(info.count, rows[_i].count);
	reference_begin(&reference, "sha1");
	for (uint64_t at = 0; at < info.count * info.interval;) {
		uint64_t piece = min_u64(info.interval, sizeof(zeros));

		reference_append(&reference, zeros, piece);
		at += piece;
		if (at % info.interval)
			continue;
		assert_ok(ssum_checkpoints_value(checkpoints, at / info.interval, &value));
		assert_digest_eq(value, reference_value(&reference));
	}
	ssum_checkpoints_free(checkpoints);
	scratch_leave();
}
END_TEST

START_TEST(create_errors)
{
	static const struct {
		const char *path, *algorithm;
		uint64_t interval;
		int code;
	} rows[] = {
		{"missing", "sha1", 0, -ENOENT},
		{"", "sha1", 0, -ENOENT},
		{".", "sha1", 0, -EISDIR},
		{"fifo", "sha1", 0, SSUM_ERR_NOT_REGULAR},
		{"file/", "sha1", 0, -ENOTDIR},
		{"file", "sha1", 1, SSUM_ERR_OPTIONS},
		{"file", "sha1", 4095, SSUM_ERR_OPTIONS},
		{"file", "sha1", 4096 + 64, SSUM_ERR_OPTIONS},
		{"file", "sha1", SSUM_NO_CHECKPOINTS, SSUM_ERR_OPTIONS},
		{"file", "sha3-256", 0, SSUM_ERR_NO_CHECKPOINT},
		{"file", "md5", 4096, SSUM_ERR_NO_CHECKPOINT},
		{"file", "nonsense", 0, SSUM_ERR_ALGORITHM},
	};
	struct ssum_checkpoints *checkpoints;
	struct ssum_context *context;

	scratch_enter();
	write_text("file", "content");
	ck_assert(!mkfifo("fifo", 0644));
	assert_ok(ssum_context_new(NULL, &context));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		checkpoints = (void *)&context; /* any pointer other than NULL */
		assert_code(ssum_checkpoints_make(context, rows[i].path, rows[i].algorithm,
						  rows[i].interval, &checkpoints),
			    rows[i].code);
		ck_assert_ptr_null(checkpoints);
		ck_assert(strstr(ssum_message(context), ssum_strerror(rows[i].code)) != NULL);
	}
	ssum_cancel(context);
	checkpoints = (void *)&context;
	assert_code(ssum_checkpoints_make(context, "file", "sha1", 0, &checkpoints),
		    SSUM_ERR_CANCELLED);
	ck_assert_ptr_null(checkpoints);
	ssum_context_free(context);
	ssum_checkpoints_free(NULL);
	scratch_leave();
}
END_TEST

START_TEST(describe_fills_the_callers_structure)
{
	struct ssum_checkpoints_info info = {.size = 0};
	static const uint64_t beyond[] = {0, 4, 5, UINT64_MAX, (UINT64_C(1) << 32) + 1};
	unsigned char data[3 * INTERVAL + 5] = {0};
	struct ssum_digest value;

	scratch_enter();
	write_file("file", data, sizeof(data));
	struct ssum_checkpoints *checkpoints = make("file", "sha384", INTERVAL);

	assert_code(ssum_checkpoints_describe(checkpoints, &info), SSUM_ERR_OPTIONS);
	info.size = offsetof(struct ssum_checkpoints_info, algorithm);
	info.length = 77;
	assert_ok(ssum_checkpoints_describe(checkpoints, &info));
	ck_assert_str_eq(info.name, "file");
	ck_assert_uint_eq(info.length, 77); /* the caller's structure does not have this member */
	for (size_t i = 0; i < ARRAY_SIZE(beyond); i++) {
		value.length = 1;
		assert_code(ssum_checkpoints_value(checkpoints, beyond[i], &value),
			    SSUM_ERR_NO_CHECKPOINT);
		ck_assert_uint_eq(value.length, 0);
	}
	ssum_checkpoints_free(checkpoints);
	scratch_leave();
}
END_TEST

/* ---- Reading ---- */

#define ENTRY(name, value) "file\t4097\t4096\t" DIGEST "\t" name "\n" value "\n"

static const struct {
	const char *text, *name;
	int code;
	const char *value; /* if the code is 0 */
} readings[] = {
	{HEAD ENTRY("a", VALUE) ENTRY("b", OTHER), NULL, 0, VALUE},
	{HEAD ENTRY("a", VALUE) ENTRY("b", OTHER), "a", 0, VALUE},
	{HEAD ENTRY("a", VALUE) ENTRY("b", OTHER), "b", 0, OTHER},
	{HEAD ENTRY("b", VALUE) ENTRY("a", OTHER), "a", 0, OTHER}, /* in any order */
	{HEAD ENTRY("a", VALUE) ENTRY("a", OTHER), "a", 0, VALUE}, /* the first one */
	{HEAD ENTRY("x/a\\tb", VALUE), "x/a\tb", 0, VALUE},
	{HEAD ENTRY("a", VALUE), "b", SSUM_ERR_NO_CHECKPOINT, NULL},
	{HEAD ENTRY("a", VALUE), "", SSUM_ERR_NO_CHECKPOINT, NULL},
	{HEAD ENTRY("a", VALUE), "A", SSUM_ERR_NO_CHECKPOINT, NULL},
	{HEAD, "a", SSUM_ERR_NO_CHECKPOINT, NULL},
	{HEAD, NULL, SSUM_ERR_NO_CHECKPOINT, NULL},
	{HEAD ENTRY("a", VALUE) "nonsense\n", "a", 0, VALUE},
	{HEAD ENTRY("a", VALUE) "nonsense\n", "b", SSUM_ERR_MALFORMED, NULL},
	{HEAD "nonsense\n" ENTRY("a", VALUE), "a", SSUM_ERR_MALFORMED, NULL},
	{HEAD ENTRY("a", VALUE "0") ENTRY("b", VALUE), "a", SSUM_ERR_MALFORMED, NULL},
	{HEAD ENTRY("a", VALUE "0") ENTRY("b", VALUE), "b", SSUM_ERR_MALFORMED, NULL},
	{HEAD "file\t4097\t4096\t" DIGEST "\ta\n", "a", SSUM_ERR_MALFORMED, NULL},
	{"", NULL, SSUM_ERR_MALFORMED, NULL},
	{"sparsesum-checkpoints 2 sha1\n", NULL, SSUM_ERR_MALFORMED, NULL},
	{"sparsesum-checkpoints 1 sha3-256\n", NULL, SSUM_ERR_ALGORITHM, NULL},
};

START_TEST(read_by_name)
{
	int fd = memory_file(readings[_i].text, strlen(readings[_i].text));
	struct ssum_checkpoints *checkpoints = (void *)&fd;
	struct ssum_digest value, expected;

	assert_code(ssum_checkpoints_read(fd, readings[_i].name, &checkpoints), readings[_i].code);
	if (readings[_i].code) {
		ck_assert_ptr_null(checkpoints);
	} else {
		struct ssum_checkpoints_info info = describe(checkpoints);

		if (readings[_i].name)
			ck_assert_str_eq(info.name, readings[_i].name);
		ck_assert_uint_eq(info.count, 1);
		assert_ok(ssum_checkpoints_value(checkpoints, 1, &value));
		assert_ok(ssum_digest_parse(readings[_i].value, &expected));
		assert_digest_eq(value, expected);
	}
	ssum_checkpoints_free(checkpoints);
	ck_assert(!close(fd));
}
END_TEST

/* All entries in the order of the file, then the end or an error. */
static const struct {
	const char *text;
	const char *names; /* a blank after each */
	int code;
} listings[] = {
	{HEAD, "", 0},
	{HEAD ENTRY("b", VALUE) ENTRY("a", VALUE) ENTRY("a", VALUE), "b a a ", 0},
	{HEAD ENTRY("x/a\\tb", VALUE), "x/a\tb ", 0},
	{HEAD ENTRY("a", VALUE) "nonsense\n", "a ", SSUM_ERR_MALFORMED},
	{HEAD ENTRY("a", VALUE) ENTRY("b", VALUE "0"), "a ", SSUM_ERR_MALFORMED},
	{HEAD "file\t4097\t4096\t" DIGEST "\ta\n", "", SSUM_ERR_MALFORMED},
	{"", NULL, SSUM_ERR_MALFORMED},
	{"sparsesum-checkpoints 2 sha1\n", NULL, SSUM_ERR_MALFORMED},
	{"sparsesum-checkpoints 1 sha3-256\n", NULL, SSUM_ERR_ALGORITHM},
};

/* Open a file, and a buffer of exactly the length, which is freed before the entries are read. */
START_TEST(all_entries_are_read_in_order)
{
	const char *text = listings[_i / 2].text, *names = listings[_i / 2].names;
	size_t length = strlen(text);
	int fd = memory_file(text, length), rc;
	char *copy = length ? malloc(length) : NULL;
	struct ssum_checkpoints_list *list = (void *)&fd;
	struct ssum_checkpoints *checkpoints;
	struct ssum_digest value, expected;
	struct bytes found = {0};

	if (length)
		memcpy(copy, text, length);
	rc = _i % 2 ? ssum_checkpoints_open_text(copy, length, &list)
		    : ssum_checkpoints_open(fd, &list);
	free(copy);
	assert_code(rc, names ? 0 : listings[_i / 2].code);
	if (!names)
		ck_assert_ptr_null(list);
	for (rc = 1; names && rc == 1;) {
		checkpoints = (void *)&fd;
		rc = ssum_checkpoints_next(list, &checkpoints);
		ck_assert((rc == 1) == (checkpoints != NULL));
		if (!checkpoints)
			break;
		struct ssum_checkpoints_info info = describe(checkpoints);

		assert_ok(bytes_append_strings(&found, info.name, " ", NULL));
		assert_ok(ssum_checkpoints_value(checkpoints, 1, &value));
		assert_ok(ssum_digest_parse(VALUE, &expected));
		assert_digest_eq(value, expected);
		ssum_checkpoints_free(checkpoints);
	}
	if (names) {
		assert_code(rc, listings[_i / 2].code);
		ck_assert_uint_eq(found.length, strlen(names));
		ck_assert(!found.length || !memcmp(found.data, names, found.length));
	}
	ssum_checkpoints_close(list);
	ck_assert(!close(fd));
	bytes_free(&found);
}
END_TEST

START_TEST(read_errors)
{
	int root = open("/", O_RDONLY | O_CLOEXEC);
	struct ssum_checkpoints *checkpoints = (void *)&root;

	assert_code(ssum_checkpoints_read(root, NULL, &checkpoints), -EISDIR);
	ck_assert_ptr_null(checkpoints);
	checkpoints = (void *)&root;
	assert_code(ssum_checkpoints_read(-1, NULL, &checkpoints), -EBADF);
	ck_assert_ptr_null(checkpoints);
	struct ssum_checkpoints_list *list = (void *)&root;
	assert_code(ssum_checkpoints_open(-1, &list), -EBADF);
	ck_assert_ptr_null(list);
	ssum_checkpoints_close(NULL);
	ck_assert(!close(root));
}
END_TEST

/* ---- Writing ---- */

START_TEST(written_checkpoints_are_read_back)
{
	unsigned char data[5 * INTERVAL + 77];
	struct ssum_checkpoints *back;
	uint64_t random = 11;
	size_t length;

	scratch_enter();
	fill_random(data, sizeof(data), &random);
	write_file("a file\t", data, sizeof(data));
	struct ssum_checkpoints *checkpoints = make("a file\t", reference_names[_i], INTERVAL);

	assert_ok(ssum_checkpoints_write(checkpoints, "list"));
	struct bytes expected = text_of(reference_names[_i], checkpoints, 1);
	char *text = read_file("list", &length);
	ck_assert_uint_eq(length, expected.length);
	ck_assert_mem_eq(text, expected.data, length);

	int fd = open("list", O_RDONLY | O_CLOEXEC);
	assert_ok(ssum_checkpoints_read(fd, "a file\t", &back));
	assert_same_checkpoints(back, checkpoints);
	ck_assert(!close(fd));
	ssum_checkpoints_free(back);
	ssum_checkpoints_free(checkpoints);
	bytes_free(&expected);
	free(text);
	scratch_leave();
}
END_TEST

static int entries_here(void)
{
	int status;
	char *said = run_command(&status, "ls -A | wc -l");
	int count = atoi(said);

	ck_assert_int_eq(status, 0);
	free(said);
	return count;
}

/* A process that has the old file open still reads it. The new file replaces it by a rename, and no
   temporary file is left. */
START_TEST(file_is_replaced_by_rename)
{
	char begin[4] = {0};
	struct stat before, after;
	size_t length;

	scratch_enter();
	write_text("file", "short");
	write_text("list", "old");
	ck_assert(!mkdir("directory", 0755));
	struct ssum_checkpoints *checkpoints = make("file", "sha1", 0);
	int fd = open("list", O_RDONLY | O_CLOEXEC);

	ck_assert(!fstat(fd, &before));
	assert_ok(ssum_checkpoints_write(checkpoints, "list"));
	ck_assert(!stat("list", &after));
	ck_assert_uint_ne(before.st_ino, after.st_ino);
	ck_assert_int_eq(read(fd, begin, 4), 3);
	ck_assert_str_eq(begin, "old");
	char *text = read_file("list", &length);
	ck_assert_str_eq(text, HEAD); /* the file is too short for an entry */
	free(text);

	assert_ok(ssum_checkpoints_write(checkpoints, "directory/list"));
	ck_assert_int_eq(entries_here(), 3);
	ck_assert(!close(fd));
	ssum_checkpoints_free(checkpoints);
	scratch_leave();
}
END_TEST

START_TEST(write_errors)
{
	static const struct {
		const char *path;
		int code;
	} rows[] = {
		{"missing/list", -ENOENT},
		{"file/list", -ENOTDIR},
		{"directory/", -EISDIR},
	};
	static const char text[] = HEAD ENTRY("a", VALUE);
	struct ssum_checkpoints *checkpoints;
	int fd = memory_file(text, sizeof(text) - 1);

	scratch_enter();
	write_text("file", "old");
	ck_assert(!mkdir("directory", 0755));
	assert_ok(ssum_checkpoints_read(fd, NULL, &checkpoints));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_code(ssum_checkpoints_write(checkpoints, rows[i].path), rows[i].code);
	ck_assert_int_lt(ssum_checkpoints_write(checkpoints, "directory"), 0);
	ck_assert_int_lt(ssum_checkpoints_write(checkpoints, ""), 0);
	assert_ok(checkpoints_set_name(checkpoints, NULL));
	assert_code(ssum_checkpoints_write(checkpoints, "file"), SSUM_ERR_NAME);
	char *old = read_file("file", NULL);
	ck_assert_str_eq(old, "old");
	ck_assert_int_eq(entries_here(), 2);
	free(old);
	ssum_checkpoints_free(checkpoints);
	ck_assert(!close(fd));
	scratch_leave();
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{sparse_and_dense_files_have_the_same_checkpoints, FILE_SYSTEMS * REFERENCES},
		{every_length_around_the_interval, REFERENCES},
		{interval_grows_with_the_file, 4},
		{create_errors, 0},
		{describe_fills_the_callers_structure, 0},
		{read_by_name, ARRAY_SIZE(readings)},
		{all_entries_are_read_in_order, 2 * ARRAY_SIZE(listings)},
		{read_errors, 0},
		{written_checkpoints_are_read_back, REFERENCES},
		{file_is_replaced_by_rename, 0},
		{write_errors, 0},
	};

	return run_suite("checkpoints_make", tests, ARRAY_SIZE(tests));
}
