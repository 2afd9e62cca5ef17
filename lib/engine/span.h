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
	uint64_t start; /* from the beginning of the source's content */
	uint64_t end;   /* or SPAN_TO_END */

	/* Once it has run. */
	int result;
	uint64_t length; /* bytes that went into the sink */
};

/* What the threads that run spans have in common. */
struct span_shared {
	const struct ssum_context *context;
	atomic_uint_least64_t bytes_done;
	atomic_bool stop; /* as if the context were cancelled */
};

/* What one of them works with. */
struct workplace {
	struct span_shared *shared;
	unsigned char *buffer;
	size_t buffer_length; /* a multiple of every block length */
};

/*
 * Run a span: open its source, hand on its content, look whether it changed meanwhile, and begin
 * again if so, as often as the context allows. The source is closed afterwards. Sets and returns
 * span->result: 0 or a code.
 */
int span_run(struct span *span, struct workplace *workplace);

#endif
