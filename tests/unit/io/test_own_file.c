/* SPDX-License-Identifier: MIT */
/* A private file of the user, such as a journal: one process at a time locks it, and other types of
   file at its path are refused. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/own_file.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/scratch.h"
#include "support/suite.h"

static mode_t mode_of(const char *path)
{
	struct stat st;

	ck_assert_msg(!lstat(path, &st), "%s does not exist", path);
	return st.st_mode & 07777;
}

static void holds_text(const char *path, const char *due)
{
	char *text = read_file(path, NULL);

	ck_assert_str_eq(text, due);
	free(text);
}

static int hold(const char *path)
{
	int fd = own_file_lock(path);

	ck_assert_msg(fd >= 0, "%s: %s", path, ssum_strerror(fd));
	return fd;
}

/* Locking creates the file and its directories; opening and removing do not. Directories that exist
   are not changed. */
START_TEST(directories_are_private)
{
	scratch_enter();
	umask(0);
	ck_assert(!mkdir("old", 0755));
	assert_code(own_file_open("old/new/newer/file", O_RDONLY), -ENOENT);
	own_file_remove("old/new/newer/file", -1);
	ck_assert(access("old/new", F_OK));
	int fd = hold("old/new/newer/file");
	ck_assert_uint_eq(mode_of("old"), 0755);
	ck_assert_uint_eq(mode_of("old/new"), 0700);
	ck_assert_uint_eq(mode_of("old/new/newer"), 0700);
	ck_assert_uint_eq(mode_of("old/new/newer/file"), 0600);
	close(fd);
	write_text("flat", "");
	assert_code(own_file_lock("flat/file"), -ENOTDIR);
	scratch_leave();
}
END_TEST

START_TEST(only_one_process_holds_the_lock)
{
	scratch_enter();
	int first = hold("file");
	ck_assert_int_eq(write(first, "first", 5), 5);
	assert_code(own_file_lock("file"), -EBUSY);
	own_file_remove("file", -1);
	holds_text("file", "first");

	/* Other programs of the same user may read it. */
	int reader = own_file_open("file", O_RDONLY);
	ck_assert_int_ge(reader, 0);
	close(reader);
	close(first);

	int second = hold("file");
	holds_text("file", "first"); /* it was not truncated */
	own_file_remove("file", second);
	ck_assert(access("file", F_OK));
	close(second);

	close(hold("file"));
	own_file_remove("file", -1);
	ck_assert(access("file", F_OK));
	scratch_leave();
	tried(34, 3);
}
END_TEST

/* Other types of file at the path, and the results of the two functions that open it. The symlink
   refers to a file that would be accepted. */
static const struct {
	const char *command;
	int error;
} others[] = {
	{"ln -s target file", -ELOOP},
	{"ln -s nowhere file", -ELOOP},
	{"mkfifo file", -EPERM},
	{"touch file && chmod 620 file", -EPERM},
	{"touch file && chmod 602 file", -EPERM},
	{"mknod file c 1 3", -EPERM},
	{"touch file && chown 65534 file", -EPERM},
};

START_TEST(other_file_types_are_refused)
{
	int status;

	scratch_enter();
	write_text("target", "target");
	ck_assert(!chmod("target", 0600));
	char *text = run_command(&status, "{ %s; } 2>&1", others[_i].command);
	if (status) {
		scratch_leave();
		skip("%s: %s", others[_i].command, text);
	}
	free(text);
	assert_code(own_file_open("file", O_RDONLY), others[_i].error);
	assert_code(own_file_lock("file"), others[_i].error);
	own_file_remove("file", -1);
	mode_of("file"); /* it exists */
	ck_assert(access("nowhere", F_OK));
	holds_text("target", "target");
	scratch_leave();
	if (_i < 2)
		tried(26, 1);
}
END_TEST

/* ---- Several processes lock and remove the file ---- */

#define HOLDERS 4
static atomic_int holding;
static atomic_uint held;

/* A process that opened the file before another one removed it must not accept a lock on the old
   file. */
static void *hold_and_remove(void *rounds)
{
	for (int i = 0; i < *(int *)rounds; i++) {
		int fd = own_file_lock("file");

		if (fd < 0) {
			ck_assert_int_eq(fd, -EBUSY);
			continue;
		}
		ck_assert_int_eq(atomic_fetch_add(&holding, 1), 0);
		held++;
		usleep(i % 2 ? 0 : 50);
		holding--;
		own_file_remove("file", fd);
		close(fd);
	}
	return NULL;
}

START_TEST(removed_file_is_not_locked)
{
	pthread_t threads[HOLDERS];
	int rounds = 3000;

	scratch_enter();
	for (int i = 0; i < HOLDERS; i++)
		ck_assert(!pthread_create(&threads[i], NULL, hold_and_remove, &rounds));
	for (int i = 0; i < HOLDERS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_gt(held, 0);
	scratch_leave();
	tried(34, held);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{directories_are_private, 0},
		{only_one_process_holds_the_lock, 0},
		{other_file_types_are_refused, ARRAY_SIZE(others)},
		{removed_file_is_not_locked, 0},
	};

	return run_suite("own_file", tests, ARRAY_SIZE(tests));
}
