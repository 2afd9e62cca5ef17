/* SPDX-License-Identifier: MIT */
/* Reads that give what was asked for: EINTR and short reads end here. */
#ifndef IO_READER_H
#define IO_READER_H

#include "base/common.h"

/* Read exactly length bytes at offset. 0, -errno, or SSUM_ERR_CHANGED if the file ends before. */
int read_exactly(int fd, void *buffer, size_t length, uint64_t offset);

/* Fill the buffer, or come to the end; *got is less than length only at the end. 0 or -errno. */
int read_until_end(int fd, void *buffer, size_t length, uint64_t offset, size_t *got);

/* Read on from where the descriptor stands, as much as there is now; 0 bytes only at the end. */
int read_piece(int fd, void *buffer, size_t length, size_t *got);

/* As read_until_end(), from where the descriptor stands, for what cannot seek. */
int read_sequentially(int fd, void *buffer, size_t length, size_t *got);

#endif
