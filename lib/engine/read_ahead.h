/* SPDX-License-Identifier: MIT */
/* Reading ahead: while a piece of a file or a hole is hashed, another thread reads what is next. */
#ifndef ENGINE_READ_AHEAD_H
#define ENGINE_READ_AHEAD_H

#include "io/source.h"

struct read_ahead;

/* Start the thread. NULL if it cannot be had, which costs speed alone. */
struct read_ahead *read_ahead_new(void);
void read_ahead_free(struct read_ahead *ahead);

/* Begin to read a piece of the `available` bytes at offset, which will be wanted next. */
void read_ahead_ask(struct read_ahead *ahead, struct source *source, uint64_t offset,
		    uint64_t available);

/*
 * Take a piece of the `available` bytes at offset: what was asked for, or else it is read now.
 * *data and *length say where it is, until the next piece is taken. 0 or a code.
 */
int read_ahead_take(struct read_ahead *ahead, struct source *source, uint64_t offset,
		    uint64_t available, const unsigned char **data, size_t *length);

/* Wait for what is being read and forget it: the source may be closed then. */
void read_ahead_forget(struct read_ahead *ahead);

#endif
