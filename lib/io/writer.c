/* SPDX-License-Identifier: MIT */
#include "io/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/bytes.h"
#include "io/reader.h"
#include "io/interruptions.h"

#define PIECE (16 * KIB)

int write_exactly(int fd, const void *data, size_t length, uint64_t offset)
{
	const char *at = data;

	while (length) {
		ssize_t n = uninterrupted(pwrite(fd, at, length, (off_t)offset));

		if (n < 0)
			return -errno;
		at += n;
		offset += (size_t)n;
		length -= (size_t)n;
	}
	return 0;
}

static int punch(int fd, uint64_t offset, uint64_t length)
{
	int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;

	return uninterrupted(fallocate(fd, mode, (off_t)offset, (off_t)length)) ? -errno : 0;
}

/* Only what is not zero is written, so that a hole is not filled. */
static int write_zeros(int fd, uint64_t offset, uint64_t length)
{
	static const char zeros[PIECE];
	char buffer[PIECE];
	int rc = 0;

	while (length && !rc) {
		size_t piece = (size_t)min_u64(length, sizeof(buffer));

		rc = read_exactly(fd, buffer, piece, offset);
		if (!rc && !bytes_are_zero(buffer, piece))
			rc = write_exactly(fd, zeros, piece, offset);
		offset += piece;
		length -= piece;
	}
	return rc;
}

int write_hole(int fd, uint64_t offset, uint64_t length)
{
	int rc = punch(fd, offset, length);

	return rc == -EOPNOTSUPP || rc == -ENOSYS ? write_zeros(fd, offset, length) : rc;
}
