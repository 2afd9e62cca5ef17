/* SPDX-License-Identifier: MIT */
/* What the times of a file prove, and how long it is waited for (hazards 41, 42). */
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "io/file_times.h"
#include "support/files.h"
#include "support/suite.h"

#define SECOND INT64_C(1000000000)

static int64_t monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

static unsigned pauses;

static int count_pause(void *user)
{
	pauses++;
	return *(const int *)user;
}

/* A new file is looked at, as if its file system were this one. */
static const struct {
	struct file_times times;
	int code;                /* of the waiter */
	int64_t waited;          /* by other files before */
	bool no_waiter, settles; /* expected */
	int64_t least, most;     /* milliseconds */
} fresh[] = {
	/* A change after a look sets another time: no wait. */
	{{.kind = TIMES_LOCAL, .granule = 1, .is_multigrain = true}, 0, 0, false, true, 0, 1000},
	/* One tick. */
	{{.kind = TIMES_LOCAL, .granule = 1}, 0, 0, false, true, 0, 1000},
	/* Up to 2 s: the change time is not aligned here, so all of them. */
	{{.kind = TIMES_LOCAL, .granule = 2 * SECOND}, 0, 0, false, true, 1900, 4000},
	{{.kind = TIMES_LOCAL, .granule = 2 * SECOND}, 0, 0, true, false, 0, 1000},
	{{.kind = TIMES_LOCAL, .granule = 2 * SECOND}, -5, 0, false, false, 0, 1000},
	{{.kind = TIMES_LOCAL, .granule = 2 * SECOND}, 0, 3 * SECOND, false, false, 0, 1000},
	/* Longer than files are waited for at all, as for a time in the future. */
	{{.kind = TIMES_LOCAL, .granule = 3600 * SECOND}, 0, 0, false, false, 0, 1000},
	/* By the clock of a server: 10 ms after the newest time that was seen. */
	{{.kind = TIMES_SERVER, .granule = 1}, 0, 0, false, true, 9, 1000},
	{{.kind = TIMES_SERVER, .granule = 1}, 0, 0, true, false, 0, 1000},
	{{.kind = TIMES_FIXED, .granule = 1}, 0, 0, true, true, 0, 1000},
	{{.kind = TIMES_NONE, .granule = 1}, 0, 0, true, true, 0, 1000},
};

START_TEST(file_that_was_written_just_now)
{
	char *directory = scratch_here(), *path = path_in(directory, "file");
	int code = fresh[_i].code;
	const struct waiter waiter = {.pause = count_pause, .user = &code};
	struct clocks clocks;
	struct stat st;
	bool settled;

	clocks_init(&clocks);
	clocks.waited = fresh[_i].waited;
	write_text(path, "0123456789");
	int fd = open(path, O_RDONLY);
	ck_assert(fd >= 0 && !fstat(fd, &st));
	int64_t began = monotonic();
	assert_code(file_times_settle(&fresh[_i].times, &clocks,
				      fresh[_i].no_waiter ? NULL : &waiter, fd, &st, &settled),
		    code);
	int64_t took = (monotonic() - began) / 1000000;
	ck_assert_msg(code || settled == fresh[_i].settles, "row %d: settled: %d", _i, settled);
	ck_assert_msg(took >= fresh[_i].least && took < fresh[_i].most, "row %d: %d ms", _i,
		      (int)took);
	ck_assert_int_eq(st.st_size, 10);
	if (fresh[_i].least >= 1900)
		ck_assert(clocks_waited(&clocks) >= 1900 && pauses > 10);
	clocks_end(&clocks);
	close(fd);
	free(path);
	scratch_remove(directory);
	tried(41, 1);
}
END_TEST

/* Several files are waited for at the same time: the waits count once, and the last one ends all.
 */
START_TEST(newest_time_of_a_server_proves_the_older_ones)
{
	char *directory = scratch_here();
	const struct file_times times = {.kind = TIMES_SERVER, .granule = 1};
	int code = 0;
	const struct waiter waiter = {.pause = count_pause, .user = &code};
	struct clocks clocks;
	bool settled;

	clocks_init(&clocks);
	char *paths[] = {path_in(directory, "new"), path_in(directory, "old")};
	write_text(paths[1], "old");
	nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
	write_text(paths[0], "new");
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct stat st;
		int fd = open(paths[i], O_RDONLY);

		ck_assert(fd >= 0 && !fstat(fd, &st));
		pauses = 0;
		assert_ok(file_times_settle(&times, &clocks, &waiter, fd, &st, &settled));
		ck_assert(settled);
		ck_assert_msg(i == 0 ? pauses > 0 : pauses == 0, "file %zu: %u", i, pauses);
		close(fd);
		free(paths[i]);
	}
	clocks_end(&clocks);
	scratch_remove(directory);
	tried(41, 2);
}
END_TEST

START_TEST(kinds_of_file_systems)
{
	const struct file_system *where = &file_systems[_i];
	char *directory = scratch_new(where);
	struct file_times times;

	if (!directory)
		skip("no %s", where->name);
	int fd = open(directory, O_RDONLY | O_DIRECTORY);
	assert_ok(file_times_find(&times, fd));
	ck_assert_int_eq(times.kind, TIMES_LOCAL);
	close(fd);
	fd = open("/proc/self/stat", O_RDONLY);
	assert_ok(file_times_find(&times, fd));
	ck_assert_int_eq(times.kind, TIMES_NONE);
	close(fd);
	scratch_remove(directory);
}
END_TEST

/* What fails the look is returned. */
START_TEST(bad_descriptor)
{
	struct file_times times;

	assert_code(file_times_find(&times, -1), -EBADF);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{file_that_was_written_just_now, ARRAY_SIZE(fresh)},
		{newest_time_of_a_server_proves_the_older_ones, 0},
		{kinds_of_file_systems, FILE_SYSTEMS},
		{bad_descriptor, 0},
	};

	return run_suite("file_times", tests, ARRAY_SIZE(tests));
}
