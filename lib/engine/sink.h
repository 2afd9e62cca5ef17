/* SPDX-License-Identifier: MIT */
/* A sink receives the content of a span. Digests, comparisons and explanations are sinks. */
#ifndef ENGINE_SINK_H
#define ENGINE_SINK_H

#include "io/source.h"

struct sink;
struct span_shared;

/* begin(), put() or mark() returns this in place of 0 if the sink needs no more content. The span
   then ends as if its content ended here. */
#define SINK_ENOUGH 1

struct sink_ops {
	/* The source is open, and its content follows. Called again, without end() in between, if
	   the content changed and is read again: discard what came before. 0, SINK_ENOUGH or a
	   code. */
	int (*begin)(struct sink *sink, const struct source *source);

	/* The next bytes of the content; data is NULL for zeros. 0, SINK_ENOUGH or a code. */
	int (*put)(struct sink *sink, const unsigned char *data, uint64_t length);

	/* The content is complete. 0 or a code; SSUM_ERR_CHANGED: read it again. */
	int (*end)(struct sink *sink);

	/* The span has failed or is run again: free the memory of the sink. May be NULL. */
	void (*clear)(struct sink *sink);
};

struct sink {
	const struct sink_ops *ops;
	struct span_shared *shared; /* set when its span begins */

	/* Called when the sink has the content up to an offset that is a multiple of the interval,
	   counted from the beginning of the source's content. 0, SINK_ENOUGH or a code. Never
	   called if the interval is 0. */
	int (*mark)(struct sink *sink, uint64_t offset);
	uint64_t interval;
};

#endif
