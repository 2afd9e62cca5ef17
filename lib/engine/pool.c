/* SPDX-License-Identifier: MIT */
#include "engine/pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "engine/lanes.h"
#include "engine/span_heap.h"
#include "engine/thread.h"

/* Spans that may be given and not yet done: enough that a big file at the head does not stop the
   other threads from going on behind it, few enough that what they hold stays below a few MiB. */
#define WINDOW SPAN_HEAP_MAX

/* Spans that are asked for before finished ones are looked for again. */
#define GIVEN_AT_ONCE 64

#define TICK_NANOSECONDS 100000000L
#define NANOSECONDS 1000000000L

/* Descriptors for all but the files in work: the walk, the manifests, and the program around the
   library. A thread needs those of the spans in its lanes, and one more while it opens a file. */
#define SPARE_DESCRIPTORS 12

/*
 * The spans in work are a ring in the order of their numbers: done <= number < given, and given is
 * at most done + WINDOW. Those that wait for a thread are also in a heap, the longest on top.
 */
struct pool {
	pthread_mutex_t lock; /* over the next two groups */
	pthread_cond_t work;  /* a span was given, or there are no more */
	pthread_cond_t ready; /* the oldest span has finished */

	struct span *ring[WINDOW];
	uint64_t given, done;
	struct span_heap heap; /* of those that wait for a thread */

	unsigned running; /* spans that threads have taken and not finished */
	unsigned idle;    /* threads that wait for a span */
	unsigned able;    /* threads that have what they need to work */
	unsigned thread_limit;
	bool no_more;

	struct span_shared shared; /* atomic */

	/* Used by the calling thread alone. */
	const struct pool_client *client;
	pthread_t *threads;
	unsigned thread_count, lane_limit;
	bool all_given;
	struct timespec next_tick;
};

static struct span **place_of(struct pool *pool, uint64_t number)
{
	return &pool->ring[number % WINDOW];
}

/* ---- The threads of the pool ---- */

/* A thread takes its share of what there is and no more, so that all get work. */
static bool has_share(const struct pool *pool, unsigned busy)
{
	unsigned all = pool->heap.count + pool->running;

	return busy < (all + pool->thread_limit - 1) / pool->thread_limit;
}

/* The next span for a thread that has `busy` of them; it waits for one if it has none. NULL: there
   is none, or others are to have it. */
static struct span *claim(struct pool *pool, unsigned busy)
{
	struct span *span = NULL;

	pthread_mutex_lock(&pool->lock);
	if (!busy) {
		pool->idle++;
		while (!pool->heap.count && !pool->no_more)
			pthread_cond_wait(&pool->work, &pool->lock);
		pool->idle--;
	}
	if (pool->heap.count && has_share(pool, busy) &&
	    !(busy && span_heap_top(&pool->heap)->alone)) {
		span = span_heap_pop(&pool->heap);
		pool->running++;
	}
	pthread_mutex_unlock(&pool->lock);
	return span;
}

static void finish(struct pool *pool, struct span *span)
{
	pthread_mutex_lock(&pool->lock);
	span->finished = true;
	pool->running--;
	if (span->number == pool->done)
		pthread_cond_signal(&pool->ready);
	pthread_mutex_unlock(&pool->lock);
}

/* The process has no descriptor left for one more lane: the span waits until a lane has ended. */
static void give_back(struct pool *pool, struct lanes *lanes, struct span *span)
{
	lanes->limit = lanes->width = lanes->busy;
	pthread_mutex_lock(&pool->lock);
	span_heap_push(&pool->heap, span);
	pool->running--;
	pthread_mutex_unlock(&pool->lock);
}

/* Whether a processor has nothing to do. */
static bool is_spare(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	bool spare = pool->heap.count + pool->running < pool->thread_limit;
	pthread_mutex_unlock(&pool->lock);
	return spare;
}

static bool fill_lanes(struct pool *pool, struct lanes *lanes)
{
	struct span *span;

	while (lanes_have_room(lanes) && (span = claim(pool, lanes->busy))) {
		if (lanes_add(lanes, span))
			continue;
		if (lanes->busy && (span->result == -EMFILE || span->result == -ENFILE))
			give_back(pool, lanes, span);
		else
			finish(pool, span);
	}
	return lanes->busy > 0;
}

