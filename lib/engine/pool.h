/* SPDX-License-Identifier: MIT */
/* A pool of threads that runs spans side by side and gives them back in order. */
#ifndef ENGINE_POOL_H
#define ENGINE_POOL_H

#include "engine/span.h"

/* How far the pool has come. */
struct pool_progress {
	uint64_t bytes_done;
	struct span *oldest; /* of those that are not done, or NULL */
	bool all_given;      /* next() has come to its end */
};

/* All of it is called on the thread that called pool_run(). */
struct pool_client {
	/* The next span: 1 and a span, 0 at the end, or a code, which ends the run. */
	int (*next)(void *user, struct span **span);

	/* A span is through; in the order in which next() gave them. *instead, if it is set, is
	   another one that is run in its place, and comes back before any later one. A code ends
	   the run. */
	int (*done)(void *user, struct span *span, struct span **instead);

	/* The run has ended before this span could be handed to done(): only free it. */
	void (*drop)(void *user, struct span *span);

	/* About ten times a second. A code ends the run. May be NULL. */
	int (*tick)(void *ticker, const struct pool_progress *progress);

	void *user, *ticker;

	unsigned files;  /* descriptors that a span opens for itself while it runs */
	unsigned window; /* spans that may be given and not yet done, where what they hold is to be
			    bounded; 0: as many as the pool has room for */
};

/*
 * Run all spans of a client on the context's number of threads. Every span that next() gave comes
 * to done() or drop() exactly once. Memory is bounded, however many there are. Spans share neither
 * sinks nor sources. A span that fails says so in its result, and does not end the run.
 * 0, or the code of a callback, SSUM_ERR_CANCELLED, -ENOMEM, -EAGAIN.
 */
int pool_run(struct ssum_context *context, const struct pool_client *client);

#endif
