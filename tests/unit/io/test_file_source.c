/* SPDX-License-Identifier: MIT */
/* Files as sources: which files are opened, which are refused; sizes, positions and changes. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "io/file_source.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/suite.h"

#define WATCHDOG_SECONDS 10

static int open_and_close(struct file_source *file)
{
	int rc = file->source.ops->open(&file->source, NULL);

	if (!rc)
		file->source.ops->close(&file->source);
	ck_assert_int_lt(file->fd, 0);
	return rc;
}

static int open_directory(const char *directory)
{
	int dir = open(directory, O_RDONLY | O_DIRECTORY);

	ck_assert_int_ge(dir, 0);
	return dir;
}

/* ---- Objects that are not opened (hazard 23) ---- */

/* Make the node and check, by inotify, whether it is opened. */
static void assert_not_opened(const char *directory, const char *name, int expected)
{
	char *path = path_in(directory, name), event[sizeof(struct inotify_event) + 256];
	int watcher = inotify_init1(IN_NONBLOCK), dir = open_directory(directory);
	struct file_source file;

	ck_assert(watcher >= 0 && inotify_add_watch(watcher, path, IN_OPEN) >= 0);
	alarm(WATCHDOG_SECONDS);
	file_source_named(&file, path, SSUM_HOLES_AUTO);
	assert_code(open_and_close(&file), expected);
	file_source_beneath(&file, dir, name, SSUM_HOLES_AUTO);
	assert_code(open_and_close(&file), expected);
	/* With any_source a named operand may be opened, but not a file below a directory. */
	file.any_source = true;
	assert_code(open_and_close(&file), expected);
	alarm(0);
	ck_assert_int_eq(read(watcher, event, sizeof(event)), -1);

	/* Check that the watch detects an open(). */
	int fd = open(path, O_RDWR | O_NONBLOCK);
	ck_assert(fd < 0 || read(watcher, event, sizeof(event)) > 0);
	if (fd >= 0)
		close(fd);
	close(watcher);
	close(dir);
	free(path);
}

START_TEST(fifo_is_not_opened)
{
	char *directory = scratch_here(), *path = path_in(directory, "fifo");

	ck_assert(!mkfifo(path, 0600));
	assert_not_opened(directory, "fifo", SSUM_ERR_NOT_REGULAR);
	free(path);
	scratch_remove(directory);
	tried(23, 1);
}
END_TEST

START_TEST(device_is_not_opened)
{
	char *directory = scratch_here(), *path = path_in(directory, "null");

	if (mknod(path, S_IFCHR | 0600, makedev(1, 3)))
		note_skip(__func__, "mknod: %s", strerror(errno));
	else
		assert_not_opened(directory, "null", SSUM_ERR_NOT_REGULAR);
	free(path);
	scratch_remove(directory);
	tried(23, 1);
}
END_TEST

START_TEST(block_device_has_a_size)
{
	const char *mount = getenv("TEST_EXT4");
	char *directory = scratch_here(), *path = path_in(directory, "disk"), sectors[96];
	int dir = open_directory(directory);
	struct file_source file;
	struct stat st;

	if (!mount || !*mount || stat(mount, &st) || mknod(path, S_IFBLK | 0600, st.st_dev)) {
		note_skip(__func__, "no block device can be made");
	} else {
		snprintf(sectors, sizeof(sectors), "/sys/dev/block/%u:%u/size", major(st.st_dev),
			 minor(st.st_dev));
		char *text = read_file(sectors, NULL);

		file_source_named(&file, path, SSUM_HOLES_TRUST);
		assert_ok(file.source.ops->open(&file.source, NULL));
		ck_assert(file.source.has_size);
		ck_assert_uint_eq(file.source.size, strtoull(text, NULL, 10) * 512);
		struct ssum_extent extent = file.source.ops->extent_at(&file.source, 0);
		ck_assert_uint_eq(extent.kind, SSUM_DATA);
		ck_assert_uint_eq(extent.length, file.source.size);
		file.source.ops->close(&file.source);
		free(text);

		file_source_beneath(&file, dir, "disk", SSUM_HOLES_AUTO);
		assert_code(open_and_close(&file), SSUM_ERR_NOT_REGULAR);
	}
	close(dir);
	free(path);
	scratch_remove(directory);
}
END_TEST

