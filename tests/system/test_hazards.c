/* SPDX-License-Identifier: MIT */
/* Known hazards of sparse files, each with its number in tests/hazards.tsv. */
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "support/files.h"
#include "support/maps.h"
#include "support/oracle.h"
#include "support/suite.h"
#include "sparsesum/package.h"

static const char *const policy_names[] = {"auto", "trust", "verify", "read"};
#define POLICIES 4

static int create(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert(fd >= 0);
	return fd;
}

static void put(int fd, const char *text, uint64_t offset)
{
	ck_assert_int_eq(pwrite(fd, text, strlen(text), (off_t)offset), (ssize_t)strlen(text));
}

static void unwritten_with_dirty_pages(int fd)
{
	ck_assert(!fallocate(fd, 0, 0, 8 * MIB));
	put(fd, "in the middle of space that was only reserved", 4 * MIB + 4000);
}

static void delayed_allocation(int fd)
{
	static const char zeros[65536];

	put(fd, "first", 0);
	ck_assert_int_eq(pwrite(fd, zeros, sizeof(zeros), 1 * MIB), sizeof(zeros));
	put(fd, "last", 2 * MIB);
}

static void read_before(int fd)
{
	char page[4096];

	unwritten_with_dirty_pages(fd);
	ck_assert(!fsync(fd));
	for (off_t at = 0; pread(fd, page, sizeof(page), at) > 0; at += 65536)
		;
}

static void inline_data(int fd)
{
	put(fd, "so short that it is stored in the inode", 0);
}

static void punched_without_alignment(int fd)
{
	static char page[65536];

	memset(page, 'p', sizeof(page));
	ck_assert_int_eq(pwrite(fd, page, sizeof(page), 0), sizeof(page));
	ck_assert(!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 5001, 1000));
}

static void reserved_beyond_the_end(int fd)
{
	put(fd, "end", 10000);
	ck_assert(!fallocate(fd, FALLOC_FL_KEEP_SIZE, 10003, 1 * MIB));
}

static void cut_and_extended(int fd)
{
	put(fd, "five of these letters remain", 4090);
	ck_assert(!fsync(fd));
	ck_assert(!ftruncate(fd, 4095));
	ck_assert(!ftruncate(fd, 100000));
}

static void hole_at_the_end(int fd)
{
	put(fd, "data", 0);
	ck_assert(!ftruncate(fd, 3 * MIB + 1));
}

static void only_a_hole(int fd)
{
	ck_assert(!ftruncate(fd, 1 * MIB + 511));
}

static void nothing(int fd)
{
	ck_assert(!ftruncate(fd, 0));
}

static const struct {
	unsigned hazard;
	const char *name;
	void (*write)(int fd);
} cases[] = {
	{1, "unwritten, with dirty pages", unwritten_with_dirty_pages},
	{2, "delayed allocation", delayed_allocation},
	{3, "unwritten and read before", read_before},
	{5, "inline data", inline_data},
	{6, "a hole that is not aligned", punched_without_alignment},
	{6, "reserved space after the end", reserved_beyond_the_end},
	{6, "truncated and extended", cut_and_extended},
	{7, "a hole at the end", hole_at_the_end},
	{7, "only a hole", only_a_hole},
	{7, "empty", nothing},
};

static void hash_under(enum ssum_holes holes, const char *path, struct ssum_digest *digest)
{
	struct ssum_options options = {.size = sizeof(options), .holes = holes};
	struct ssum_context *context;

	assert_ok(ssum_context_new(&options, &context));
	assert_ok(ssum_hash_file(context, path, "sha1", digest));
	ssum_context_free(context);
}

/* Hash directly after writing, then from the cache, and then from the disk. */
static void try_case(const char *path, const char *name, enum ssum_holes holes)
{
	struct ssum_digest at_once, warm, cold, expected;

	hash_under(holes, path, &at_once);
	expected = oracle_of_file("sha1", path);
	hash_under(holes, path, &warm);
	make_cold(path);
	hash_under(holes, path, &cold);
	ck_assert_msg(ssum_digest_equal(&at_once, &expected), "%s, --holes=%s: after writing", name,
		      policy_names[holes]);
	ck_assert_msg(ssum_digest_equal(&warm, &expected), "%s, --holes=%s: after it was read",
		      name, policy_names[holes]);
	ck_assert_msg(ssum_digest_equal(&cold, &expected), "%s, --holes=%s: from the disk", name,
		      policy_names[holes]);
}

