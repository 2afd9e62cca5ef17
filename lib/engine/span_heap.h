/* SPDX-License-Identifier: MIT */
/* Spans that wait to be run: what is long is on top, of the same length what was given first. */
#ifndef ENGINE_SPAN_HEAP_H
#define ENGINE_SPAN_HEAP_H

#include "engine/span.h"

/* As many as the pool lets wait. */
#define SPAN_HEAP_MAX 4096

/* A span that waits for a thread. What it is compared by stands here, not only in the span: going
   through thousands of spans in their order would fetch each of them from memory. */
struct candidate {
	uint64_t weight, number;
	struct span *span;
};

/* All zero is an empty one. */
struct span_heap {
	struct candidate rows[SPAN_HEAP_MAX];
	unsigned count;
};

/* There has to be room for it. */
void span_heap_push(struct span_heap *heap, struct span *span);

/* There has to be one. */
struct span *span_heap_pop(struct span_heap *heap);

static inline struct span *span_heap_top(const struct span_heap *heap)
{
	return heap->rows[0].span;
}

#endif
