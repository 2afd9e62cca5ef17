/* SPDX-License-Identifier: MIT */
/*
 * A file that its owner has open, and may be writing to, as a source: every byte of it is read from
 * the descriptor. Nobody looks for holes or for changes in it.
 */
#ifndef IO_OPEN_FILE_H
#define IO_OPEN_FILE_H

#include "io/source.h"

struct open_file {
	struct source source;
	int fd;
};

/* The first `size` bytes; the descriptor must outlive it. */
void open_file_init(struct open_file *file, int fd, uint64_t size);

#endif
