/* SPDX-License-Identifier: MIT */
/* Spans on their way from one thread, which gives them, to those that run them, and back in order.
 */
#ifndef ENGINE_SPAN_QUEUE_H
#define ENGINE_SPAN_QUEUE_H

#include <pthread.h>
#include <time.h>

#include "engine/span_heap.h"

/* Spans that may be given and not yet done: enough that a big file at the head does not stop the
   other threads from going on behind it, few enough that what they hold stays below a few MiB. */
#define QUEUE_MAX SPAN_HEAP_MAX

/*
 * The spans in work are a ring in the order of their numbers: done <= number < given, and given is
 * at most done + QUEUE_MAX. Those that wait for a thread are also in a heap, the longest on top.
 * All of it changes under the lock; given, done, threads and the ring by the giving thread alone,
 * which may look at them without.
 */
struct span_queue {
	pthread_mutex_t lock;
	pthread_cond_t work;  /* a span was given, or there are no more */
	pthread_cond_t ready; /* the oldest span has finished */

	struct span *ring[QUEUE_MAX];
	uint64_t given, done;
	struct span_heap heap; /* of those that wait for a thread */

	unsigned running; /* spans that threads have taken and not finished */
	unsigned idle;    /* threads that wait for a span */
	unsigned threads; /* how many there are, or are to be */
	bool no_more;
};

/* A queue that is all zero so far. 0 or -errno; on failure nothing is owned. */
int queue_init(struct span_queue *queue);
void queue_clear(struct span_queue *queue);

/* ---- By those who run spans ---- */

/* The next span for a thread that has `busy` of them; it waits for one if it has none. NULL: there
   is none, or others are to have it. */
struct span *queue_claim(struct span_queue *queue, unsigned busy);

/* A span is through; or it waits again, as it was claimed and cannot be run now. */
void queue_finish(struct span_queue *queue, struct span *span);
void queue_give_back(struct span_queue *queue, struct span *span);

/* Whether there are fewer spans than threads, so that a processor has nothing to do. */
bool queue_is_short(struct span_queue *queue);

/* ---- By the one who gives them ---- */

/* How many threads take their share. */
void queue_share_among(struct span_queue *queue, unsigned threads);

/* Give a span, with the next number or in the place of the one that had it. True if more of them
   wait than threads do. */
bool queue_put(struct span_queue *queue, struct span *span, uint64_t number);

/* Spans that were given and are not done; and the oldest of them, or NULL. */
uint64_t queue_length(const struct span_queue *queue);
struct span *queue_oldest(struct span_queue *queue);

/* The oldest span, which there has to be, if it has finished; otherwise wait for it until a time,
   if there is one. NULL: it has not. */
struct span *queue_finished(struct span_queue *queue, const struct timespec *until);

/* The oldest span is done. */
void queue_advance(struct span_queue *queue);

/* There are no more: who waits for one gets none. */
void queue_close(struct span_queue *queue);

#endif
