/* SPDX-License-Identifier: MIT */
/* Writes of all or nothing that counts, at an offset: EINTR and short writes end here. */
#ifndef IO_WRITER_H
#define IO_WRITER_H

#include "base/common.h"

/* Write length bytes at offset. 0 or -errno, and then some of them may have been written. */
int write_exactly(int fd, const void *data, size_t length, uint64_t offset);

/*
 * Have zeros at offset, all of it within the file, and no blocks for them where the file system can
 * do without. What is a hole already stays one. 0 or -errno, and then some may be zeros now.
 */
int write_hole(int fd, uint64_t offset, uint64_t length);

#endif
