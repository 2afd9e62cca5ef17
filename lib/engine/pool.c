/* SPDX-License-Identifier: MIT */
#include "engine/pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

/* Spans that may be given and not yet done: enough that a big file at the head does not stop the
   other threads from going on behind it, few enough that what they hold stays below a few MiB. */
#define WINDOW 4096

/* Spans that are asked for before finished ones are looked for again. */
#define GIVEN_AT_ONCE 64

#define BUFFER_LENGTH (128 * KIB)
#define BUFFER_ALIGNMENT 4096
#define STACK_LENGTH (512 * KIB)
#define TICK_NANOSECONDS 100000000L
#define NANOSECONDS 1000000000L

/* Descriptors for all but the files in work: the walk, the manifests, and the program around the
   library. A thread needs those of its span, and one more while it opens a file. */
#define SPARE_DESCRIPTORS 12

struct slot {
	struct span *span;
	bool finished;
};

/*
 * The spans in work are a ring, and three counters that only grow say how far each step has come:
 * done <= claimed <= given <= done + WINDOW.
 */
struct pool {
	pthread_mutex_t lock; /* over the next two groups */
	pthread_cond_t work;  /* a span was given, or there are no more */
	pthread_cond_t ready; /* the oldest span has finished */

	struct slot slots[WINDOW];
	uint64_t given, claimed, done;
	unsigned idle; /* threads that wait for work */
	bool no_more;

	struct span_shared shared; /* atomic */

	/* Used by the calling thread alone. */
	const struct pool_client *client;
	pthread_t *threads;
	unsigned thread_count, thread_limit;
	bool all_given;
	struct timespec next_tick;
};

static struct slot *slot_of(struct pool *pool, uint64_t number)
{
	return &pool->slots[number % WINDOW];
}

/* ---- The threads of the pool ---- */

/* Wait for a span; NULL when there are no more. */
static struct slot *claim(struct pool *pool)
{
	struct slot *slot = NULL;

	pthread_mutex_lock(&pool->lock);
	pool->idle++;
	while (pool->claimed == pool->given && !pool->no_more)
		pthread_cond_wait(&pool->work, &pool->lock);
	pool->idle--;
	if (pool->claimed < pool->given)
		slot = slot_of(pool, pool->claimed++);
	pthread_mutex_unlock(&pool->lock);
	return slot;
}

static void finish(struct pool *pool, struct slot *slot)
{
	pthread_mutex_lock(&pool->lock);
	slot->finished = true;
	if (slot == slot_of(pool, pool->done))
		pthread_cond_signal(&pool->ready);
	pthread_mutex_unlock(&pool->lock);
}

static void *work(void *argument)
{
	struct pool *pool = argument;
	struct workplace workplace = {
		.shared = &pool->shared,
		.buffer = aligned_alloc(BUFFER_ALIGNMENT, BUFFER_LENGTH),
		.buffer_length = BUFFER_LENGTH,
	};
	struct slot *slot;

	while ((slot = claim(pool))) {
		if (workplace.buffer)
			span_run(slot->span, &workplace);
		else
			slot->span->result = -ENOMEM;
		finish(pool, slot);
	}
	free(workplace.buffer);
	return NULL;
}

/* Signals are the program's business: they are blocked in the threads of the pool. */
static int start_thread(struct pool *pool)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	int error = pthread_attr_init(&attributes);

	if (error)
		return -error;
	pthread_attr_setstacksize(&attributes, STACK_LENGTH);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&pool->threads[pool->thread_count], &attributes, work, pool);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	if (!error)
		pool->thread_count++;
	return -error;
}

/* ---- The calling thread ---- */

static uint64_t in_work(const struct pool *pool)
{
	return pool->given - pool->done;
}

/* Give one span to the threads; another thread is started when all are busy. */
static int give(struct pool *pool)
{
	struct span *span = NULL;
	int rc = pool->client->next(pool->client->user, &span);

	if (rc <= 0) {
		pool->all_given = true;
		return rc;
	}
	pthread_mutex_lock(&pool->lock);
	*slot_of(pool, pool->given++) = (struct slot){.span = span};
	bool busy = pool->given - pool->claimed > pool->idle;
	pthread_cond_signal(&pool->work);
	pthread_mutex_unlock(&pool->lock);

	if (busy && pool->thread_count < pool->thread_limit) {
		rc = start_thread(pool);
		return pool->thread_count ? 0 : rc;
	}
	return 0;
}

static int fill(struct pool *pool, bool *gave)
{
	int rc = 0;

	*gave = false;
	for (int i = 0; i < GIVEN_AT_ONCE && !rc; i++) {
		if (pool->all_given || in_work(pool) == WINDOW)
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
	struct slot *slot = slot_of(pool, pool->done);
	while (wait && !slot->finished && !error)
		error = pthread_cond_timedwait(&pool->ready, &pool->lock, &pool->next_tick);
	if (in_work(pool) && slot->finished) {
		span = slot->span;
		*slot = (struct slot){0};
		pool->done++;
	}
	pthread_mutex_unlock(&pool->lock);
	return span;
}

/* What runs when the context is cancelled comes back without a result that could be told. */
static int hand_back(struct pool *pool, bool wait)
{
	struct span *span;
	int rc = 0;

	while (!rc && in_work(pool) && (span = oldest_finished(pool, wait))) {
		if (context_cancelled(pool->shared.context)) {
			pool->client->drop(pool->client->user, span);
			return SSUM_ERR_CANCELLED;
		}
		rc = pool->client->done(pool->client->user, span);
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
		.spans_done = pool->done,
		.oldest = in_work(pool) ? slot_of(pool, pool->done)->span : NULL,
		.all_given = pool->all_given,
	};
	return pool->client->tick(pool->client->user, &progress);
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
		pool->client->drop(pool->client->user, slot_of(pool, pool->done)->span);
}

static unsigned limit_threads(unsigned threads, unsigned files)
{
	struct rlimit limit;
	rlim_t spare;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur < SPARE_DESCRIPTORS)
		return 1;
	spare = (limit.rlim_cur - SPARE_DESCRIPTORS) / (files + 1);
	return spare >= threads ? threads : spare ? (unsigned)spare : 1;
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
	unsigned limit = limit_threads(context->options.threads, client->files);
	struct pool *pool = calloc(1, sizeof(*pool));
	pthread_t *threads = calloc(limit, sizeof(*threads));
	int rc = pool && threads ? init_conditions(pool) : -ENOMEM;

	if (rc) {
		free(threads);
		free(pool);
		return rc;
	}
	pool->shared.context = context;
	pool->client = client;
	pool->threads = threads;
	pool->thread_limit = limit;

	rc = run_all(pool);
	stop(pool);
	pool_free(pool);
	return rc;
}
