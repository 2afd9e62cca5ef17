/* SPDX-License-Identifier: MIT */
/* A pool of threads that runs spans side by side and gives them back in order. */
#ifndef ENGINE_POOL_H
#define ENGINE_POOL_H

#include "engine/span.h"

/* All callbacks run on the thread that called pool_run(). */
struct pool_client {
	/* The next span: 1 and a span, 0 at the end, or a code, which ends the run. */
	int (*next)(void *user, struct span **span);

	/* A span has finished; called in the order in which next() gave them. If *instead is set,
	   that span runs in its place, and comes back before any later one. A code ends the run. */
	int (*done)(void *user, struct span *span, struct span **instead);

	/* The run ended before this span came to done(): only free it. */
	void (*drop)(void *user, struct span *span);

	void *user;
	struct ticker *ticker; /* or NULL */

	unsigned files;  /* descriptors that a span opens for itself while it runs */
	unsigned window; /* most spans that may be given and not yet done, to bound what they hold;
			    0: as many as the pool has room for */
};

/*
 * Run all spans of a client on the context's number of threads. Every span that next() gave comes
 * to done() or drop() exactly once. Memory is bounded, however many spans there are. Spans share
 * neither sinks nor sources. A span that fails says so in its result, and does not end the run.
 * 0, or the code of a callback, SSUM_ERR_CANCELLED, -ENOMEM, -EAGAIN.
 */
int pool_run(struct ssum_context *context, const struct pool_client *client);

#endif
