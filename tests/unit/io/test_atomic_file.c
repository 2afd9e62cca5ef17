/* SPDX-License-Identifier: MIT */
/*
 * Files that are replaced atomically. The openat() and write() of this program replace those of the
 * C library. A test can make them fail, or write fewer bytes.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/atomic_file.h"
#include "sparsesum/package.h"
#include "support/files.h"
#include "support/suite.h"

static bool no_nameless; /* O_TMPFILE is not supported */
static unsigned nameless_refused;
static bool slow; /* writes are short, and every second one is interrupted */
static unsigned writes;

int openat(int dir, const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list arguments;

	va_start(arguments, flags);
	if (flags & (O_CREAT | __O_TMPFILE))
		mode = va_arg(arguments, mode_t);
	va_end(arguments);
	if (no_nameless && (flags & O_TMPFILE) == O_TMPFILE) {
		nameless_refused++;
		errno = EOPNOTSUPP;
		return -1;
	}
	return (int)syscall(SYS_openat, dir, path, flags, mode);
}

ssize_t write(int fd, const void *data, size_t length)
{
	if (slow && ++writes % 2) {
		errno = EINTR;
		return -1;
	}
	return syscall(SYS_write, fd, data, slow && length > 5000 ? 5000 : length);
}

/* ---- Directories ---- */

static char *directory;
static int dir;

/* With O_TMPFILE, and without. */
#define WAYS 2

static void set_up(int way)
{
	no_nameless = way == 1;
	directory = scratch_here();
	dir = open(directory, O_RDONLY | O_DIRECTORY);
	ck_assert_int_ge(dir, 0);
}

static void tear_down(void)
{
	close(dir);
	scratch_remove(directory);
}

static int count_entries(void)
{
	DIR *stream = opendir(directory);
	struct dirent *entry;
	int count = 0;

	ck_assert_ptr_nonnull(stream);
	while ((entry = readdir(stream)))
		count += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	closedir(stream);
	return count;
}

static void assert_content(const char *name, const char *data, size_t length)
{
	char *path = path_in(directory, name);
	size_t found_length;
	char *found = read_file(path, &found_length);

	ck_assert_uint_eq(found_length, length);
	ck_assert_mem_eq(found, data, length);
	free(found);
	free(path);
}

static void put(const char *name, const char *text)
{
	char *path = path_in(directory, name);

	write_text(path, text);
	free(path);
}

/* ---- Accepted arguments ---- */

START_TEST(new_file_appears_at_commit)
{
	struct atomic_file file;

	set_up(_i);
	assert_ok(atomic_file_begin(&file, dir, "new"));
	ck_assert_int_eq(faccessat(dir, "new", F_OK, 0), -1);
	assert_ok(atomic_file_write(&file, "abc", 3));
	assert_ok(atomic_file_write(&file, NULL, 0));
	assert_ok(atomic_file_write(&file, "def", 3));
	ck_assert_int_eq(faccessat(dir, "new", F_OK, 0), -1);
	assert_ok(atomic_file_commit(&file));
	assert_content("new", "abcdef", 6);
	atomic_file_end(&file);
	assert_content("new", "abcdef", 6);
	ck_assert_int_eq(count_entries(), 1);
	ck_assert_int_eq(nameless_refused, _i);
	tear_down();
}
END_TEST

START_TEST(old_file_stays_until_commit)
{
	struct atomic_file file;

	set_up(_i);
	put("name", "old");
	ck_assert(!linkat(dir, "name", dir, "other", 0));
	assert_ok(atomic_file_begin(&file, dir, "name"));
	assert_ok(atomic_file_write(&file, "new content", 11));
	assert_content("name", "old", 3);
	assert_ok(atomic_file_commit(&file));
	atomic_file_end(&file);
	assert_content("name", "new content", 11);
	assert_content("other", "old", 3);
	ck_assert_int_eq(count_entries(), 2);
	tear_down();
}
END_TEST

START_TEST(file_without_commit_leaves_nothing)
{
	static char data[600000];
	struct atomic_file file;

	set_up(_i);
	put("name", "old");
	assert_ok(atomic_file_begin(&file, dir, "name"));
	assert_ok(atomic_file_write(&file, data, sizeof(data)));
	atomic_file_end(&file);
	atomic_file_end(&file);
	assert_content("name", "old", 3);
	assert_ok(atomic_file_begin(&file, dir, "another"));
	atomic_file_end(&file);
	ck_assert_int_eq(count_entries(), 1);
	tear_down();
}
END_TEST

