/* SPDX-License-Identifier: MIT */
/* The queue from the thread that gives spans to the threads that run them, and back in order. */
#ifndef ENGINE_SPAN_QUEUE_H
#define ENGINE_SPAN_QUEUE_H

#include <pthread.h>

#include "engine/span.h"

/* Spans that may be given and not yet done. Enough that a long span at the head does not stop the
   other threads; few enough that what they hold stays below a few MiB. */
#define QUEUE_MAX 4096

/* A span that waits for a thread. The heap compares copies of weight and number: looking into the
   spans themselves would fetch each of thousands from memory. */
struct waiting_span {
	uint64_t weight, number;
	struct span *span;
};

/*
 * The spans in work are a ring in the order of their numbers: done <= number < given, and given is
 * at most done + QUEUE_MAX. Those that wait for a thread are also in a heap, the longest on top.
 * The lock protects all changes. Only the giving thread changes given, done, threads and the ring,
 * so it reads them without the lock.
 */
struct span_queue {
	pthread_mutex_t lock;
	pthread_cond_t work;  /* a span was given, or no more follow */
	pthread_cond_t ready; /* the oldest span has finished */

	struct span *ring[QUEUE_MAX];
	uint64_t given, done;
	struct waiting_span heap[QUEUE_MAX];
	unsigned waiting; /* spans in the heap */

	unsigned running; /* spans that threads have taken and not finished */
	unsigned idle;    /* threads that wait for a span */
	unsigned threads; /* how many there are, or will be */
	bool no_more;
};

/* A queue that is all zero so far. 0 or -errno; on failure nothing is owned. */
int queue_init(struct span_queue *queue);
void queue_clear(struct span_queue *queue);

/* ---- For the threads that run spans ---- */

/* The next span for a thread that has `busy` of them; waits for one if it has none. NULL: there is
   none, or it is left to other threads. */
struct span *queue_claim(struct span_queue *queue, unsigned busy);

/* A span has finished; or it cannot run now, and waits again. */
void queue_finish(struct span_queue *queue, struct span *span);
void queue_give_back(struct span_queue *queue, struct span *span);

/* Whether there are fewer spans than threads, so that a processor is idle. */
bool queue_is_short(struct span_queue *queue);

/* ---- For the thread that gives them ---- */

/* Set the number of threads that share the spans. */
void queue_set_threads(struct span_queue *queue, unsigned threads);

/* Give a span, with the next number, or with the number of a finished span that it replaces. True
   if more spans wait than threads. */
bool queue_put(struct span_queue *queue, struct span *span, uint64_t number);

/* How many spans are given and not done; and the oldest of them, or NULL. */
uint64_t queue_length(const struct span_queue *queue);
struct span *queue_oldest(struct span_queue *queue);

/* The oldest span, which must exist, if it has finished; with `until`, wait for it until then.
   NULL: it has not finished. */
struct span *queue_finished(struct span_queue *queue, const struct timespec *until);

/* The oldest span is done: remove it. */
void queue_advance(struct span_queue *queue);

/* No more spans follow: threads that wait for one get NULL. */
void queue_close(struct span_queue *queue);

#endif
