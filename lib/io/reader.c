/* SPDX-License-Identifier: MIT */
#include "io/reader.h"

#include <errno.h>
#include <unistd.h>

#include "io/interruptions.h"

/* Offsets end at 2^63-1, and a read that would pass that fails although the file ends before. */
static size_t clamp_to_offsets(size_t length, uint64_t offset)
{
	return offset < INT64_MAX ? (size_t)min_u64(length, (uint64_t)INT64_MAX - offset) : 0;
}

int read_until_end(int fd, void *buffer, size_t length, uint64_t offset, size_t *got)
{
	*got = 0;
	length = clamp_to_offsets(length, offset);
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

int read_piece(int fd, void *buffer, size_t length, size_t *got)
{
	ssize_t n = TEMP_FAILURE_RETRY(read(fd, buffer, length));

	*got = n > 0 ? (size_t)n : 0;
	return n < 0 ? -errno : 0;
}

int read_sequentially(int fd, void *buffer, size_t length, size_t *got)
{
	size_t piece = 1;

	for (*got = 0; piece && *got < length; *got += piece) {
		int rc = read_piece(fd, (char *)buffer + *got, length - *got, &piece);

		if (rc)
			return rc;
	}
	return 0;
}
