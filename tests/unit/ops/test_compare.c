/* SPDX-License-Identifier: MIT */
/* Comparison of two files, checked against cmp(1) and against the written bytes. */
#include <pthread.h>
#include <stdatomic.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/files.h"
#include "support/maps.h"
#include "support/oracle.h"
#include "support/suite.h"
#include "sparsesum/package.h"

static const enum ssum_holes policies[] = {SSUM_HOLES_AUTO, SSUM_HOLES_TRUST, SSUM_HOLES_VERIFY,
					   SSUM_HOLES_READ};

static int compare_under(enum ssum_holes holes, const char *a, const char *b,
			 struct ssum_comparison *comparison)
{
	const struct ssum_options options = {.size = sizeof(options), .holes = holes};
	struct ssum_context *context;

	*comparison = (struct ssum_comparison){.size = sizeof(*comparison)};
	assert_ok(ssum_context_new(&options, &context));
	int rc = ssum_compare_files(context, a, b, comparison);
	ssum_context_free(context);
	return rc;
}

/* Compare a with b and b with a, with each policy: SSUM_HOLDS, or a first difference at an
   offset. */
static void expect(const char *a, const char *b, uint64_t length_a, uint64_t length_b, bool differs,
		   uint64_t offset, const char *what)
{
	for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
		for (int turned = 0; turned < 2; turned++) {
			struct ssum_comparison found;
			int rc = turned ? compare_under(policies[i], b, a, &found)
					: compare_under(policies[i], a, b, &found);

			ck_assert_msg(rc == (differs ? SSUM_DIFFERS : SSUM_HOLDS), "%s: %s", what,
				      rc < 0 ? ssum_strerror(rc)
				      : rc   ? "differ"
					     : "same");
			ck_assert_msg(!differs || found.offset == offset, "%s: offset %ju, not %ju",
				      what, (uintmax_t)found.offset, (uintmax_t)offset);
			ck_assert_uint_eq(found.length[turned], length_a);
			ck_assert_uint_eq(found.length[!turned], length_b);
		}
	}
}

/* ---- One difference ---- */

#define LENGTH (3 * MIB + 1234)

/* Data, a hole of more than 1 MiB, data, and a hole up to the end. */
static void write_sparse(const char *path)
{
	static char data[MIB];
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	uint64_t state = 5;

	fill_random(data, sizeof(data), &state);
	ck_assert_int_eq(pwrite(fd, data, 700000, 0), 700000);
	ck_assert_int_eq(pwrite(fd, data, sizeof(data), 2 * MIB - 8192), sizeof(data));
	ck_assert(!ftruncate(fd, (off_t)LENGTH) && !fsync(fd));
	close(fd);
}

static void copy(const char *from, const char *to, const char *how)
{
	int status;

	free(run_command(&status, "cp --reflink=never --sparse=%s %s %s", how, from, to));
	ck_assert_int_eq(status, 0);
}

static void change_byte(const char *path, uint64_t offset)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	unsigned char byte;

	ck_assert_int_eq(pread(fd, &byte, 1, (off_t)offset), 1);
	byte ^= 0x40;
	ck_assert_int_eq(pwrite(fd, &byte, 1, (off_t)offset), 1);
	close(fd);
}

/* At the first and the last byte, around the borders of blocks, buffers, data and holes. */
static const uint64_t places[] = {0,
				  1,
				  4095,
				  4096,
				  131071,
				  131072,
				  699999,
				  700000,
				  700417,
				  1 * MIB,
				  2 * MIB - 8193,
				  2 * MIB - 8192,
				  2 * MIB,
				  3 * MIB - 8193,
				  3 * MIB - 8192,
				  3 * MIB,
				  LENGTH - 1};

