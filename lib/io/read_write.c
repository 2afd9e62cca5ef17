/* SPDX-License-Identifier: MIT */
#include "io/read_write.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/bytes.h"

/* How many bytes write_hole() compares at a time if it cannot make holes. */
#define HOLE_STEP (16 * KIB)

int read_until_end(int fd, void *buffer, size_t length, uint64_t offset, size_t *got)
{
	*got = 0;

	/* pread() fails if offset + length exceeds the largest offset, even if the file is
	   shorter. */
	length = offset < INT64_MAX ? (size_t)min_u64(length, (uint64_t)INT64_MAX - offset) : 0;
	while (*got < length) {
		ssize_t n = uninterrupted(
			pread(fd, (char *)buffer + *got, length - *got, (off_t)(offset + *got)));

		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		*got += (size_t)n;
	}
	return 0;
}

int read_exactly(int fd, void *buffer, size_t length, uint64_t offset)
{
	size_t got;
	int rc = read_until_end(fd, buffer, length, offset, &got);

	return rc ? rc : got < length ? SSUM_ERR_CHANGED : 0;
}

int read_available(int fd, void *buffer, size_t length, size_t *got)
{
	ssize_t n = TEMP_FAILURE_RETRY(read(fd, buffer, length));

	*got = n > 0 ? (size_t)n : 0;
	return n < 0 ? -errno : 0;
}

int read_sequentially(int fd, void *buffer, size_t length, size_t *got)
{
	size_t step = 1;

	for (*got = 0; step && *got < length; *got += step) {
		int rc = read_available(fd, (char *)buffer + *got, length - *got, &step);

		if (rc)
			return rc;
	}
	return 0;
}

int write_exactly(int fd, const void *data, size_t length, uint64_t offset)
{
	const char *at = data;

	while (length) {
		ssize_t n = uninterrupted(offset == AT_POSITION
						  ? write(fd, at, length)
						  : pwrite(fd, at, length, (off_t)offset));

		/* Some FUSE servers write nothing and report no error. */
		if (n <= 0)
			return n ? -errno : -EIO;
		at += n;
		length -= (size_t)n;
		if (offset != AT_POSITION)
			offset += (size_t)n;
	}
	return 0;
}

int write_hole(int fd, uint64_t offset, uint64_t length)
{
	static const char zeros[HOLE_STEP];
	int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
	char buffer[HOLE_STEP];
	int rc = 0;

	if (!uninterrupted(fallocate(fd, mode, (off_t)offset, (off_t)length)))
		return 0;
	if (errno != EOPNOTSUPP && errno != ENOSYS)
		return -errno;

	/* The file system cannot make holes: write zeros. Skip zeros that are there already, so
	   that existing holes stay holes. */
	while (length && !rc) {
		size_t step = (size_t)min_u64(length, sizeof(buffer));

		rc = read_exactly(fd, buffer, step, offset);
		if (!rc && !bytes_are_zero(buffer, step))
			rc = write_exactly(fd, zeros, step, offset);
		offset += step;
		length -= step;
	}
	return rc;
}
