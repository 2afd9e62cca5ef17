/* SPDX-License-Identifier: MIT */
/* Hashing one file: which files are read, and which are refused. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/files.h"
#include "support/oracle.h"
#include "support/scratch.h"
#include "support/suite.h"

static void make_odd_files(void)
{
	write_text("file", "content");
	ck_assert(!mkfifo("fifo", 0644));
	ck_assert(!symlink("nowhere", "dangling"));
	ck_assert(!symlink("loop", "loop"));
	ck_assert(!mkdir("locked", 0700));
	write_text("locked/file", "content");
	write_text("unreadable", "content");
	ck_assert(!chmod("unreadable", 0));
}

static const struct {
	const char *path, *algorithm;
	int code;
} refusals[] = {
	{"missing", "sha1", -ENOENT},
	{"", "sha1", -ENOENT},
	{"dangling", "sha1", -ENOENT},
	{"loop", "sha1", -ELOOP},
	{"file/file", "sha1", -ENOTDIR},
	{".", "sha1", -EISDIR},
	{"fifo", "sha1", SSUM_ERR_NOT_REGULAR},
	{"/dev/zero", "sha1", SSUM_ERR_NOT_REGULAR},
	{"unreadable", "sha1", -EACCES}, /* hazard 25 */
	{"locked/file", "sha1", -EACCES},
	{"file", "sha3", SSUM_ERR_ALGORITHM},
	{"file", "shake128", SSUM_ERR_ALGORITHM},
	{"file", "", SSUM_ERR_ALGORITHM},
};

START_TEST(files_that_are_refused)
{
	static const struct ssum_digest none;
	struct ssum_context *context;
	struct ssum_digest digest;

	scratch_enter();
	make_odd_files();
	ck_assert(!seteuid(65534));
	assert_ok(ssum_context_new(NULL, &context));
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		memset(&digest, 0xff, sizeof(digest));
		assert_code(
			ssum_hash_file(context, refusals[i].path, refusals[i].algorithm, &digest),
			refusals[i].code);
		ck_assert_msg(!memcmp(&digest, &none, sizeof(none)), "a digest of '%s'",
			      refusals[i].path);
		ck_assert(strstr(ssum_message(context), ssum_strerror(refusals[i].code)) != NULL);
		if (refusals[i].code != SSUM_ERR_ALGORITHM)
			ck_assert(strstr(ssum_message(context), refusals[i].path) != NULL);
		assert_code(ssum_hash_file(NULL, refusals[i].path, refusals[i].algorithm, &digest),
			    refusals[i].code);
	}
	assert_ok(ssum_hash_file(context, "file", NULL, &digest));
	ck_assert_str_eq(ssum_message(context), "");
	assert_digest_eq(digest, oracle_of_bytes("sha1", "content", 7));
	ssum_context_free(context);
	ck_assert(!seteuid(0));
	scratch_leave();
}
END_TEST

START_TEST(descriptor_is_read_from_the_start)
{
	struct ssum_digest digest;

	scratch_enter();
	write_text("file", "not from the current position");
	int fd = open("file", O_RDONLY | O_CLOEXEC), directory_fd = open(".", O_RDONLY | O_CLOEXEC);
	int blind = open("file", O_WRONLY | O_CLOEXEC);

	ck_assert_int_eq(lseek(fd, 12, SEEK_SET), 12);
	assert_ok(ssum_hash_fd(NULL, fd, "sha256", &digest));
	assert_digest_eq(digest, oracle_of_file("sha256", "file"));
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 12);

	/* If another file gets the name, the descriptor still refers to the old one. */
	struct ssum_digest before = oracle_of_file("sha1", "file");
	write_text("other", "another content");
	ck_assert(!rename("other", "file"));
	assert_ok(ssum_hash_fd(NULL, fd, "sha1", &digest));
	assert_digest_eq(digest, before);

	assert_code(ssum_hash_fd(NULL, directory_fd, "sha1", &digest), -EISDIR);
	assert_code(ssum_hash_fd(NULL, blind, "sha1", &digest), -EBADF);
	assert_code(ssum_hash_fd(NULL, -1, "sha1", &digest), -EBADF);
	close(fd);
	close(directory_fd);
	close(blind);
	scratch_leave();
}
END_TEST