START_TEST(one_difference)
{
	static const char *const kinds[] = {"never", "always"};
	char *directory = scratch_new(&file_systems[_i]), what[64];

	if (!directory)
		skip("no %s", file_systems[_i].name);
	ck_assert(!chdir(directory));
	write_sparse("a");
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		copy("a", "b", kinds[k]);
		expect("a", "b", LENGTH, LENGTH, false, 0, kinds[k]);
		for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
			snprintf(what, sizeof(what), "sparse=%s, byte %ju", kinds[k],
				 (uintmax_t)places[i]);
			change_byte("b", places[i]);
			expect("a", "b", LENGTH, LENGTH, true, places[i], what);
			change_byte("b", places[i]);
		}
	}
	scratch_remove(directory);
}
END_TEST

START_TEST(one_file_is_shorter)
{
	static const uint64_t lengths[] = {0,       1,       4096,        699999,    700000,
					   1 * MIB, 2 * MIB, 3 * MIB - 1, LENGTH - 1};

	char *directory = scratch_here();
	ck_assert(!chdir(directory));
	write_sparse("a");
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		copy("a", "b", i % 2 ? "always" : "never");
		ck_assert(!truncate("b", (off_t)lengths[i]));
		expect("a", "b", LENGTH, lengths[i], true, lengths[i], "shorter");
	}
	change_byte("b", 5000);
	expect("a", "b", LENGTH, LENGTH - 1, true, 5000, "shorter, and different before");
	scratch_remove(directory);
}
END_TEST

START_TEST(empty_files)
{
	char *directory = scratch_here();

	ck_assert(!chdir(directory));
	write_text("a", "");
	write_text("b", "");
	write_text("c", "c");
	expect("a", "b", 0, 0, false, 0, "both empty");
	expect("a", "a", 0, 0, false, 0, "a file with itself");
	expect("a", "c", 0, 1, true, 0, "one of them empty");
	ck_assert(!truncate("a", (off_t)(64 * MIB)) && !truncate("b", (off_t)(64 * MIB)));
	expect("a", "b", 64 * MIB, 64 * MIB, false, 0, "only holes");
	scratch_remove(directory);
}
END_TEST

/* ---- Random maps ---- */

/* The result of cmp: -1 if equal, else the offset of the first difference. */
static int64_t ask_cmp(const char *a, const char *b)
{
	long long number = 0;
	int status;
	char *text = run_command(&status, "LC_ALL=C cmp %s %s 2>&1", a, b);
	const char *differ = strstr(text, " char "), *end = strstr(text, " after byte ");

	ck_assert_msg(!status || differ || end, "cmp: %s", text);
	if (status)
		ck_assert_int_eq(sscanf(differ ? differ : end, "%*[^0-9]%lld", &number), 1);
	free(text);
	return status ? number - (differ != NULL) : -1;
}

static void try_seed(uint64_t seed)
{
	struct map a, b;
	char what[64];

	snprintf(what, sizeof(what), "TEST_SEED=%ju", (uintmax_t)seed);
	map_new(&a, seed);
	map_new(&b, seed + 1);
	map_write(&a, "sparse");
	map_write_dense(&a, "dense");
	map_write_preallocated(&a, "preallocated");
	map_write(&b, "other");
	expect("sparse", "dense", a.size, a.size, false, 0, what);
	expect("sparse", "preallocated", a.size, a.size, false, 0, what);

	int64_t offset = a.size && b.size ? ask_cmp("sparse", "other") : a.size == b.size ? -1 : 0;
	expect("sparse", "other", a.size, b.size, offset >= 0, (uint64_t)offset, what);
	if (a.size) {
		change_byte("dense", seed % a.size);
		expect("preallocated", "dense", a.size, a.size, true, seed % a.size, what);
	}
	map_free(&a);
	map_free(&b);
}

START_TEST(random_maps)
{
	char *directory = scratch_new(&file_systems[_i]);
	uint64_t seed = test_seed();

	if (!directory)
		skip("no %s", file_systems[_i].name);
	ck_assert(!chdir(directory));
	for (int i = 0; i < MAP_SEEDS / 2; i++)
		try_seed(seed + (uint64_t)i);
	scratch_remove(directory);
}
END_TEST

