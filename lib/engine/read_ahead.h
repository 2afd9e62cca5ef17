/* SPDX-License-Identifier: MIT */
/* Reading ahead: while a piece of a file or a hole is hashed, another thread reads the next piece.
 */
#ifndef ENGINE_READ_AHEAD_H
#define ENGINE_READ_AHEAD_H

#include "io/source.h"

struct read_ahead;

/* Start the thread. NULL if that fails, which costs only speed. */
struct read_ahead *read_ahead_new(void);
void read_ahead_free(struct read_ahead *ahead);

/* Begin to read a piece of the `available` bytes at offset, which is needed next. */
void read_ahead_ask(struct read_ahead *ahead, struct source *source, uint64_t offset,
		    uint64_t available);

/*
 * Take a piece of the `available` bytes at offset: the one that was asked for, or read it now.
 * *data and *length are valid until the next piece is taken. 0 or a code.
 */
int read_ahead_take(struct read_ahead *ahead, struct source *source, uint64_t offset,
		    uint64_t available, const unsigned char **data, size_t *length);

/* Wait for the piece that is being read, and discard it. Then the source may be closed. */
void read_ahead_forget(struct read_ahead *ahead);

#endif
