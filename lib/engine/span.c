/* SPDX-License-Identifier: MIT */
#include "engine/span.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/lane.h"

/* No more memory than the span has bytes to be read: there are very short ones. */
int span_run(const struct ssum_context *context, struct span *span)
{
	struct span_shared shared = {.context = context};
	size_t room = (size_t)min_u64(PIECE_ALONE, span->end - span->start);
	unsigned char *buffer = room ? malloc(room) : NULL;
	struct buffers buffers = {&buffer, 1};
	struct lane lane = {.shared = &shared, .buffers = &buffers, .buffer_length = room};

	if (room && !buffer)
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