START_TEST(empty_file_is_created)
{
	struct atomic_file file;

	set_up(_i);
	assert_ok(atomic_file_begin(&file, dir, "empty"));
	assert_ok(atomic_file_commit(&file));
	atomic_file_end(&file);
	assert_content("empty", "", 0);
	tear_down();
}
END_TEST

START_TEST(large_file_in_many_writes)
{
	static char data[1200000];
	uint64_t seed = test_seed(), random = seed;
	struct atomic_file file;

	set_up(_i % WAYS);
	fill_random(data, sizeof(data), &random);
	assert_ok(atomic_file_begin(&file, dir, "much"));
	slow = _i >= WAYS;
	for (size_t at = 0; at < sizeof(data);) {
		size_t piece = next_random(&random) % 90000;

		piece = piece < sizeof(data) - at ? piece : sizeof(data) - at;
		assert_ok(atomic_file_write(&file, data + at, piece));
		at += piece;
	}
	assert_ok(atomic_file_commit(&file));
	ck_assert(!slow || writes > 400);
	slow = false;
	atomic_file_end(&file);
	assert_content("much", data, sizeof(data));
	tear_down();
}
END_TEST

static const mode_t masks[] = {0, 022, 027, 077, 0177};

START_TEST(permissions_follow_the_umask)
{
	struct atomic_file file;
	struct stat st;

	set_up(_i % WAYS);
	mode_t before = umask(masks[_i / WAYS]);
	assert_ok(atomic_file_begin(&file, dir, "file"));
	assert_ok(atomic_file_commit(&file));
	atomic_file_end(&file);
	umask(before);
	ck_assert(!fstatat(dir, "file", &st, 0));
	ck_assert_uint_eq(st.st_mode & 07777, 0666 & ~masks[_i / WAYS]);
	tear_down();
}
END_TEST

/* A name of the maximum length is accepted. */
START_TEST(longest_name_is_accepted)
{
	struct atomic_file file;
	char name[256];

	set_up(_i);
	memset(name, 'n', 255);
	name[255] = '\0';
	assert_ok(atomic_file_begin(&file, dir, name));
	assert_ok(atomic_file_write(&file, "x", 1));
	assert_ok(atomic_file_commit(&file));
	atomic_file_end(&file);
	assert_content(name, "x", 1);
	ck_assert_int_eq(count_entries(), 1);
	tear_down();
}
END_TEST

START_TEST(symlink_is_replaced_not_followed)
{
	struct atomic_file file;
	struct stat st;

	set_up(_i);
	put("target", "kept");
	ck_assert(!symlinkat("target", dir, "name"));
	assert_ok(atomic_file_begin(&file, dir, "name"));
	assert_ok(atomic_file_write(&file, "new", 3));
	assert_ok(atomic_file_commit(&file));
	atomic_file_end(&file);
	ck_assert(!fstatat(dir, "name", &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode));
	assert_content("target", "kept", 4);
	tear_down();
}
END_TEST

/* ---- Failures (hazard 34) ---- */

static int write_pieces(struct atomic_file *file, int count)
{
	static char data[100000];
	int rc = 0;

	for (int i = 0; i < count && !rc; i++)
		rc = atomic_file_write(file, data, sizeof(data));
	return rc ? rc : atomic_file_commit(file);
}

/* One piece may stay in a buffer until the commit. If there are ten, some are written before the
   commit. */
static void assert_failure_keeps_the_old_file(int count, int expected)
{
	struct atomic_file file;

	put("name", "old");
	assert_ok(atomic_file_begin(&file, dir, "name"));
	assert_code(write_pieces(&file, count), expected);
	atomic_file_end(&file);
	assert_content("name", "old", 3);
	ck_assert_int_eq(count_entries(), 1);
}

START_TEST(file_size_limit_keeps_the_old_file)
{
	struct rlimit limit = {.rlim_cur = _i / WAYS ? 300000 : 4096, .rlim_max = RLIM_INFINITY};

	set_up(_i % WAYS);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert(!setrlimit(RLIMIT_FSIZE, &limit));
	assert_failure_keeps_the_old_file(_i / WAYS ? 10 : 1, -EFBIG);
	limit.rlim_cur = RLIM_INFINITY;
	ck_assert(!setrlimit(RLIMIT_FSIZE, &limit));
	tear_down();
}
END_TEST

