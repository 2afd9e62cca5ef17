/* SPDX-License-Identifier: MIT */
/* A sink receives the content of a span: digests, a comparison, an explanation. */
#ifndef ENGINE_SINK_H
#define ENGINE_SINK_H

#include "io/source.h"

struct sink;
struct span_shared;

/* Returned by begin(), data(), zeros() or mark() instead of 0: the sink needs no more content. The
   span ends as if its content ended here. */
#define SINK_ENOUGH 1

struct sink_ops {
	/* The source is open, and its content follows. Called again, without end() in between, when
	   the content changed and is read again: discard what came before. 0, SINK_ENOUGH or a
	   code. */
	int (*begin)(struct sink *sink, const struct source *source);

	/* The content, in order. 0, SINK_ENOUGH or a code. */
	int (*data)(struct sink *sink, const unsigned char *data, size_t length);
	int (*zeros)(struct sink *sink, uint64_t length);

	/* The sink has the content up to this offset in the source, a multiple of the interval.
	   Needed only with an interval. 0, SINK_ENOUGH or a code. */
	int (*mark)(struct sink *sink, uint64_t offset);

	/* The content is complete. SSUM_ERR_CHANGED asks for another try. 0 or a code. */
	int (*end)(struct sink *sink);

	/* Free what the sink holds: the span has failed, or is run again. May be NULL. */
	void (*clear)(struct sink *sink);
};

struct sink {
	const struct sink_ops *ops;
	struct span_shared *shared; /* set when its span begins */
	uint64_t interval;          /* bytes between two marks; 0: no marks */
};

#endif
