/* SPDX-License-Identifier: MIT */
/*
 * Exact reads, when read() and pread() return less, are interrupted or fail. The functions of this
 * program replace those of the C library, and work normally until a test sets a fault.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/read_write.h"
#include "support/files.h"
#include "support/suite.h"

static struct {
	size_t longest;     /* maximum number of bytes per call; 0: no limit */
	unsigned interrupt; /* interval of interrupted calls; 0: none */
	int error;          /* the errno of each call after fail_after calls; 0: none */
	unsigned fail_after;
	unsigned calls;
	unsigned interrupted;
} faults;

/* Whether a call fails. If not, *length is reduced to what it may read. */
static bool strikes(size_t *length)
{
	unsigned call = ++faults.calls;

	if (faults.interrupt && call % faults.interrupt == 0) {
		faults.interrupted++;
		errno = EINTR;
		return true;
	}
	if (faults.error && call > faults.fail_after) {
		errno = faults.error;
		return true;
	}
	if (faults.longest && *length > faults.longest)
		*length = faults.longest;
	return false;
}

ssize_t read(int fd, void *buffer, size_t length)
{
	return strikes(&length) ? -1 : (ssize_t)syscall(SYS_read, fd, buffer, length);
}

ssize_t pread(int fd, void *buffer, size_t length, off_t offset)
{
	return strikes(&length) ? -1 : (ssize_t)syscall(SYS_pread64, fd, buffer, length, offset);
}

/* ---- A file with a known content ---- */

#define LENGTH 10007

static char content[LENGTH], buffer[2 * LENGTH];
static char *directory, *path;
static int fd;

static void set_up(void)
{
	uint64_t random = 7;

	fill_random(content, LENGTH, &random);
	directory = scratch_here();
	path = path_in(directory, "file");
	write_file(path, content, LENGTH);
	fd = open(path, O_RDWR);
	ck_assert_int_ge(fd, 0);
	memset(&faults, 0, sizeof(faults));
	memset(buffer, 0xee, sizeof(buffer));
}

static void tear_down(void)
{
	close(fd);
	free(path);
	scratch_remove(directory);
}

static const struct {
	size_t longest;
	unsigned interrupt;
} hardships[] = {{0, 0}, {1, 0}, {7, 0}, {4096, 0}, {LENGTH - 1, 0}, {1, 2}, {1000, 3}, {0, 2}};

static void set_hardship(int index)
{
	faults.longest = hardships[index].longest;
	faults.interrupt = hardships[index].interrupt;
}

/* hazards 20, 24 */
START_TEST(reads_exactly_the_requested_length)
{
	set_up();
	set_hardship(_i);
	assert_ok(read_exactly(fd, buffer, LENGTH, 0));
	ck_assert_mem_eq(buffer, content, LENGTH);
	assert_ok(read_exactly(fd, buffer, 5000, 5007));
	ck_assert_mem_eq(buffer, content + 5007, 5000);
	ck_assert_int_eq((unsigned char)buffer[LENGTH], 0xee);
	if (hardships[_i].longest)
		ck_assert_uint_ge(faults.calls, LENGTH / hardships[_i].longest);
	if (hardships[_i].interrupt)
		ck_assert_uint_ge(faults.interrupted, 1);
	tear_down();
	tried(20, 1);
	tried(24, 1);
}
END_TEST

START_TEST(reads_until_the_end)
{
	size_t got = 1;

	set_up();
	set_hardship(_i);
	assert_ok(read_until_end(fd, buffer, sizeof(buffer), 0, &got));
	ck_assert_uint_eq(got, LENGTH);
	ck_assert_mem_eq(buffer, content, LENGTH);
	ck_assert_int_eq((unsigned char)buffer[LENGTH], 0xee);
	assert_ok(read_until_end(fd, buffer, 10, LENGTH, &got));
	ck_assert_uint_eq(got, 0);
	assert_ok(read_until_end(fd, buffer, 10, LENGTH + 1000, &got));
	ck_assert_uint_eq(got, 0);
	tear_down();
}
END_TEST