/* hazards 5, 8, 22: files of /proc and /sys, whose st_size is 0, a page, or right, and which may
   not support lseek(). */
START_TEST(files_of_proc_and_sysfs)
{
	static const char *const paths[] = {"/proc/version", "/proc/filesystems", "/proc/cmdline",
					    "/sys/devices/system/cpu/possible",
					    "/sys/kernel/btf/vmlinux"};
	const char *path = paths[_i];
	struct ssum_digest digest;
	char hex[SSUM_HEX_MAX];

	if (access(path, R_OK))
		skip("no %s", path);
	char *expected = run_command(NULL, "sha1sum %s", path);
	for (int policy = SSUM_HOLES_AUTO; policy <= SSUM_HOLES_READ; policy++) {
		struct ssum_options options = {.size = sizeof(options),
					       .holes = (enum ssum_holes)policy};
		struct ssum_context *context;

		assert_ok(ssum_context_new(&options, &context));
		assert_ok(ssum_hash_file(context, path, "sha1", &digest));
		ssum_digest_hex(&digest, hex);
		ck_assert_msg(!strncmp(hex, expected, 40), "%s: %s, not %s", path, hex, expected);
		ssum_context_free(context);
	}
	free(expected);
	tried(5, 4);
	tried(8, 4);
	tried(22, 4);
}
END_TEST

/* hazard 22 */
START_TEST(block_device_is_hashed)
{
	struct ssum_digest digest;
	int status;

	scratch_enter();
	int fd = open("backing", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	ck_assert(pwrite(fd, "on the device", 13, 4000) == 13 && !ftruncate(fd, 2 * MIB));
	close(fd);
	char *device = run_command(&status, "losetup --find --show --read-only backing 2>&1");
	device[strcspn(device, "\n")] = '\0';
	if (status) {
		scratch_leave();
		skip("losetup: %s", device);
	}
	int rc = ssum_hash_file(NULL, device, "sha1", &digest);
	free(run_command(NULL, "losetup --detach %s", device));
	assert_ok(rc);
	assert_digest_eq(digest, oracle_of_file("sha1", "backing"));
	free(device);
	scratch_leave();
	tried(22, 1);
}
END_TEST

/* Cancel at the first byte, so that the test does not wait if the library hashes a file that it
   should refuse. */
static int stop_at_once(void *user, const struct ssum_progress *progress)
{
	(void)user;
	return progress->bytes_done > 0;
}

/* hazard 14 */
START_TEST(too_long_files_are_refused)
{
	static const char *const limited[] = {"sha1", "sha224", "sha256", NULL};
	char *tmpfs = scratch_new(&file_systems[0]);
	const struct ssum_options options = {.size = sizeof(options), .progress = stop_at_once};
	struct ssum_context *context;
	struct ssum_digest digest;

	if (!tmpfs)
		skip("no tmpfs is mounted");
	char *path = path_in(tmpfs, "long");
	write_text(path, "");
	ck_assert(!truncate(path, (off_t)1 << 61));
	assert_ok(ssum_context_new(&options, &context));
	for (size_t i = 0; limited[i]; i++)
		assert_code(ssum_hash_file(context, path, limited[i], &digest), SSUM_ERR_TOO_LONG);
	ssum_context_free(context);
	free(path);
	scratch_remove(tmpfs);
	tried(14, 3);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{files_that_are_refused, 0},     {descriptor_is_read_from_the_start, 0},
		{files_of_proc_and_sysfs, 5},    {block_device_is_hashed, 0},
		{too_long_files_are_refused, 0},
	};

	return run_suite("hash", tests, ARRAY_SIZE(tests));
}
