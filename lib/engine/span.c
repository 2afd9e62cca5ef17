/* SPDX-License-Identifier: MIT */
#include "engine/span.h"

int span_progress(struct span_shared *shared, uint64_t length)
{
	atomic_fetch_add_explicit(&shared->bytes_done, length, memory_order_relaxed);
	bool stop = context_cancelled(shared->context) ||
		    atomic_load_explicit(&shared->stop, memory_order_relaxed);

	return stop ? SSUM_ERR_CANCELLED : 0;
}