static void assert_unchanged_after(size_t length)
{
	for (size_t i = length; i < sizeof(buffer); i++)
		ck_assert_int_eq((unsigned char)buffer[i], 0xee);
	memset(buffer, 0xee, sizeof(buffer));
}

/* The file continues after the range. After a short read, the next calls must not request more than
   the rest of the range. */
START_TEST(reads_nothing_after_the_requested_range)
{
	size_t got;

	set_up();
	set_hardship(_i);
	assert_ok(read_exactly(fd, buffer, 5000, 100));
	ck_assert_mem_eq(buffer, content + 100, 5000);
	assert_unchanged_after(5000);
	assert_ok(read_until_end(fd, buffer, 5000, 200, &got));
	ck_assert_uint_eq(got, 5000);
	ck_assert_mem_eq(buffer, content + 200, 5000);
	assert_unchanged_after(5000);
	assert_ok(read_sequentially(fd, buffer, 5000, &got));
	ck_assert_uint_eq(got, 5000);
	ck_assert_mem_eq(buffer, content, 5000);
	assert_unchanged_after(5000);
	tear_down();
	tried(24, 3);
}
END_TEST

/* A read from a pipe returns the bytes that are available, even if that is less than requested. */
START_TEST(from_a_pipe_until_the_end)
{
	size_t got = 1, all = 0;
	int pipes[2];

	set_up();
	ck_assert(!pipe(pipes));
	pid_t writer = fork();
	if (!writer) {
		for (size_t at = 0; at < LENGTH; at += 331)
			if (write(pipes[1], content + at, LENGTH - at < 331 ? LENGTH - at : 331) <
			    0)
				break;
		_exit(0);
	}
	close(pipes[1]);
	set_hardship(_i);
	do {
		assert_ok(read_sequentially(pipes[0], buffer + all, 4000, &got));
		all += got;
	} while (got == 4000);
	ck_assert_uint_eq(all, LENGTH);
	ck_assert_mem_eq(buffer, content, LENGTH);
	close(pipes[0]);
	waitpid(writer, NULL, 0);
	tear_down();
}
END_TEST

START_TEST(file_position_is_unchanged)
{
	size_t got;

	set_up();
	ck_assert_int_eq(lseek(fd, 77, SEEK_SET), 77);
	assert_ok(read_exactly(fd, buffer, LENGTH, 0));
	assert_ok(read_until_end(fd, buffer, sizeof(buffer), 9, &got));
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 77);
	assert_ok(read_sequentially(fd, buffer, 100, &got));
	ck_assert_uint_eq(got, 100);
	ck_assert_mem_eq(buffer, content + 77, 100);
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 177);
	tear_down();
}
END_TEST

/* hazard 16 */
START_TEST(file_that_ends_early_has_changed)
{
	static const off_t sizes[] = {0, 1, 4096, LENGTH - 1};

	set_up();
	ck_assert(!ftruncate(fd, sizes[_i]));
	assert_code(read_exactly(fd, buffer, LENGTH, 0), SSUM_ERR_CHANGED);
	assert_code(read_exactly(fd, buffer, 1, (uint64_t)sizes[_i]), SSUM_ERR_CHANGED);
	assert_ok(read_exactly(fd, buffer, (size_t)sizes[_i], 0));
	tear_down();
	tried(16, 1);
}
END_TEST

START_TEST(failure_is_returned)
{
	static const int errors[] = {EIO, ENOMEM, EAGAIN, ESTALE};
	size_t got;

	set_up();
	faults.longest = 1000;
	faults.error = errors[_i % 4];
	faults.fail_after = (unsigned)_i / 4 * 3; /* at once, or in the middle */
	assert_code(read_exactly(fd, buffer, LENGTH, 0), -errors[_i % 4]);
	faults.calls = 0;
	assert_code(read_until_end(fd, buffer, LENGTH, 0, &got), -errors[_i % 4]);
	faults.calls = 0;
	assert_code(read_sequentially(fd, buffer, LENGTH, &got), -errors[_i % 4]);
	tear_down();
}
END_TEST

