/* SPDX-License-Identifier: MIT */
#include "engine/pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "engine/slots.h"
#include "engine/span_queue.h"
#include "engine/thread.h"

/* Spans that are asked for before the pool looks for finished ones again. */
#define GIVEN_AT_ONCE 64

/* Descriptors for everything but the files in work: the walk, the manifests, and the program that
   uses the library. A thread needs those of the spans in its slots, and one more to open a file. */
#define SPARE_DESCRIPTORS 12

struct pool {
	struct span_queue queue;
	struct span_shared shared; /* atomic */

	pthread_mutex_t lock; /* over the next */
	unsigned able;        /* threads that have the memory to work */

	unsigned slot_limit; /* set before there are threads */

	/* Used by the calling thread alone. */
	const struct pool_client *client;
	struct ticker no_ticker; /* for a client without one */
	struct ticker *ticker;
	pthread_t *threads;
	unsigned thread_count;
	bool all_given;
};

/* ---- The threads of the pool ---- */

static void *pool_worker(void *argument)
{
	struct pool *pool = argument;
	struct span *span, *ended[SLOTS_MAX];
	struct slots slots;
	int rc = slots_init(&slots, &pool->shared, pool->slot_limit);

	if (rc) {
		/* Without memory to work with, leave the work to the other threads, if any. */
		pthread_mutex_lock(&pool->lock);
		bool is_last = !--pool->able;
		pthread_mutex_unlock(&pool->lock);
		while (is_last && (span = queue_claim(&pool->queue, 0))) {
			span->result = rc;
			queue_finish(&pool->queue, span);
		}
		return NULL;
	}
	for (;;) {
		while (slots_have_room(&slots) && (span = queue_claim(&pool->queue, slots.busy))) {
			if (slots_add(&slots, span))
				continue;
			if (slots.busy && (span->result == -EMFILE || span->result == -ENFILE)) {
				/* There is no descriptor for one more file: the span waits until
				   another one has ended. */
				slots.limit = slots.width = slots.busy;
				queue_give_back(&pool->queue, span);
			} else {
				queue_finish(&pool->queue, span);
			}
		}
		if (!slots.busy)
			break;
		bool is_idle = slots.busy == 1 && queue_is_short(&pool->queue);
		unsigned count = slots_step(&slots, is_idle, ended);
		for (unsigned i = 0; i < count; i++)
			queue_finish(&pool->queue, ended[i]);
	}
	slots_free(&slots);
	return NULL;
}

/* ---- The calling thread ---- */

/* Give a span to the threads. If all of them are busy, start another one; if that fails, it is an
   error only where there is none at all, and is not tried again. */
static int pool_put(struct pool *pool, struct span *span, uint64_t number)
{
	int rc;

	if (!queue_put(&pool->queue, span, number) || pool->thread_count == pool->queue.threads)
		return 0;
	pthread_mutex_lock(&pool->lock);
	rc = thread_start(&pool->threads[pool->thread_count], pool_worker, pool);
	if (!rc)
		pool->able++;
	pthread_mutex_unlock(&pool->lock);
	if (rc)
		queue_set_threads(&pool->queue, pool->thread_count);
	else
		pool->thread_count++;
	return pool->thread_count ? 0 : rc;
}

/* Ask the client for spans, as many as there is room for. */
static int pool_fill(struct pool *pool, bool *gave)
{
	unsigned window = pool->client->window;
	int rc = 0;

	if (!window || window > QUEUE_MAX)
		window = QUEUE_MAX;
	*gave = false;
	for (int i = 0; i < GIVEN_AT_ONCE && !rc; i++) {
		struct span *span = NULL;

		if (pool->all_given || queue_length(&pool->queue) >= window)
			break;
		*gave = true;
		rc = pool->client->next(pool->client->user, &span);
		if (rc > 0) {
			rc = pool_put(pool, span, pool->queue.given);
		} else {
			pool->all_given = true;
		}
	}
	return rc;
}

/* Give finished spans back to the client; with `wait`, wait for the first until the next tick. */
static int pool_give_back(struct pool *pool, bool wait)
{
	const struct pool_client *client = pool->client;
	struct span *span;
	int rc = 0;

	while (!rc && queue_length(&pool->queue) &&
	       (span = queue_finished(&pool->queue, wait ? &pool->ticker->due : NULL))) {
		struct span *instead = NULL;
		uint64_t number = span->number;

		/* The result of a span that ran when the context was cancelled means nothing. */
		if (context_cancelled(pool->shared.context))
			return SSUM_ERR_CANCELLED;
		wait = false;
		rc = client->done(client->user, span, &instead);
		if (instead && !rc) {
			rc = pool_put(pool, instead, number);
			continue;
		}
		queue_advance(&pool->queue);
		if (instead)
			client->drop(client->user, instead);
	}
	return rc;
}

static int pool_run_all(struct pool *pool)
{
	int rc = 0;

	while (!rc && (!pool->all_given || queue_length(&pool->queue))) {
		bool gave;

		rc = pool_fill(pool, &gave);
		if (!rc)
			rc = pool_give_back(pool, !gave);
		if (!rc && context_cancelled(pool->shared.context))
			rc = SSUM_ERR_CANCELLED;
		if (rc)
			break;
		const struct run_progress progress = {
			.bytes_done = atomic_load_explicit(&pool->shared.bytes_done,
							   memory_order_relaxed),
			.oldest = queue_oldest(&pool->queue),
			.all_given = pool->all_given,
		};
		rc = ticker_poll(pool->ticker, &progress);
	}
	return rc;
}

/* As many threads, and then as many slots in each, as the process may open files. */
static void pool_set_limits(struct pool *pool, unsigned threads)
{
	unsigned files = pool->client->files;
	struct rlimit limit;
	rlim_t all = RLIM_INFINITY;

	if (!getrlimit(RLIMIT_NOFILE, &limit))
		all = limit.rlim_cur > SPARE_DESCRIPTORS ? limit.rlim_cur - SPARE_DESCRIPTORS : 0;
	if (all / threads < files + 1)
		threads = all > files ? (unsigned)all / (files + 1) : 1;
	queue_set_threads(&pool->queue, threads);

	rlim_t slots = !files ? SLOTS_MAX : all / threads > files ? (all / threads - 1) / files : 1;
	pool->slot_limit = slots < SLOTS_MAX ? (unsigned)slots : SLOTS_MAX;
}

int pool_run(struct ssum_context *context, const struct pool_client *client)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	pthread_t *threads = calloc(context->options.threads, sizeof(*threads));
	struct span *span;
	int rc = pool && threads ? queue_init(&pool->queue) : -ENOMEM;

	if (rc)
		goto out;
	pthread_mutex_init(&pool->lock, NULL);
	pool->shared.context = context;
	pool->client = client;
	pool->ticker = client->ticker ? client->ticker : &pool->no_ticker;
	pool->threads = threads;
	pool_set_limits(pool, context->options.threads);

	rc = pool_run_all(pool);

	/* Join the threads first: nothing is dropped that a thread still uses. */
	atomic_store_explicit(&pool->shared.stop, true, memory_order_relaxed);
	queue_close(&pool->queue);
	for (unsigned i = 0; i < pool->thread_count; i++)
		pthread_join(threads[i], NULL);
	for (; (span = queue_oldest(&pool->queue)); queue_advance(&pool->queue))
		client->drop(client->user, span);
	queue_clear(&pool->queue);
	pthread_mutex_destroy(&pool->lock);
out:
	free(threads);
	free(pool);
	return rc;
}
