/* SPDX-License-Identifier: MIT */
#include "engine/span_heap.h"

/* What is long is begun first, so that it is not alone at the end; of the same length what was
   given first. */
static bool comes_before(const struct candidate *a, const struct candidate *b)
{
	return a->weight != b->weight ? a->weight > b->weight : a->number < b->number;
}

void span_heap_push(struct span_heap *heap, struct span *span)
{
	const struct candidate pushed = {span->weight, span->number, span};
	unsigned i = heap->count++;

	for (; i && comes_before(&pushed, &heap->rows[(i - 1) / 2]); i = (i - 1) / 2)
		heap->rows[i] = heap->rows[(i - 1) / 2];
	heap->rows[i] = pushed;
}

struct span *span_heap_pop(struct span_heap *heap)
{
	struct span *top = heap->rows[0].span;
	const struct candidate last = heap->rows[--heap->count];
	unsigned i = 0, child;

	while ((child = 2 * i + 1) < heap->count) {
		if (child + 1 < heap->count &&
		    comes_before(&heap->rows[child + 1], &heap->rows[child]))
			child++;
		if (!comes_before(&heap->rows[child], &last))
			break;
		heap->rows[i] = heap->rows[child];
		i = child;
	}
	heap->rows[i] = last;
	return top;
}
