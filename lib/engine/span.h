/* SPDX-License-Identifier: MIT */
/*
 * The span: the one kind of work that the engine knows. A part of a source, from one offset to
 * another, that goes into a sink. What a span comes to is a function of the source's logical bytes
 * alone.
 */
#ifndef ENGINE_SPAN_H
#define ENGINE_SPAN_H

#include <stdatomic.h>

#include "base/context.h"
#include "engine/sink.h"

#define SPAN_TO_END UINT64_MAX

struct span {
	struct source *source; /* NULL: there is nothing to run, the span only keeps its place */
	struct sink *sink;
	uint64_t start;  /* from the beginning of the source's content */
	uint64_t end;    /* or SPAN_TO_END */
	bool alone;      /* its source may keep a reader waiting: nothing else is to wait with it */
	uint64_t weight; /* its length as far as it is known: what is long is begun first */

	/* Once it has run. */
	int result;
	uint64_t length; /* bytes that went into the sink */

	/* The pool's. */
	uint64_t number; /* in the order in which they were given */
	bool finished;
};

/* What the threads that run spans have in common. */
struct span_shared {
	const struct ssum_context *context;
	atomic_uint_least64_t bytes_done;
	atomic_bool stop; /* as if the context were cancelled */
};

/* That many bytes have gone into sinks. SSUM_ERR_CANCELLED if no more are to, else 0. */
int span_progress(struct span_shared *shared, uint64_t length);

#endif
