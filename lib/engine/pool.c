/* SPDX-License-Identifier: MIT */
#include "engine/pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "engine/slots.h"
#include "engine/thread.h"

/* How many spans the pool holds. There are enough spans for the other threads while a long span at
   the head runs, and their memory is at most a few MiB. */
#define POOL_SPANS_MAX 4096

/* The pool asks for at most this many spans before it looks for finished ones again. */
#define POOL_FILL_MAX 64

/* Descriptors left for everything else: the walk, the manifests and the calling program. A thread
   needs client->files descriptors for each of its slots, and one more to open a file. */
#define SPARE_DESCRIPTORS 12

/* A span that waits for a thread. The heap compares copies of weight and number: reading them from
   thousands of spans would cost a cache miss each. */
struct waiting_span {
	uint64_t weight, number;
	struct span *span;
};

struct pool {
	/* The lock protects everything up to the next blank line. Only the calling thread changes
	   ring, first, end and thread_max, so it reads them without the lock. */
	pthread_mutex_t lock;
	pthread_cond_t work;               /* a span waits, or no more are added */
	pthread_cond_t ready;              /* the oldest span has finished */
	struct span *ring[POOL_SPANS_MAX]; /* the spans in the pool, by number */
	uint64_t first, end;               /* their numbers: first <= number < end */
	struct waiting_span
		heap[POOL_SPANS_MAX]; /* heap of the waiting spans, the longest on top */
	unsigned waiting;             /* spans in the heap */
	unsigned running;             /* spans that threads have claimed */
	unsigned idle;                /* threads that wait for a span */
	unsigned able;                /* threads that could allocate their memory */
	unsigned thread_max;          /* threads that run or will be started */
	bool closed;                  /* no more spans are added */

	struct span_shared shared; /* atomic */
	unsigned slot_limit;       /* constant once there are threads */

	/* For the calling thread alone. */
	const struct pool_client *client;
	struct ticker no_ticker; /* for a client without one */
	struct ticker *ticker;
	pthread_t *threads;
	unsigned thread_count;
	bool is_complete; /* the client has no more spans */
};

/* ---- The heap of waiting spans ---- */

/* Long spans start first, so that none of them runs alone at the end. Spans of equal length start
   in order. */
static bool heap_is_before(const struct waiting_span *a, const struct waiting_span *b)
{
	return a->weight != b->weight ? a->weight > b->weight : a->number < b->number;
}

