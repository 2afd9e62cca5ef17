/* SPDX-License-Identifier: MIT */
/* Reading ahead: another thread reads the next part of a file while this one hashes a part or a
   hole. */
#ifndef ENGINE_READ_AHEAD_H
#define ENGINE_READ_AHEAD_H

#include "io/source.h"

struct read_ahead;

/* Start the thread. NULL if that fails; then the caller reads for itself. */
struct read_ahead *read_ahead_new(void);
void read_ahead_free(struct read_ahead *ahead);

/* Start to read the first part of the `available` bytes at offset. */
void read_ahead_request(struct read_ahead *ahead, struct source *source, uint64_t offset,
			uint64_t available);

/*
 * Take the first part of the `available` bytes at offset: the one that was requested, or read it
 * now. *data and *length are valid until the next call. 0 or a code.
 */
int read_ahead_take(struct read_ahead *ahead, struct source *source, uint64_t offset,
		    uint64_t available, const unsigned char **data, size_t *length);

/* Wait for the request that is being read, and discard it. Then the source may be closed. */
void read_ahead_cancel(struct read_ahead *ahead);

#endif