START_TEST(each_hazardous_layout)
{
	char *directory = scratch_new(&file_systems[_i]);

	if (!directory)
		skip("no %s", file_systems[_i].name);
	char *path = path_in(directory, "case");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (int policy = 0; policy < POLICIES; policy++) {
			int fd = create(path);

			cases[i].write(fd);
			close(fd);
			try_case(path, cases[i].name, (enum ssum_holes)policy);
		}
	}
	free(path);
	scratch_remove(directory);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		tried(cases[i].hazard, 3 * POLICIES);
}
END_TEST

START_TEST(reading_a_hole_does_not_allocate)
{
	char *directory = scratch_new(&file_systems[_i]);
	struct ssum_digest digest;
	struct stat before, after;

	if (!directory)
		skip("no %s", file_systems[_i].name);
	char *path = path_in(directory, "sparse");
	int fd = create(path);
	put(fd, "data", 32 * MIB);
	ck_assert(!ftruncate(fd, 64 * MIB) && !fsync(fd) && !fstat(fd, &before));
	for (int policy = 0; policy < POLICIES; policy++)
		hash_under((enum ssum_holes)policy, path, &digest);
	ck_assert(!fstat(fd, &after));
	ck_assert_int_eq(after.st_blocks, before.st_blocks);
	close(fd);
	free(path);
	scratch_remove(directory);
	tried(4, POLICIES);
}
END_TEST

#define EXTENTS 20000
#define WALK_SECONDS 30

START_TEST(many_small_extents)
{
	char *directory = scratch_new(&file_systems[_i]);
	struct timespec begin, end;
	struct ssum_digest digest;

	if (!directory)
		skip("no %s", file_systems[_i].name);
	char *path = path_in(directory, "comb");
	int fd = create(path);
	for (uint64_t i = 0; i < EXTENTS; i++)
		put(fd, "block", 8192 * i);
	ck_assert(!fsync(fd));
	close(fd);

	clock_gettime(CLOCK_MONOTONIC, &begin);
	hash_under(SSUM_HOLES_TRUST, path, &digest);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_digest_eq(digest, oracle_of_file("sha1", path));
	ck_assert_int_lt(end.tv_sec - begin.tv_sec, WALK_SECONDS);
	free(path);
	scratch_remove(directory);
	tried(11, 1);
}
END_TEST

/* ---- Large files ---- */

static const uint64_t large[] = {(1ull << 31) - 1, (1ull << 31) + 1, (1ull << 32) - 1,
				 (1ull << 32) + 1};

/* Under a sanitizer, try half of them. */
#define LARGE (MAP_SEEDS < 60 ? ARRAY_SIZE(large) / 2 : ARRAY_SIZE(large))

/* The files are named by their numbers, in the current directory. */
static const char *const large_names[] = {"0", "1", "2", "3"};

struct large_files {
	size_t given, reported;
	struct ssum_digest digests[ARRAY_SIZE(large)];
};

static int give_large(void *user, struct ssum_input *input)
{
	struct large_files *files = user;

	if (files->given == LARGE)
		return 0;
	input->path = large_names[files->given++];
	return 1;
}

static int take_large(void *user, const struct ssum_result *result)
{
	struct large_files *files = user;

	assert_ok(result->error);
	ck_assert_uint_eq(result->length, large[files->reported]);
	files->digests[files->reported++] = result->digests[0];
	return 0;
}

