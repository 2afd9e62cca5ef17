/* SPDX-License-Identifier: MIT */
#include "engine/pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "engine/lanes.h"
#include "engine/span_queue.h"
#include "engine/thread.h"

/* Spans that are asked for before finished ones are looked for again. */
#define GIVEN_AT_ONCE 64

#define TICK_NANOSECONDS 100000000L
#define NANOSECONDS 1000000000L

/* Descriptors for all but the files in work: the walk, the manifests, and the program around the
   library. A thread needs those of the spans in its lanes, and one more while it opens a file. */
#define SPARE_DESCRIPTORS 12

struct pool {
	struct span_queue queue;
	struct span_shared shared; /* atomic */

	pthread_mutex_t lock; /* over the next */
	unsigned able;        /* threads that have what they need to work */

	unsigned lane_limit; /* set before there are threads */

	/* Used by the calling thread alone. */
	const struct pool_client *client;
	pthread_t *threads;
	unsigned thread_count;
	bool all_given;
	struct timespec next_tick;
};

/* ---- The threads of the pool ---- */

/* The process has no descriptor left for one more lane: the span waits until a lane has ended. */
static void give_back(struct pool *pool, struct lanes *lanes, struct span *span)
{
	lanes->limit = lanes->width = lanes->busy;
	queue_give_back(&pool->queue, span);
}

static bool fill_lanes(struct pool *pool, struct lanes *lanes)
{
	struct span *span;

	while (lanes_have_room(lanes) && (span = queue_claim(&pool->queue, lanes->busy))) {
		if (lanes_add(lanes, span))
			continue;
		if (lanes->busy && (span->result == -EMFILE || span->result == -ENFILE))
			give_back(pool, lanes, span);
		else
			queue_finish(&pool->queue, span);
	}
	return lanes->busy > 0;
}

static void step_lanes(struct pool *pool, struct lanes *lanes)
{
	struct span *through[GROUP_MAX];
	unsigned count =
		lanes_step(lanes, lanes->busy == 1 && queue_is_short(&pool->queue), through);

	for (unsigned i = 0; i < count; i++)
		queue_finish(&pool->queue, through[i]);
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
	while ((span = queue_claim(&pool->queue, 0))) {
		span->result = error;
		queue_finish(&pool->queue, span);
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

/* It is an error only if there is not a single one. If one cannot be had, it would not be different
   next time. */
static int start_thread(struct pool *pool)
{
	int rc;

	if (pool->thread_count == pool->queue.threads)
		return 0;
	pthread_mutex_lock(&pool->lock);
	rc = thread_start(&pool->threads[pool->thread_count], work, pool);
	if (!rc)
		pool->able++;
	pthread_mutex_unlock(&pool->lock);
	if (rc)
		queue_share_among(&pool->queue, pool->thread_count);
	else
		pool->thread_count++;
	return pool->thread_count ? 0 : rc;
}

/* Give a span to the threads; another one is started when all are busy. */
static int enqueue(struct pool *pool, struct span *span, uint64_t number)
{
	return queue_put(&pool->queue, span, number) ? start_thread(pool) : 0;
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
	return enqueue(pool, span, pool->queue.given);
}

static bool has_room(const struct pool *pool)
{
	unsigned window = pool->client->window;

	return queue_length(&pool->queue) < (window && window < QUEUE_MAX ? window : QUEUE_MAX);
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

/* Tell that a span is done, or have another one run in its place. */
static int hand_over(struct pool *pool, struct span *span)
{
	struct span *instead = NULL;
	uint64_t number = span->number;
	int rc = pool->client->done(pool->client->user, span, &instead);

	if (instead && !rc)
		return enqueue(pool, instead, number);
	queue_advance(&pool->queue);
	if (instead)
		pool->client->drop(pool->client->user, instead);
	return rc;
}

/* What runs when the context is cancelled comes back without a result that could be told. */
static int hand_back(struct pool *pool, bool wait)
{
	struct span *span;
	int rc = 0;

	while (!rc && queue_length(&pool->queue) &&
	       (span = queue_finished(&pool->queue, wait ? &pool->next_tick : NULL))) {
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
		.oldest = queue_oldest(&pool->queue),
		.all_given = pool->all_given,
	};
	return pool->client->tick ? pool->client->tick(pool->client->ticker, &progress) : 0;
}

static int run_all(struct pool *pool)
{
	int rc = 0;

	while (!rc && (!pool->all_given || queue_length(&pool->queue))) {
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
	struct span *span;

	atomic_store_explicit(&pool->shared.stop, true, memory_order_relaxed);
	queue_close(&pool->queue);
	for (unsigned i = 0; i < pool->thread_count; i++)
		pthread_join(pool->threads[i], NULL);

	for (; (span = queue_oldest(&pool->queue)); queue_advance(&pool->queue))
		pool->client->drop(pool->client->user, span);
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
	queue_share_among(&pool->queue, threads);

	rlim_t lanes = !files ? GROUP_MAX : all / threads > files ? (all / threads - 1) / files : 1;
	pool->lane_limit = lanes < GROUP_MAX ? (unsigned)lanes : GROUP_MAX;
}

static void pool_free(struct pool *pool)
{
	queue_clear(&pool->queue);
	pthread_mutex_destroy(&pool->lock);
	free(pool->threads);
	free(pool);
}

int pool_run(struct ssum_context *context, const struct pool_client *client)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	pthread_t *threads = calloc(context->options.threads, sizeof(*threads));
	int rc = pool && threads ? queue_init(&pool->queue) : -ENOMEM;

	if (rc) {
		free(threads);
		free(pool);
		return rc;
	}
	pthread_mutex_init(&pool->lock, NULL);
	pool->shared.context = context;
	pool->client = client;
	set_limits(pool, context->options.threads);
	pool->threads = threads;

	rc = run_all(pool);
	stop(pool);
	pool_free(pool);
	return rc;
}
