/* SPDX-License-Identifier: MIT */
#include "engine/span.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/lane.h"

/* No more memory than the span has bytes to be read: there are very short ones. An empty one has a
   byte too, with which a source without a size is asked for its end. */
int span_run(const struct ssum_context *context, struct span *span)
{
	struct span_shared shared = {.context = context};
	uint64_t length = span->end - span->start;
	size_t room = length ? (size_t)min_u64(PIECE_ALONE, length) : 1;
	unsigned char *buffer = malloc(room);
	struct buffers buffers = {&buffer, 1};
	struct lane lane = {.shared = &shared, .buffers = &buffers, .buffer_length = room};

	if (!buffer)
		return span->result = -ENOMEM;
	lane_begin(&lane, span);
	lane_run(&lane);
	free(buffer);
	return span->result;
}

int span_progress(struct span_shared *shared, uint64_t length)
{
	atomic_fetch_add_explicit(&shared->bytes_done, length, memory_order_relaxed);
	bool stop = context_cancelled(shared->context) ||
		    atomic_load_explicit(&shared->stop, memory_order_relaxed);

	return stop ? SSUM_ERR_CANCELLED : 0;
}