/* For each length, the SHA-1 of zeros with 'x' as the last byte. */
static void expect_large(struct ssum_digest expected[ARRAY_SIZE(large)])
{
	static const unsigned char zeros[1 << 16];
	EVP_MD_CTX *all = EVP_MD_CTX_new(), *one = EVP_MD_CTX_new();
	uint64_t at = 0;

	ck_assert(EVP_DigestInit_ex(all, EVP_sha1(), NULL));
	for (size_t i = 0; i < LARGE; i++) {
		for (uint64_t n; at < large[i] - 1; at += n) {
			n = min_u64(large[i] - 1 - at, sizeof(zeros));
			ck_assert(EVP_DigestUpdate(all, zeros, n));
		}
		expected[i].length = 20;
		ck_assert(EVP_MD_CTX_copy(one, all) && EVP_DigestUpdate(one, "x", 1) &&
			  EVP_DigestFinal_ex(one, expected[i].bytes, NULL));
	}
	EVP_MD_CTX_free(all);
	EVP_MD_CTX_free(one);
}

/* On tmpfs if available, where reading a hole is fastest. */
static char *scratch_for_large(void)
{
	char *directory = scratch_new(&file_systems[0]);

	return directory ? directory : scratch_here();
}

/* Around 2^31 and 2^32, sizes do not fit into some types. */
START_TEST(large_files)
{
	struct large_files files = {0};
	const struct ssum_hash_options options = {
		.size = sizeof(options), .input = give_large, .result = take_large, .user = &files};
	struct ssum_digest expected[ARRAY_SIZE(large)];
	char *directory = scratch_for_large();

	ck_assert(!chdir(directory));
	for (size_t i = 0; i < LARGE; i++) {
		int fd = create(large_names[i]);

		put(fd, "x", large[i] - 1);
		close(fd);
	}
	assert_ok(ssum_hash_each(NULL, &options));
	expect_large(expected);
	for (size_t i = 0; i < LARGE; i++)
		assert_digest_eq(files.digests[i], expected[i]);
	scratch_remove(directory);
	tried(12, LARGE);
}
END_TEST

#define GIB (1024 * MIB)
#define EXT4_LARGEST ((1ull << 44) - 4096)

/* The end of a file, hashed as a separate content. */
struct end_of_file {
	int fd;
	uint64_t offset;
	bool is_given;
	int error;
	struct ssum_digest digest;
};

static int give_end(void *user, struct ssum_input *input)
{
	struct end_of_file *end = user;

	if (end->is_given)
		return 0;
	end->is_given = true;
	input->fd = end->fd;
	input->offset = end->offset;
	return 1;
}

static int take_end(void *user, const struct ssum_result *result)
{
	struct end_of_file *end = user;

	end->error = result->error;
	if (!result->error)
		end->digest = result->digests[0];
	return 0;
}

static void hash_end(enum ssum_holes holes, struct end_of_file *end)
{
	const struct ssum_options options = {.size = sizeof(options), .holes = holes};
	const struct ssum_hash_options hash = {
		.size = sizeof(hash), .input = give_end, .result = take_end, .user = end};
	struct ssum_context *context;

	end->is_given = false;
	assert_ok(ssum_context_new(&options, &context));
	assert_ok(ssum_hash_each(context, &hash));
	ssum_context_free(context);
}

static int add_extent(void *user, const struct ssum_extent *extent)
{
	uint64_t *end = user;

	ck_assert_uint_eq(extent->offset, *end);
	*end += extent->length;
	return 0;
}

/* The last byte of the largest possible file is data, and nothing follows it. tmpfs reports it as
   part of a hole, at least up to Linux 6.18: --holes=trust gives a wrong digest, --holes=verify
   reports the byte. */
START_TEST(largest_size)
{
	static const unsigned char content[10] = {[9] = 'Z'};
	char *directory = scratch_new(&file_systems[_i]);
	uint64_t size = _i == 1 ? EXT4_LARGEST : INT64_MAX, mapped = 0;

	if (!directory)
		skip("no %s", file_systems[_i].name);
	char *path = path_in(directory, "largest");
	struct end_of_file end = {.offset = size - sizeof(content)};
	int fd = create(path);
	ck_assert(!ftruncate(fd, (off_t)size));
	put(fd, "Z", size - 1);
	end.fd = fd;

	for (int policy = 0; policy < POLICIES; policy++) {
		if (policy == SSUM_HOLES_TRUST && _i == 0)
			continue;
		hash_end((enum ssum_holes)policy, &end);
		if (policy == SSUM_HOLES_VERIFY && _i == 0 && end.error == SSUM_ERR_HOLE_NOT_ZERO)
			continue;
		assert_ok(end.error);
		assert_digest_eq(end.digest, oracle_of_bytes("sha1", content, sizeof(content)));
	}
	assert_ok(ssum_map_file(NULL, path, add_extent, &mapped));
	ck_assert_uint_eq(mapped, size);
	close(fd);
	free(path);
	scratch_remove(directory);
	tried(13, _i == 0 ? POLICIES - 1 : POLICIES);
}
END_TEST