START_TEST(full_disk_keeps_the_old_file)
{
	set_up(_i % WAYS);
	if (unshare(CLONE_NEWNS) || mount("", "/", "", MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", directory, "tmpfs", 0, "size=64k")) {
		note_skip(__func__, "no small tmpfs can be mounted: %s", strerror(errno));
	} else {
		close(dir);
		dir = open(directory, O_RDONLY | O_DIRECTORY);
		assert_failure_keeps_the_old_file(_i / WAYS ? 10 : 1, -ENOSPC);
		umount2(directory, MNT_DETACH);
	}
	tear_down();
	tried(34, 1);
}
END_TEST

START_TEST(directory_is_not_replaced)
{
	struct atomic_file file;

	set_up(_i);
	ck_assert(!mkdirat(dir, "name", 0700));
	assert_ok(atomic_file_begin(&file, dir, "name"));
	assert_code(atomic_file_commit(&file), -EISDIR);
	atomic_file_end(&file);
	ck_assert_int_eq(count_entries(), 1);
	tear_down();
}
END_TEST

START_TEST(parent_that_is_not_a_directory_is_refused)
{
	struct atomic_file file;

	set_up(_i);
	put("file", "x");
	int not_dir = openat(dir, "file", O_RDONLY);
	assert_code(atomic_file_begin(&file, not_dir, "name"), -ENOTDIR);
	assert_code(atomic_file_begin(&file, 9999, "name"), -EBADF);
	ck_assert_int_eq(file.fd, -1);
	ck_assert_ptr_null(file.name);
	atomic_file_end(&file);
	close(not_dir);
	tear_down();
}
END_TEST

START_TEST(removed_parent_is_an_error)
{
	struct atomic_file file;
	char *sub;

	set_up(_i);
	sub = path_in(directory, "sub");
	ck_assert(!mkdir(sub, 0700));
	int gone = open(sub, O_RDONLY | O_DIRECTORY);
	ck_assert(!rmdir(sub));
	int rc = atomic_file_begin(&file, gone, "name");
	if (!rc)
		rc = atomic_file_commit(&file);
	assert_code(rc, -ENOENT);
	atomic_file_end(&file);
	close(gone);
	free(sub);
	tear_down();
}
END_TEST

/* ---- ssum_replace_file() ---- */

START_TEST(replace_file_writes_the_whole_content)
{
	static char data[700000];
	uint64_t state = test_seed();
	char *path;

	set_up(_i % WAYS);
	slow = _i / WAYS;
	fill_random(data, sizeof(data), &state);
	assert_ok(ssum_replace_file(dir, "name", "old", 3));
	assert_content("name", "old", 3);
	assert_ok(ssum_replace_file(dir, "name", data, sizeof(data)));
	assert_content("name", data, sizeof(data));
	assert_ok(ssum_replace_file(dir, "name", NULL, 0));
	assert_content("name", "", 0);

	/* An absolute path, one from the current directory, and one with a directory in it. */
	path = path_in(directory, "name");
	assert_ok(ssum_replace_file(-1, path, "absolute", 8));
	assert_content("name", "absolute", 8);
	ck_assert(!fchdir(dir));
	assert_ok(ssum_replace_file(AT_FDCWD, "name", "current", 7));
	assert_content("name", "current", 7);
	ck_assert(!mkdirat(dir, "sub", 0700));
	assert_ok(ssum_replace_file(dir, "sub/name", "below", 5));
	assert_content("sub/name", "below", 5);
	ck_assert_int_eq(count_entries(), 2);
	ck_assert(!chdir("/"));
	slow = false;
	free(path);
	tear_down();
}
END_TEST

/* An existing file is not changed by a failure, and no temporary file is left. */
START_TEST(unsuitable_paths_are_refused)
{
	struct stat st;

	set_up(_i);
	put("file", "x");
	ck_assert(!mkdirat(dir, "directory", 0700));
	ck_assert(!mkfifoat(dir, "fifo", 0600));
	ck_assert(!symlinkat("fifo", dir, "to_fifo"));
	ck_assert(!symlinkat("/dev/null", dir, "to_device"));
	int before = count_entries();

	assert_code(ssum_replace_file(dir, "directory", "x", 1), -EISDIR);
	assert_code(ssum_replace_file(dir, "directory/", "x", 1), -EISDIR);
	assert_code(ssum_replace_file(dir, "fifo", "x", 1), SSUM_ERR_NOT_REGULAR);
	assert_code(ssum_replace_file(dir, "to_fifo", "x", 1), SSUM_ERR_NOT_REGULAR);
	assert_code(ssum_replace_file(dir, "to_device", "x", 1), SSUM_ERR_NOT_REGULAR);
	assert_code(ssum_replace_file(dir, "/dev/null", "x", 1), SSUM_ERR_NOT_REGULAR);
	assert_code(ssum_replace_file(dir, "none/name", "x", 1), -ENOENT);
	assert_code(ssum_replace_file(dir, "file/name", "x", 1), -ENOTDIR);
	assert_code(ssum_replace_file(9999, "name", "x", 1), -EBADF);
	ck_assert_int_eq(count_entries(), before);
	ck_assert(!fstatat(dir, "to_device", &st, AT_SYMLINK_NOFOLLOW) && S_ISLNK(st.st_mode));
	ck_assert(!fstatat(dir, "fifo", &st, 0) && S_ISFIFO(st.st_mode));
	tear_down();
}
END_TEST

/* ---- Owner and mode of the replaced file ---- */

static void assert_owner(const char *name, uid_t user, gid_t group, mode_t mode)
{
	struct stat st;

	ck_assert(!fstatat(dir, name, &st, 0));
	ck_assert_uint_eq(st.st_uid, user);
	ck_assert_uint_eq(st.st_gid, group);
	ck_assert_uint_eq(st.st_mode & 07777, mode);
}

START_TEST(mode_and_owner_are_kept)
{
	static const mode_t modes[] = {0600, 0640, 0444, 0664, 0777};
	bool is_root = !geteuid();
	uid_t user = is_root ? 1234 : geteuid();
	gid_t group = is_root ? 2345 : getegid();

	set_up(_i);
	put("old", "old");
	ck_assert(!symlinkat("old", dir, "link"));
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		struct atomic_file file;

		ck_assert(!fchownat(dir, "old", user, group, 0));
		ck_assert(!fchmodat(dir, "old", modes[i], 0));
		assert_ok(atomic_file_begin(&file, dir, "old"));
		assert_ok(atomic_file_commit(&file));
		ck_assert(!file.owner_lost);
		atomic_file_end(&file);
		assert_owner("old", user, group, modes[i]);
	}
	assert_ok(ssum_replace_file(dir, "link", "new", 3));
	assert_owner("link", user, group, 0777);
	tear_down();
}
END_TEST

