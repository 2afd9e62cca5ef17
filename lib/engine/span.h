/* SPDX-License-Identifier: MIT */
/*
 * The span: the one kind of work that the engine knows. A part of a source, from one offset to
 * another, that goes into a sink. Its result depends on the source's logical bytes alone.
 */
#ifndef ENGINE_SPAN_H
#define ENGINE_SPAN_H

#include <stdatomic.h>
#include <time.h>

#include "base/context.h"
#include "engine/sink.h"

#define SPAN_TO_END UINT64_MAX

struct span {
	struct source *source; /* NULL: there is nothing to run, the span only keeps its place */
	struct sink *sink;
	uint64_t start;  /* from the beginning of the source's content */
	uint64_t end;    /* or SPAN_TO_END */
	bool alone;      /* reading its source may block: run no other span with it */
	uint64_t weight; /* its length as far as it is known: long spans start first */

	/* Once it has run. */
	int result;
	uint64_t length; /* bytes that went into the sink */

	/* The pool's. */
	uint64_t number; /* in the order in which the client gave them */
	bool finished;
};

/* How much of a run of spans is done. */
struct run_progress {
	uint64_t bytes_done;
	struct span *oldest; /* the first one that is not done, or NULL */
	bool all_given;      /* no more spans follow */
};

/* A callback for progress, about ten times a second, on the thread that started the run. */
struct ticker {
	int (*tick)(void *user, const struct run_progress *progress); /* a code ends the run */
	void *user;
	struct timespec due; /* the next call; all zero at first */
};

/* Call the callback if it is due. 0 or its code. */
int ticker_poll(struct ticker *ticker, const struct run_progress *progress);

/* What the threads that run spans have in common. */
struct span_shared {
	const struct ssum_context *context;
	atomic_uint_least64_t bytes_done;
	atomic_bool stop; /* as if the context were cancelled */

	/* Where the thread that started the run also runs its only span; else NULL. */
	struct ticker *ticker;
	struct span *only;
};

/* Count bytes that have gone into sinks. Sinks that work for long call it with 0 from time to time.
   0, SSUM_ERR_CANCELLED, or a code of the ticker: then stop. */
int span_progress(struct span_shared *shared, uint64_t length);

#endif