static void heap_push(struct pool *pool, struct span *span)
{
	const struct waiting_span pushed = {span->weight, span->number, span};
	struct waiting_span *heap = pool->heap;
	unsigned i = pool->waiting++;

	for (; i && heap_is_before(&pushed, &heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = pushed;
}

static struct span *heap_pop(struct pool *pool)
{
	struct waiting_span *heap = pool->heap;
	struct span *top = heap[0].span;
	const struct waiting_span last = heap[--pool->waiting];
	unsigned i = 0, child;

	while ((child = 2 * i + 1) < pool->waiting) {
		if (child + 1 < pool->waiting && heap_is_before(&heap[child + 1], &heap[child]))
			child++;
		if (!heap_is_before(&heap[child], &last))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = last;
	return top;
}

/* ---- The threads of the pool ---- */

/* The next span for a thread that runs `busy` spans. If the thread runs none, waits for one. NULL:
   there are no spans, or another thread should run the next one. */
static struct span *pool_claim(struct pool *pool, unsigned busy)
{
	struct span *span = NULL;

	pthread_mutex_lock(&pool->lock);
	if (!busy) {
		pool->idle++;
		while (!pool->waiting && !pool->closed)
			pthread_cond_wait(&pool->work, &pool->lock);
		pool->idle--;
	}
	/* A thread claims no more than its share of all spans, so that every thread has work. Only
	   a thread that runs no other span claims one whose source may block. */
	unsigned share = (pool->waiting + pool->running + pool->thread_max - 1) / pool->thread_max;
	if (pool->waiting && busy < share && !(busy && pool->heap[0].span->alone)) {
		span = heap_pop(pool);
		pool->running++;
	}
	pthread_mutex_unlock(&pool->lock);
	return span;
}

static void pool_finish(struct pool *pool, struct span *span)
{
	pthread_mutex_lock(&pool->lock);
	span->finished = true;
	pool->running--;
	if (span->number == pool->first)
		pthread_cond_signal(&pool->ready);
	pthread_mutex_unlock(&pool->lock);
}

static void *pool_worker(void *argument)
{
	struct pool *pool = argument;
	struct span *span, *ended[SLOTS_MAX];
	struct slots slots;
	int rc = slots_init(&slots, &pool->shared, pool->slot_limit);

	if (rc) {
		/* A thread without memory leaves the spans to the others. The last one fails them.
		 */
		pthread_mutex_lock(&pool->lock);
		bool is_last = !--pool->able;
		pthread_mutex_unlock(&pool->lock);
		while (is_last && (span = pool_claim(pool, 0))) {
			span->result = rc;
			pool_finish(pool, span);
		}
		return NULL;
	}
	for (;;) {
		while (slots_have_room(&slots) && (span = pool_claim(pool, slots.busy))) {
			if (slots_add(&slots, span))
				continue;
			if (!slots.busy || (span->result != -EMFILE && span->result != -ENFILE)) {
				pool_finish(pool, span);
				continue;
			}
			/* No descriptor is left for another file. The span waits again, until
			   another one has ended. */
			slots.limit = slots.width = slots.busy;
			pthread_mutex_lock(&pool->lock);
			heap_push(pool, span);
			pool->running--;
			pthread_mutex_unlock(&pool->lock);
		}
		if (!slots.busy)
			break;
		bool idle = false; /* fewer spans than threads: a processor is free */
		if (slots.busy == 1) {
			pthread_mutex_lock(&pool->lock);
			idle = pool->waiting + pool->running < pool->thread_max;
			pthread_mutex_unlock(&pool->lock);
		}
		unsigned count = slots_step(&slots, idle, ended);
		for (unsigned i = 0; i < count; i++)
			pool_finish(pool, ended[i]);
	}
	slots_free(&slots);
	return NULL;
}

/* ---- The calling thread ---- */

/* Add a span with the next number, or with the number of the one that it replaces. If all threads
   are busy, start another one. If that fails, the run continues with the threads that it has, and
   starts no more. It is an error only if there is none. */
static int pool_add(struct pool *pool, struct span *span, uint64_t number)
{
	int rc = 0;

	pthread_mutex_lock(&pool->lock);
	if (number == pool->end)
		pool->end++;
	span->number = number;
	span->finished = false;
	pool->ring[number % POOL_SPANS_MAX] = span;
	heap_push(pool, span);
	pthread_cond_signal(&pool->work);
	if (pool->waiting > pool->idle && pool->thread_count < pool->thread_max) {
		rc = thread_start(&pool->threads[pool->thread_count], pool_worker, pool);
		if (rc) {
			pool->thread_max = pool->thread_count;
		} else {
			pool->thread_count++;
			pool->able++;
		}
	}
	pthread_mutex_unlock(&pool->lock);
	return pool->thread_count ? 0 : rc;
}

/* Ask the client for spans while there is room. *asked is false if there was no room. */
static int pool_fill(struct pool *pool, bool *asked)
{
	const struct pool_client *client = pool->client;
	unsigned window = client->window;
	int rc = 0;

	if (!window || window > POOL_SPANS_MAX)
		window = POOL_SPANS_MAX;
	*asked = false;
	for (int i = 0; i < POOL_FILL_MAX && !rc; i++) {
		struct span *span = NULL;

		if (pool->is_complete || pool->end - pool->first >= window)
			break;
		*asked = true;
		rc = client->next(client->user, &span);
		pool->is_complete = rc <= 0;
		if (rc > 0)
			rc = pool_add(pool, span, pool->end);
	}
	return rc;
}

/* Return the finished spans to the client, in order. With `wait`, wait for the first one until the
   next tick. */
static int pool_return(struct pool *pool, bool wait)
{
	const struct pool_client *client = pool->client;
	int rc = 0;

	while (!rc && pool->first < pool->end) {
		struct span *oldest = pool->ring[pool->first % POOL_SPANS_MAX];
		struct span *follow_up = NULL;
		int error = 0;

		pthread_mutex_lock(&pool->lock);
		while (wait && !oldest->finished && !error)
			error = pthread_cond_timedwait(&pool->ready, &pool->lock,
						       &pool->ticker->due);
		bool finished = oldest->finished;
		pthread_mutex_unlock(&pool->lock);
		if (!finished)
			break;
		/* If the context was cancelled while the span ran, its result means nothing. */
		if (context_cancelled(pool->shared.context))
			return SSUM_ERR_CANCELLED;
		wait = false;
		rc = client->done(client->user, oldest, &follow_up);
		if (follow_up && !rc) {
			rc = pool_add(pool, follow_up, pool->first);
			continue;
		}
		pthread_mutex_lock(&pool->lock);
		pool->first++;
		pthread_mutex_unlock(&pool->lock);
		if (follow_up)
			client->drop(client->user, follow_up);
	}
	return rc;
}

/* Limit the threads, and then the slots of each, by the number of files that the process may open.
 */
static void pool_set_limits(struct pool *pool, unsigned threads)
{
	unsigned files = pool->client->files;
	struct rlimit limit;
	rlim_t all = RLIM_INFINITY;

	if (!getrlimit(RLIMIT_NOFILE, &limit))
		all = limit.rlim_cur > SPARE_DESCRIPTORS ? limit.rlim_cur - SPARE_DESCRIPTORS : 0;
	if (all / threads < files + 1)
		threads = all > files ? (unsigned)all / (files + 1) : 1;
	pool->thread_max = threads;

	rlim_t slots = !files ? SLOTS_MAX : all / threads > files ? (all / threads - 1) / files : 1;
	pool->slot_limit = slots < SLOTS_MAX ? (unsigned)slots : SLOTS_MAX;
}

int pool_run(struct ssum_context *context, const struct pool_client *client)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	pthread_t *threads = calloc(context->options.threads, sizeof(*threads));
	pthread_condattr_t attributes;
	int rc = pool && threads ? -pthread_condattr_init(&attributes) : -ENOMEM;

	if (rc)
		goto out;
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	rc = -pthread_cond_init(&pool->ready, &attributes);
	pthread_condattr_destroy(&attributes);
	if (rc)
		goto out;
	pthread_cond_init(&pool->work, NULL);
	pthread_mutex_init(&pool->lock, NULL);
	pool->shared.context = context;
	pool->client = client;
	pool->ticker = client->ticker ? client->ticker : &pool->no_ticker;
	pool->threads = threads;
	pool_set_limits(pool, context->options.threads);

	while (!rc && (!pool->is_complete || pool->first < pool->end)) {
		bool asked;

		rc = pool_fill(pool, &asked);
		if (!rc)
			rc = pool_return(pool, !asked);
		if (!rc && context_cancelled(context))
			rc = SSUM_ERR_CANCELLED;
		if (rc)
			break;
		const struct run_progress progress = {
			.bytes_done = atomic_load_explicit(&pool->shared.bytes_done,
							   memory_order_relaxed),
			.oldest = pool->first < pool->end ? pool->ring[pool->first % POOL_SPANS_MAX]
							  : NULL,
			.is_complete = pool->is_complete,
		};
		rc = ticker_poll(pool->ticker, &progress);
	}

	/* Join the threads before any span is dropped: they may still use it. */
	atomic_store_explicit(&pool->shared.stop, true, memory_order_relaxed);
	pthread_mutex_lock(&pool->lock);
	pool->closed = true;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->thread_count; i++)
		pthread_join(threads[i], NULL);
	for (; pool->first < pool->end; pool->first++)
		client->drop(client->user, pool->ring[pool->first % POOL_SPANS_MAX]);
	pthread_cond_destroy(&pool->ready);
	pthread_cond_destroy(&pool->work);
	pthread_mutex_destroy(&pool->lock);
out:
	free(threads);
	free(pool);
	return rc;
}
