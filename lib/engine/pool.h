/* SPDX-License-Identifier: MIT */
/* A pool of threads that run spans in parallel and return them in order. */
#ifndef ENGINE_POOL_H
#define ENGINE_POOL_H

#include "engine/span.h"

/* All callbacks run on the thread that called pool_run(). */
struct pool_client {
	/* The next span: 1 and a span, 0 at the end, or a code, which ends the run. */
	int (*next)(void *user, struct span **span);

	/* A span has finished. Called in the order in which next() returned the spans. If
	   *follow_up is set, that span takes the place of this one: done() is called for it before
	   any later span. A code ends the run. */
	int (*done)(void *user, struct span *span, struct span **follow_up);

	/* The run ended before done() was called for this span: only free it. */
	void (*drop)(void *user, struct span *span);

	void *user;
	struct ticker *ticker; /* or NULL */

	unsigned files;  /* descriptors that a span opens for itself while it runs */
	unsigned window; /* maximum number of spans in the pool, to limit the memory that they hold;
			    0: as many as the pool has room for */
};

/*
 * Run all spans of a client on the context's number of threads. For every span that next()
 * returned, done() or drop() is called exactly once. The number of spans in the pool, and so its
 * memory, is bounded. No two spans share a sink or a source. A span that fails has a code as its
 * result and does not end the run. 0, or the code of a callback, SSUM_ERR_CANCELLED, -ENOMEM,
 * -EAGAIN.
 */
int pool_run(struct ssum_context *context, const struct pool_client *client);

#endif