static void step_lanes(struct pool *pool, struct lanes *lanes)
{
	struct span *through[GROUP_MAX];
	unsigned count = lanes_step(lanes, lanes->busy == 1 && is_spare(pool), through);

	for (unsigned i = 0; i < count; i++)
		finish(pool, through[i]);
}

/* A thread without memory to work with leaves the work to the others, if there are any. */
static void give_up(struct pool *pool, int error)
{
	struct span *span;

	pthread_mutex_lock(&pool->lock);
	bool is_last = !--pool->able;
	pthread_mutex_unlock(&pool->lock);
	if (!is_last)
		return;
	while ((span = claim(pool, 0))) {
		span->result = error;
		finish(pool, span);
	}
}

static void *work(void *argument)
{
	struct pool *pool = argument;
	struct lanes lanes;
	int rc = lanes_init(&lanes, &pool->shared, pool->lane_limit);

	if (rc) {
		give_up(pool, rc);
		return NULL;
	}
	while (fill_lanes(pool, &lanes))
		step_lanes(pool, &lanes);
	lanes_free(&lanes);
	return NULL;
}

/* ---- The calling thread ---- */

/* It is an error only if there is not a single one. */
static int start_thread(struct pool *pool)
{
	int rc;

	if (pool->thread_count == pool->thread_limit)
		return 0;
	pthread_mutex_lock(&pool->lock);
	rc = thread_start(&pool->threads[pool->thread_count], work, pool);
	if (!rc) {
		pool->able++;
		pool->thread_count++;
	} else {
		pool->thread_limit = pool->thread_count; /* it would not be different next time */
	}
	pthread_mutex_unlock(&pool->lock);
	return pool->thread_count ? 0 : rc;
}

static uint64_t in_work(const struct pool *pool)
{
	return pool->given - pool->done;
}

/* Put a span into its place, for the threads; another thread is started when all are busy. */
static int enqueue(struct pool *pool, struct span *span, uint64_t number)
{
	pthread_mutex_lock(&pool->lock);
	if (number == pool->given)
		pool->given++;
	span->number = number;
	span->finished = false;
	*place_of(pool, number) = span;
	span_heap_push(&pool->heap, span);
	bool all_are_busy = pool->heap.count > pool->idle;
	pthread_cond_signal(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	return all_are_busy ? start_thread(pool) : 0;
}

/* Give one span to the threads. */
static int give(struct pool *pool)
{
	struct span *span = NULL;
	int rc = pool->client->next(pool->client->user, &span);

	if (rc <= 0) {
		pool->all_given = true;
		return rc;
	}
	return enqueue(pool, span, pool->given);
}

static bool has_room(const struct pool *pool)
{
	unsigned window = pool->client->window;

	return in_work(pool) < (window && window < WINDOW ? window : WINDOW);
}

static int fill(struct pool *pool, bool *gave)
{
	int rc = 0;

	*gave = false;
	for (int i = 0; i < GIVEN_AT_ONCE && !rc; i++) {
		if (pool->all_given || !has_room(pool))
			break;
		rc = give(pool);
		*gave = true;
	}
	return rc;
}

/* The oldest span if it has finished, waiting for it until the next tick if asked to. */
static struct span *oldest_finished(struct pool *pool, bool wait)
{
	struct span *span = NULL;
	int error = 0;

	pthread_mutex_lock(&pool->lock);
	struct span *oldest = *place_of(pool, pool->done);
	while (wait && !oldest->finished && !error)
		error = pthread_cond_timedwait(&pool->ready, &pool->lock, &pool->next_tick);
	if (oldest->finished)
		span = oldest;
	pthread_mutex_unlock(&pool->lock);
	return span;
}

/* Tell that a span is done, or have another one run in its place. */
static int hand_over(struct pool *pool, struct span *span)
{
	struct span *instead = NULL;
	uint64_t number = span->number;
	int rc = pool->client->done(pool->client->user, span, &instead);

	if (instead && !rc)
		return enqueue(pool, instead, number);
	pthread_mutex_lock(&pool->lock);
	pool->done++;
	pthread_mutex_unlock(&pool->lock);
	if (instead)
		pool->client->drop(pool->client->user, instead);
	return rc;
}

/* What runs when the context is cancelled comes back without a result that could be told. */
static int hand_back(struct pool *pool, bool wait)
{
	struct span *span;
	int rc = 0;

	while (!rc && in_work(pool) && (span = oldest_finished(pool, wait))) {
		if (context_cancelled(pool->shared.context))
			return SSUM_ERR_CANCELLED;
		rc = hand_over(pool, span);
		wait = false;
	}
	return rc;
}

static int tick(struct pool *pool)
{
	const struct timespec *due = &pool->next_tick;
	struct timespec now;

	if (context_cancelled(pool->shared.context))
		return SSUM_ERR_CANCELLED;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec < due->tv_sec || (now.tv_sec == due->tv_sec && now.tv_nsec < due->tv_nsec))
		return 0;

	now.tv_nsec += TICK_NANOSECONDS;
	now.tv_sec += now.tv_nsec / NANOSECONDS;
	now.tv_nsec %= NANOSECONDS;
	pool->next_tick = now;

	struct pool_progress progress = {
		.bytes_done = atomic_load_explicit(&pool->shared.bytes_done, memory_order_relaxed),
		.oldest = in_work(pool) ? *place_of(pool, pool->done) : NULL,
		.all_given = pool->all_given,
	};
	return pool->client->tick ? pool->client->tick(pool->client->ticker, &progress) : 0;
}