/* A process without privileges replaces files of another user in a directory of its own. */
START_TEST(owner_that_cannot_be_kept)
{
	static const struct {
		gid_t group; /* 77 is a group of the process */
		mode_t old, new;
		gid_t kept;
	} cases[] = {
		{77, 0640, 0640, 77},    {77, 0664, 0664, 77},    {88, 0640, 0600, 65534},
		{88, 0664, 0644, 65534}, {88, 0666, 0666, 65534},
	};
	const gid_t groups[] = {77};

	if (geteuid())
		skip("only root can make files of other users");
	set_up(_i);
	ck_assert(!fchown(dir, 65534, 65534));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char name[] = {(char)('a' + (int)i), '\0'};

		put(name, "old");
		ck_assert(!fchownat(dir, name, 0, cases[i].group, 0));
		ck_assert(!fchmodat(dir, name, cases[i].old, 0));
	}
	ck_assert(!setgroups(1, groups) && !setegid(65534) && !seteuid(65534));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char name[] = {(char)('a' + (int)i), '\0'};
		struct atomic_file file;

		assert_ok(atomic_file_begin(&file, dir, name));
		assert_ok(atomic_file_commit(&file));
		ck_assert(file.owner_lost);
		atomic_file_end(&file);
		assert_owner(name, 65534, cases[i].kept, cases[i].new);
	}
	ck_assert(!seteuid(0) && !setegid(0));
	tear_down();
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{new_file_appears_at_commit, WAYS},
		{old_file_stays_until_commit, WAYS},
		{file_without_commit_leaves_nothing, WAYS},
		{empty_file_is_created, WAYS},
		{large_file_in_many_writes, 2 * WAYS},
		{permissions_follow_the_umask, WAYS * ARRAY_SIZE(masks)},
		{longest_name_is_accepted, WAYS},
		{symlink_is_replaced_not_followed, WAYS},
		{file_size_limit_keeps_the_old_file, 2 * WAYS},
		{full_disk_keeps_the_old_file, 2 * WAYS},
		{directory_is_not_replaced, WAYS},
		{parent_that_is_not_a_directory_is_refused, WAYS},
		{removed_parent_is_an_error, WAYS},
		{replace_file_writes_the_whole_content, 2 * WAYS},
		{unsuitable_paths_are_refused, WAYS},
		{mode_and_owner_are_kept, WAYS},
		{owner_that_cannot_be_kept, WAYS},
	};

	return run_suite("atomic_file", tests, ARRAY_SIZE(tests));
}