START_TEST(directories_and_symlinks)
{
	char *directory = scratch_here(), *target = path_in(directory, "file");
	static const struct {
		const char *name, *link; /* to what, or NULL */
		int named, beneath;
	} cases[] = {
		{"file", NULL, 0, 0},
		{"missing", NULL, -ENOENT, -ENOENT},
		{"sub", NULL, -EISDIR, -EISDIR},
		{"link", "file", 0, SSUM_ERR_SYMLINK},
		{"to-sub", "sub", -EISDIR, SSUM_ERR_SYMLINK},
		{"dangling", "nowhere", -ENOENT, SSUM_ERR_SYMLINK},
		{"loop", "loop", -ELOOP, SSUM_ERR_SYMLINK},
		{"file/below", NULL, -ENOTDIR, -ENOTDIR},
		{"sub/../file", NULL, 0, SSUM_ERR_NAME},
	};
	int dir = open_directory(directory);

	write_text(target, "abc");
	ck_assert(!mkdirat(dir, "sub", 0700));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *path = path_in(directory, cases[i].name);
		struct file_source file;

		if (cases[i].link)
			ck_assert(!symlinkat(cases[i].link, dir, cases[i].name));
		file_source_named(&file, path, SSUM_HOLES_AUTO);
		assert_code(open_and_close(&file), cases[i].named);
		file_source_beneath(&file, dir, cases[i].name, SSUM_HOLES_AUTO);
		assert_code(open_and_close(&file), cases[i].beneath);
		free(path);
	}
	close(dir);
	free(target);
	scratch_remove(directory);
}
END_TEST

/* ---- Objects without a size (hazards 5, 22) ---- */

static const char *const pseudo_files[] = {
	"/proc/version",
	"/proc/filesystems",
	"/sys/kernel/mm/transparent_hugepage/enabled",
	"/sys/kernel/btf/vmlinux",
	"/sys/kernel/notes",
};

START_TEST(pseudo_file_is_read_to_its_end)
{
	const char *path = pseudo_files[_i];
	struct ssum_digest digest;

	if (access(path, R_OK))
		skip("%s: %s", path, strerror(errno));
	assert_ok(ssum_hash_file(NULL, path, "sha1", &digest));
	assert_digest_eq(digest, oracle_of_file("sha1", path));
}
END_TEST

/* ---- Passed descriptors (hazard 24) ---- */

static void assert_given(const char *directory, int flags, int expected)
{
	char *path = path_in(directory, "file");
	struct ssum_digest digest;

	write_text(path, "0123456789");
	int fd = open(path, flags), twin = dup(fd);
	ck_assert(fd >= 0 && twin >= 0);
	ck_assert_int_eq(lseek(fd, 7, SEEK_SET), 7);
	unlink(path);
	assert_code(ssum_hash_fd(NULL, fd, "sha1", &digest), expected);
	if (!expected)
		assert_digest_eq(digest, oracle_of_bytes("sha1", "0123456789", 10));
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 7);
	ck_assert_int_eq(lseek(twin, 0, SEEK_CUR), 7);
	close(twin);
	close(fd);
	free(path);
}

START_TEST(position_of_a_passed_descriptor_is_unchanged)
{
	char *directory = scratch_new(&file_systems[_i]);

	if (!directory)
		skip("no %s", file_systems[_i].name);
	assert_given(directory, O_RDONLY, 0);
	assert_given(directory, O_RDWR, 0);
	assert_given(directory, O_WRONLY, -EBADF);
	scratch_remove(directory);
	tried(24, 1);
}
END_TEST

/* A process may be unable to open a file that it got as a descriptor: then the descriptor itself is
   read, without moving its offset. */
START_TEST(passed_descriptor_that_cannot_be_reopened)
{
	char *directory = scratch_here();

	if (geteuid())
		note_skip(__func__, "needs root, to drop privileges");
	else {
		char *path = path_in(directory, "file");
		struct ssum_digest digest;

		write_text(path, "0123456789");
		ck_assert(!chmod(path, 0600));
		int fd = open(path, O_RDONLY);
		ck_assert_int_eq(lseek(fd, 7, SEEK_SET), 7);
		ck_assert(!seteuid(65534));
		ck_assert_int_eq(open(path, O_RDONLY), -1);
		assert_ok(ssum_hash_fd(NULL, fd, "sha1", &digest));
		ck_assert(!seteuid(0));
		assert_digest_eq(digest, oracle_of_bytes("sha1", "0123456789", 10));
		ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 7);
		close(fd);
		free(path);
	}
	scratch_remove(directory);
}
END_TEST

static const struct {
	uint64_t offset, start;
} offsets[] = {{0, 0}, {3, 3}, {10, 10}, {11, 10}, {UINT64_MAX, 10}};

START_TEST(offset_is_within_the_file)
{
	char *directory = scratch_here(), *path = path_in(directory, "file");
	struct file_source file;

	write_text(path, "0123456789");
	int fd = open(path, O_RDONLY);
	file_source_descriptor(&file, fd, offsets[_i].offset, SSUM_HOLES_AUTO);
	assert_ok(file.source.ops->open(&file.source, NULL));
	ck_assert_uint_eq(file.source.start, offsets[_i].start);
	ck_assert_uint_eq(file.source.size, 10);
	file.source.ops->close(&file.source);
	ck_assert_int_eq(fcntl(fd, F_GETFD), 0); /* still open, and the caller's */
	close(fd);
	free(path);
	scratch_remove(directory);
}
END_TEST