static int run_all(struct pool *pool)
{
	int rc = 0;

	while (!rc && (!pool->all_given || in_work(pool))) {
		bool gave;

		rc = fill(pool, &gave);
		if (!rc)
			rc = hand_back(pool, !gave);
		if (!rc)
			rc = tick(pool);
	}
	return rc;
}

/* Workers first, then what they worked on: nothing is dropped that a thread still holds. */
static void stop(struct pool *pool)
{
	atomic_store_explicit(&pool->shared.stop, true, memory_order_relaxed);
	pthread_mutex_lock(&pool->lock);
	pool->no_more = true;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->thread_count; i++)
		pthread_join(pool->threads[i], NULL);

	for (; in_work(pool); pool->done++)
		pool->client->drop(pool->client->user, *place_of(pool, pool->done));
}

/* As many threads, and then as many lanes in each, as the process may open files. */
static void set_limits(struct pool *pool, unsigned threads)
{
	unsigned files = pool->client->files;
	struct rlimit limit;
	rlim_t all = RLIM_INFINITY;

	if (!getrlimit(RLIMIT_NOFILE, &limit))
		all = limit.rlim_cur > SPARE_DESCRIPTORS ? limit.rlim_cur - SPARE_DESCRIPTORS : 0;
	if (all / threads < files + 1)
		threads = all > files ? (unsigned)all / (files + 1) : 1;
	pool->thread_limit = threads;

	rlim_t lanes = !files ? GROUP_MAX : all / threads > files ? (all / threads - 1) / files : 1;
	pool->lane_limit = lanes < GROUP_MAX ? (unsigned)lanes : GROUP_MAX;
}

static int init_conditions(struct pool *pool)
{
	pthread_condattr_t attributes;
	int error = pthread_condattr_init(&attributes);

	if (error)
		return -error;
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	error = pthread_cond_init(&pool->ready, &attributes);
	pthread_condattr_destroy(&attributes);
	if (error)
		return -error;
	pthread_cond_init(&pool->work, NULL);
	pthread_mutex_init(&pool->lock, NULL);
	return 0;
}

static void pool_free(struct pool *pool)
{
	pthread_cond_destroy(&pool->ready);
	pthread_cond_destroy(&pool->work);
	pthread_mutex_destroy(&pool->lock);
	free(pool->threads);
	free(pool);
}

int pool_run(struct ssum_context *context, const struct pool_client *client)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	pthread_t *threads = calloc(context->options.threads, sizeof(*threads));
	int rc = pool && threads ? init_conditions(pool) : -ENOMEM;

	if (rc) {
		free(threads);
		free(pool);
		return rc;
	}
	pool->shared.context = context;
	pool->client = client;
	set_limits(pool, context->options.threads);
	pool->threads = threads;

	rc = run_all(pool);
	stop(pool);
	pool_free(pool);
	return rc;
}