/* ---- Errors ---- */

static const struct {
	const char *a, *b;
	int code;
	const char *blamed;
} failures[] = {
	{"missing", "file", -ENOENT, "missing"},
	{"file", "missing", -ENOENT, "missing"},
	{".", "file", -EISDIR, "."},
	{"file", ".", -EISDIR, "."},
	{"fifo", "file", SSUM_ERR_NOT_REGULAR, "fifo"},
	{"file", "fifo", SSUM_ERR_NOT_REGULAR, "fifo"},
	{"file", "unreadable", -EACCES, "unreadable"},
	{"/proc/version", "file", SSUM_ERR_NOT_REGULAR, "/proc/version"},
	{"file", "/proc/version", SSUM_ERR_NOT_REGULAR, "/proc/version"},
};

START_TEST(error_codes)
{
	struct ssum_context *context;
	char *directory = scratch_here();

	ck_assert(!chdir(directory) && !chmod(directory, 0755) && !mkfifo("fifo", 0644));
	write_text("file", "content");
	write_text("unreadable", "content");
	ck_assert(!chmod("unreadable", 0) && !seteuid(65534));
	assert_ok(ssum_context_new(NULL, &context));
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		struct ssum_comparison untouched = {.size = sizeof(untouched), .offset = 77};

		assert_code(ssum_compare_files(context, failures[i].a, failures[i].b, &untouched),
			    failures[i].code);
		ck_assert_uint_eq(untouched.offset, 77);
		ck_assert_msg(!strncmp(ssum_message(context), failures[i].blamed,
				       strlen(failures[i].blamed)),
			      "%s blamed", ssum_message(context));
		assert_code(ssum_compare_files(NULL, failures[i].a, failures[i].b, NULL),
			    failures[i].code);
	}
	assert_code(ssum_compare_files(context, "file", "file", NULL), SSUM_HOLDS);
	ssum_cancel(context);
	assert_code(ssum_compare_files(context, "file", "file", NULL), SSUM_ERR_CANCELLED);
	ssum_context_free(context);
	ck_assert(!seteuid(0));
	scratch_remove(directory);
}
END_TEST

/* ---- Files that change during the comparison ---- */

static atomic_bool stop_touching;

static void *keep_touching(void *path)
{
	while (!atomic_load(&stop_touching))
		utimensat(AT_FDCWD, path, NULL, 0);
	return NULL;
}

/* If a file changes, a difference that was found is not a verdict. The next attempt starts from the
   beginning. */
START_TEST(timestamps_change_while_contents_differ)
{
	const struct ssum_options options = {.size = sizeof(options), .tries = 5};
	struct ssum_context *context;
	char *scratch = scratch_here();
	char *paths[] = {path_in(scratch, "a"), path_in(scratch, "b")};
	pthread_t thread;

	write_text(paths[0], "one content, and a tail");
	write_text(paths[1], "one content, and a tale");
	assert_ok(ssum_context_new(&options, &context));
	atomic_store(&stop_touching, false);
	ck_assert(!pthread_create(&thread, NULL, keep_touching, paths[_i]));
	for (int i = 0; i < 40; i++) {
		int rc = ssum_compare_files(context, paths[0], paths[1], NULL);

		ck_assert_msg(rc == SSUM_DIFFERS || rc == SSUM_ERR_CHANGED, "%d: %s", rc,
			      ssum_strerror(rc));
	}
	atomic_store(&stop_touching, true);
	pthread_join(thread, NULL);
	ssum_context_free(context);
	free(paths[0]);
	free(paths[1]);
	scratch_remove(scratch);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{one_difference, FILE_SYSTEMS},
		{one_file_is_shorter, 0},
		{empty_files, 0},
		{random_maps, FILE_SYSTEMS},
		{error_codes, 0},
		{timestamps_change_while_contents_differ, 2},
	};

	return run_suite("compare", tests, ARRAY_SIZE(tests));
}
