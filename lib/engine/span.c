/* SPDX-License-Identifier: MIT */
#include "engine/span.h"

#define TICK_NANOSECONDS 100000000L
#define NANOSECONDS 1000000000L

int ticker_poll(struct ticker *ticker, const struct run_progress *progress)
{
	const struct timespec *due = &ticker->due;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec < due->tv_sec || (now.tv_sec == due->tv_sec && now.tv_nsec < due->tv_nsec))
		return 0;
	now.tv_nsec += TICK_NANOSECONDS;
	now.tv_sec += now.tv_nsec / NANOSECONDS;
	now.tv_nsec %= NANOSECONDS;
	ticker->due = now;
	return ticker->tick ? ticker->tick(ticker->user, progress) : 0;
}

int span_progress(struct span_shared *shared, uint64_t length)
{
	uint64_t before =
		atomic_fetch_add_explicit(&shared->bytes_done, length, memory_order_relaxed);
	int rc = 0;

	if (shared->ticker)
		rc = ticker_poll(shared->ticker,
				 &(struct run_progress){.bytes_done = before + length,
							.oldest = shared->only,
							.all_given = true});
	bool stop = context_cancelled(shared->context) ||
		    atomic_load_explicit(&shared->stop, memory_order_relaxed);
	return !rc && stop ? SSUM_ERR_CANCELLED : rc;
}
