/* SPDX-License-Identifier: MIT */
/* A sink is what the content of a span goes into: digests, or a comparison. */
#ifndef ENGINE_SINK_H
#define ENGINE_SINK_H

#include "io/source.h"

struct sink;
struct span_shared;

/* From begin(), data() or zeros(), instead of 0: no more content is wanted. The span ends as if
   that had been all of it. */
#define SINK_ENOUGH 1

struct sink_ops {
	/* The source is open and content is to come. Called once more, without end(), when the
	   content changed and is read again: what came before is void. 0, SINK_ENOUGH or a code. */
	int (*begin)(struct sink *sink, const struct source *source);

	/* The content, in order. 0, SINK_ENOUGH or a code. */
	int (*data)(struct sink *sink, const unsigned char *data, size_t length);
	int (*zeros)(struct sink *sink, uint64_t length);

	/* The content up to an offset in the source has come, a multiple of the interval. Needed
	   only with an interval. 0, SINK_ENOUGH or a code. */
	int (*mark)(struct sink *sink, uint64_t offset);

	/* All of it has come. SSUM_ERR_CHANGED asks for another try. 0 or a code. */
	int (*end)(struct sink *sink);

	/* Give up what it holds: the span has failed, or is run again. May be NULL. */
	void (*clear)(struct sink *sink);
};

struct sink {
	const struct sink_ops *ops;
	struct span_shared *shared; /* set for it when its span begins */
	uint64_t interval;          /* bytes between two marks; 0: there are none */
};

#endif
