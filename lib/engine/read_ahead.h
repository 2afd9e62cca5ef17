/* SPDX-License-Identifier: MIT */
/* Reading ahead: while one piece of a file is hashed, another thread reads the next. */
#ifndef ENGINE_READ_AHEAD_H
#define ENGINE_READ_AHEAD_H

#include "file/source.h"

struct read_ahead;

/* Start the thread. NULL if it cannot be had, which costs speed alone. */
struct read_ahead *read_ahead_new(void);
void read_ahead_free(struct read_ahead *ahead);

/*
 * Read the next piece of the `available` bytes of an extent at offset; *data and *length say where
 * it is, until the next call. What follows within the extent is read meanwhile. 0 or a code.
 */
int read_ahead(struct read_ahead *ahead, struct source *source, uint64_t offset, uint64_t available,
	       const unsigned char **data, size_t *length);

/* Wait for what is being read and forget it: the source may be closed then. */
void read_ahead_forget(struct read_ahead *ahead);

#endif