/* ---- Changes (hazards 17, 19) ---- */

static void set_time_back(const char *path, const struct stat *st)
{
	const struct timespec times[] = {st->st_atim, st->st_mtim};

	ck_assert(!utimensat(AT_FDCWD, path, times, 0));
}

enum change { NOTHING, READ, WRITE, WRITE_AND_SET_BACK, APPEND, CUT, CHMOD, REPLACE, CHANGES };

static void change(enum change what, const char *path)
{
	char *other;
	struct stat st;

	ck_assert(!stat(path, &st));
	int fd = open(path, what == READ ? O_RDONLY : O_RDWR);
	if (what == READ)
		free(read_file(path, NULL));
	if (what == WRITE || what == WRITE_AND_SET_BACK)
		ck_assert_int_eq(pwrite(fd, "X", 1, 3), 1);
	if (what == WRITE_AND_SET_BACK)
		set_time_back(path, &st);
	if (what == APPEND)
		ck_assert_int_eq(pwrite(fd, "X", 1, st.st_size), 1);
	if (what == CUT)
		ck_assert(!ftruncate(fd, st.st_size - 1));
	if (what == CHMOD)
		ck_assert(!fchmod(fd, 0640));
	if (what == REPLACE) {
		ck_assert(asprintf(&other, "%s.new", path) > 0);
		write_text(other, "0123456789");
		ck_assert(!rename(other, path));
		free(other);
	}
	close(fd);
}

/* What is seen to move. */
static const unsigned seen[CHANGES] = {
	[WRITE] = SSUM_CHANGE_MTIME | SSUM_CHANGE_CTIME,
	[WRITE_AND_SET_BACK] = SSUM_CHANGE_CTIME,
	[APPEND] = SSUM_CHANGE_SIZE | SSUM_CHANGE_MTIME | SSUM_CHANGE_CTIME,
	[CUT] = SSUM_CHANGE_SIZE | SSUM_CHANGE_MTIME | SSUM_CHANGE_CTIME,
	[CHMOD] = SSUM_CHANGE_CTIME | SSUM_CHANGE_PERMISSION,
	[REPLACE] = SSUM_CHANGE_CTIME | SSUM_CHANGE_LINKS,
};

START_TEST(change_is_detected)
{
	const struct file_system *where = &file_systems[_i % FILE_SYSTEMS];
	enum change what = (enum change)(_i / FILE_SYSTEMS);
	char *directory = scratch_new(where);
	/* Before Linux 6.13 the clock of file systems advances only every 10 ms or less. */
	const struct timespec pause = {.tv_nsec = 20000000};
	struct file_source file;
	char buffer[4];
	size_t got;

	if (!directory)
		skip("no %s for change %d", where->name, what);
	char *path = path_in(directory, "file");
	write_text(path, "0123456789");
	nanosleep(&pause, NULL);
	file_source_named(&file, path, SSUM_HOLES_AUTO);
	assert_ok(file.source.ops->open(&file.source, NULL));
	assert_ok(file.source.ops->read_at(&file.source, buffer, 4, 3, &got));
	assert_ok(file.source.ops->check(&file.source));
	change(what, path);
	int rc = file.source.ops->check(&file.source);
	ck_assert_msg(rc == (what <= READ ? 0 : SSUM_ERR_CHANGED), "change %d on %s: %d", what,
		      where->name, rc);
	ck_assert_msg(file.source.changes == seen[what], "change %d on %s: %u", what, where->name,
		      file.source.changes);
	file.source.ops->close(&file.source);

	/* Once opened again, the file is compared with its new state. */
	assert_ok(file.source.ops->open(&file.source, NULL));
	assert_ok(file.source.ops->check(&file.source));
	file.source.ops->close(&file.source);
	free(path);
	scratch_remove(directory);
	tried(19, 1);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{fifo_is_not_opened, 0},
		{device_is_not_opened, 0},
		{block_device_has_a_size, 0},
		{directories_and_symlinks, 0},
		{pseudo_file_is_read_to_its_end, ARRAY_SIZE(pseudo_files)},
		{position_of_a_passed_descriptor_is_unchanged, FILE_SYSTEMS},
		{passed_descriptor_that_cannot_be_reopened, 0},
		{offset_is_within_the_file, ARRAY_SIZE(offsets)},
		{change_is_detected, CHANGES * FILE_SYSTEMS},
	};

	return run_suite("file_source", tests, ARRAY_SIZE(tests));
}
