/* SPDX-License-Identifier: MIT */
/*
 * A source is content that can be read. The engine reads files through this interface. The thread
 * that reads a source opens it. A source may be closed and opened again.
 */
#ifndef IO_SOURCE_H
#define IO_SOURCE_H

#include "base/common.h"

struct source;

/* pause() is called every few milliseconds during a wait. A code ends the wait. */
struct waiter {
	int (*pause)(void *user);
	void *user;
};

struct source_ops {
	/* Open the content and find out its size. This may wait for a few seconds until any later
	   change can be detected, unless the waiter is NULL. On failure nothing is open. 0 or a
	   code. */
	int (*open)(struct source *source, const struct waiter *waiter);

	/* The extent at an offset below the size. Only for a source that has a size. */
	struct ssum_extent (*extent_at)(struct source *source, uint64_t offset);

	/* Read length bytes at offset, or up to the end of the content: *got is less than length
	   only at the end. A source without a size is read in order. 0 or a code. */
	int (*read_at)(struct source *source, void *buffer, size_t length, uint64_t offset,
		       size_t *got);

	/* SSUM_ERR_CHANGED if the content may have changed since it was opened; then `changes` is
	   set. Else 0. */
	int (*check)(struct source *source);

	/* Forget what this system caches of a content that is elsewhere: it is read again. May be
	   NULL. */
	void (*forget)(struct source *source);

	void (*close)(struct source *source);
};

struct source {
	const struct source_ops *ops;

	/* Valid while it is open. */
	bool has_size;     /* false: the content ends when a read returns fewer bytes */
	bool can_reopen;   /* it can be opened and read again */
	uint64_t start;    /* offset of the first byte */
	uint64_t size;     /* offset after the last byte */
	bool is_unsettled; /* check() may miss a change: read the content twice */
	unsigned changes;  /* what was seen to move: enum ssum_change; set by open(), check() and
			      the second reading */
};

/* Read exactly length bytes. 0 or a code; SSUM_ERR_CHANGED if the content is shorter. */
int source_read(struct source *source, void *buffer, size_t length, uint64_t offset);

/* Check bytes that were read from a hole. 0 if they are zeros. Else SSUM_ERR_HOLE_NOT_ZERO: the
   file system reported a false hole; or SSUM_ERR_CHANGED if the file was changed meanwhile. */
int source_judge_hole(struct source *source, const void *data, size_t length);

#endif