/* If each call is interrupted, the error is returned: endless retries could not be stopped. */
START_TEST(permanent_interruption_is_an_error)
{
	size_t got;

	set_up();
	faults.interrupt = 1;
	alarm(30);
	assert_code(read_exactly(fd, buffer, LENGTH, 0), -EINTR);
	assert_code(read_until_end(fd, buffer, LENGTH, 0, &got), -EINTR);
	alarm(0);
	ck_assert_uint_ge(faults.interrupted, 1000);
	tear_down();
	tried(20, 2);
}
END_TEST

START_TEST(empty_range_needs_no_read)
{
	size_t got = 1;

	set_up();
	assert_ok(read_exactly(fd, NULL, 0, 0));
	assert_ok(read_until_end(fd, NULL, 0, 0, &got));
	ck_assert_uint_eq(got, 0);
	assert_ok(read_sequentially(fd, NULL, 0, &got));
	ck_assert_uint_eq(faults.calls, 0);
	tear_down();
}
END_TEST

START_TEST(bad_descriptor_is_an_error)
{
	size_t got;

	assert_code(read_exactly(-1, buffer, 1, 0), -EBADF);
	assert_code(read_until_end(-1, buffer, 1, 0, &got), -EBADF);
	assert_code(read_sequentially(-1, buffer, 1, &got), -EBADF);
}
END_TEST

/* hazard 13: a read that would pass 2^63-1 fails, although the file ends before. */
START_TEST(read_up_to_the_largest_offset)
{
	char *top = scratch_new(&file_systems[0]);
	size_t got;

	if (!top)
		skip("no %s", file_systems[0].name);
	char *name = path_in(top, "huge");
	int huge = open(name, O_RDWR | O_CREAT, 0600);
	ck_assert(huge >= 0 && !ftruncate(huge, INT64_MAX));
	ck_assert_int_eq(pwrite(huge, "Z", 1, INT64_MAX - 1), 1);

	assert_ok(read_until_end(huge, buffer, 100, INT64_MAX - 10, &got));
	ck_assert_uint_eq(got, 10);
	ck_assert_int_eq(buffer[9], 'Z');
	assert_ok(read_exactly(huge, buffer, 1, INT64_MAX - 1));
	ck_assert_int_eq(buffer[0], 'Z');
	assert_code(read_exactly(huge, buffer, 2, INT64_MAX - 1), SSUM_ERR_CHANGED);
	assert_ok(read_until_end(huge, buffer, 100, INT64_MAX, &got));
	ck_assert_uint_eq(got, 0);
	close(huge);
	free(name);
	scratch_remove(top);
	tried(13, 4);
}
END_TEST

/* A caller may start at any offset. After the end of the file, nothing is read. */
START_TEST(read_after_the_largest_offset)
{
	size_t got = 1;

	set_up();
	assert_ok(read_until_end(fd, buffer, 100, (uint64_t)INT64_MAX + 1, &got));
	ck_assert_uint_eq(got, 0);
	assert_ok(read_until_end(fd, buffer, 100, UINT64_MAX, &got));
	ck_assert_uint_eq(got, 0);
	tear_down();
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{reads_exactly_the_requested_length, ARRAY_SIZE(hardships)},
		{reads_until_the_end, ARRAY_SIZE(hardships)},
		{reads_nothing_after_the_requested_range, ARRAY_SIZE(hardships)},
		{from_a_pipe_until_the_end, ARRAY_SIZE(hardships)},
		{file_position_is_unchanged, 0},
		{file_that_ends_early_has_changed, 4},
		{failure_is_returned, 8},
		{permanent_interruption_is_an_error, 0},
		{empty_range_needs_no_read, 0},
		{bad_descriptor_is_an_error, 0},
		{read_up_to_the_largest_offset, 0},
		{read_after_the_largest_offset, 0},
	};

	return run_suite("reader", tests, ARRAY_SIZE(tests));
}
