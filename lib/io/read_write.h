/* SPDX-License-Identifier: MIT */
/* Reads and writes that retry on EINTR and continue after short transfers. */
#ifndef IO_READ_WRITE_H
#define IO_READ_WRITE_H

#include <errno.h>

#include "base/common.h"

/*
 * Repeat a system call while it fails with EINTR, up to this many times in a row. The limit is for
 * file systems that always fail with EINTR: without it, the caller never checks whether the
 * operation is cancelled. (A pipe needs no limit: TEMP_FAILURE_RETRY().)
 */
#define INTERRUPTIONS 10000

#define uninterrupted(call)                                                                        \
	({                                                                                         \
		int left_ = INTERRUPTIONS;                                                         \
		__typeof__(call) result_;                                                          \
		do                                                                                 \
			result_ = (call);                                                          \
		while (result_ < 0 && errno == EINTR && --left_ > 0);                              \
		result_;                                                                           \
	})

#ifndef TEMP_FAILURE_RETRY /* musl does not have it */
#define TEMP_FAILURE_RETRY(call)                                                                   \
	({                                                                                         \
		__typeof__(call) result_;                                                          \
		do                                                                                 \
			result_ = (call);                                                          \
		while (result_ < 0 && errno == EINTR);                                             \
		result_;                                                                           \
	})
#endif

/* Read exactly length bytes at offset. 0, -errno, or SSUM_ERR_CHANGED if the file is shorter. */
int read_exactly(int fd, void *buffer, size_t length, uint64_t offset);

/* Read length bytes at offset, or up to the end of the file. *got is less than length only at the
   end. 0 or -errno. */
int read_until_end(int fd, void *buffer, size_t length, uint64_t offset, size_t *got);

/* Read what is available now, at the position of the descriptor. *got is 0 only at the end. 0 or
   -errno. */
int read_available(int fd, void *buffer, size_t length, size_t *got);

/* As read_until_end(), but at the position of the descriptor. It may be a pipe. */
int read_sequentially(int fd, void *buffer, size_t length, size_t *got);

/* As an offset: write at the position of the descriptor, and advance it. */
#define AT_POSITION UINT64_MAX

/* Write all length bytes at offset. 0, or -errno; some may be written then. */
int write_exactly(int fd, const void *data, size_t length, uint64_t offset);

/*
 * Turn a range within the file into a hole. If the file system cannot do that, write zeros over its
 * data. Holes stay holes. 0, or -errno; a part of the range may be zeros then.
 */
int write_hole(int fd, uint64_t offset, uint64_t length);

#endif