START_TEST(sparse_disk_image)
{
	char *directory = scratch_for_large(), *path = path_in(directory, "disk.img");
	char *command, expected[41] = "", found[SSUM_HEX_MAX];
	struct ssum_digest digest;
	int fd = create(path);

	put(fd, "boot sector", 0);
	put(fd, "across the first 4 GiB", 4 * GIB - 7);
	put(fd, "far away", 5 * GIB + 12345);
	ck_assert(!ftruncate(fd, (off_t)(6 * GIB)));
	close(fd);
	ck_assert(asprintf(&command, "openssl dgst -sha1 -r %s", path) > 0);
	FILE *openssl = popen(command, "r");
	hash_under(SSUM_HOLES_AUTO, path, &digest);
	ck_assert_int_eq(fscanf(openssl, "%40s", expected), 1);
	pclose(openssl);
	ssum_digest_hex(&digest, found);
	ck_assert_str_eq(found, expected);
	free(command);
	free(path);
	scratch_remove(directory);
	tried(12, 1);
}
END_TEST

/* ---- Undetected changes and replaced files ---- */

/* A store into a page that is already dirty changes no timestamp, so it cannot be detected. But the
   next reading must give the digest of the new content. */
START_TEST(store_into_a_dirty_page_is_seen_by_the_next_read)
{
	char *directory = scratch_new(&file_systems[_i]);
	struct ssum_digest digest;

	if (!directory)
		skip("no %s", file_systems[_i].name);
	char *path = path_in(directory, "mapped");
	int fd = create(path);
	ck_assert(!ftruncate(fd, 1 * MIB));
	char *page = mmap(NULL, 1 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ck_assert(page != MAP_FAILED);
	for (int policy = 0; policy < POLICIES; policy++) {
		page[500000] = (char)('a' + policy);
		hash_under((enum ssum_holes)policy, path, &digest);
		assert_digest_eq(digest, oracle_of_bytes("sha1", page, 1 * MIB));
	}
	munmap(page, 1 * MIB);
	close(fd);
	free(path);
	scratch_remove(directory);
	tried(18, POLICIES);
}
END_TEST

/* The hashed descriptor still has the hashed content. Opening the name again gives the new file. */
START_TEST(file_replaced_after_verification)
{
	char *directory = scratch_here(), *path = path_in(directory, "file");
	char *other = path_in(directory, "other"), content[6] = "";
	struct ssum_digest digest;

	write_text(path, "right");
	assert_ok(ssum_create(NULL, directory, NULL, NULL));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_ok(ssum_hash_fd(NULL, fd, "sha1", &digest));
	assert_code(ssum_verify(NULL, directory, NULL, NULL), SSUM_HOLDS);
	write_text(other, "wrong");
	ck_assert(!rename(other, path));
	ck_assert_int_eq(pread(fd, content, 5, 0), 5);
	ck_assert_str_eq(content, "right");
	assert_digest_eq(digest, oracle_of_bytes("sha1", content, 5));
	assert_code(ssum_verify(NULL, directory, NULL, NULL), SSUM_DIFFERS);
	close(fd);
	free(other);
	free(path);
	scratch_remove(directory);
	tried(35, 2);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{each_hazardous_layout, FILE_SYSTEMS},
		{reading_a_hole_does_not_allocate, FILE_SYSTEMS},
		{many_small_extents, FILE_SYSTEMS},
		{large_files, 0},
		{sparse_disk_image, 0},
		{largest_size, FILE_SYSTEMS},
		{store_into_a_dirty_page_is_seen_by_the_next_read, FILE_SYSTEMS},
		{file_replaced_after_verification, 0},
	};

	return run_suite("hazards", tests, ARRAY_SIZE(tests));
}
