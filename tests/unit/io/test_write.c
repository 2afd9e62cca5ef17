/* SPDX-License-Identifier: MIT */
/* Writes for which the file system accepts fewer bytes than requested. */
#include <errno.h>
#include <unistd.h>

#include "io/read_write.h"
#include "support/suite.h"

static size_t accepted; /* bytes that each write accepts; 0: none, without an error */
static size_t written;

/* These replace the functions of the C library. */
ssize_t pwrite(int fd, const void *buffer, size_t length, off_t offset)
{
	size_t step = length < accepted ? length : accepted;

	(void)fd, (void)buffer, (void)offset;
	written += step;
	return (ssize_t)step;
}

START_TEST(short_writes_are_continued)
{
	accepted = 3;
	written = 0;
	assert_ok(write_exactly(-1, "0123456789", 10, 7));
	ck_assert_uint_eq(written, 10);
}
END_TEST

START_TEST(write_that_returns_0_is_an_error)
{
	accepted = 0;
	assert_code(write_exactly(-1, "0123456789", 10, 7), -EIO);
	assert_ok(write_exactly(-1, "", 0, 7));
	tried(50, 2);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{short_writes_are_continued, 0},
		{write_that_returns_0_is_an_error, 0},
	};

	return run_suite("write", tests, ARRAY_SIZE(tests));
}
