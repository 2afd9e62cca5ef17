/* SPDX-License-Identifier: MIT */
/*
 * A source is content that can be read: the interface between where bytes come from and the engine.
 * What implements it is opened by the thread that works on it, and may be opened again.
 */
#ifndef IO_SOURCE_H
#define IO_SOURCE_H

#include "base/common.h"

struct source;

struct source_ops {
	/* Open, and find out the size. On failure nothing is open. 0 or a code. */
	int (*open)(struct source *source);

	/* The extent at an offset below the size; only for a source with a size. */
	struct ssum_extent (*extent_at)(struct source *source, uint64_t offset);

	/* Fill the buffer from offset; *got is less than length only at the end of the content. A
	   source without a size is read in order. 0 or a code. */
	int (*read_at)(struct source *source, void *buffer, size_t length, uint64_t offset,
		       size_t *got);

	/* SSUM_ERR_CHANGED if the content may be another than when it was opened; else 0. */
	int (*check)(struct source *source);

	void (*close)(struct source *source);
};

struct source {
	const struct source_ops *ops;

	/* Known while it is open. */
	bool has_size;   /* else the content goes on until a read comes to its end */
	bool can_reopen; /* to read it once more */
	uint64_t start;  /* where the content begins */
	uint64_t size;   /* where it ends */
};

/* Read exactly length bytes. 0, or a code; SSUM_ERR_CHANGED if the content ends before. */
int source_read(struct source *source, void *buffer, size_t length, uint64_t offset);

/* A hole that was read as well has to hold zeros: 0, or SSUM_ERR_HOLE_NOT_ZERO. If it does not
   because somebody has just written to it, that is SSUM_ERR_CHANGED and not the file system's
   fault. */
int source_judge_hole(struct source *source, const void *data, size_t length);

#endif
