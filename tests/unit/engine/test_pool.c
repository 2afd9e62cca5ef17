/* SPDX-License-Identifier: MIT */
/* The pool: order of results, each span returned once, failures, and the end of a run. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "engine/digest_sink.h"
#include "engine/pool.h"
#include "support/files.h"
#include "support/memory_source.h"
#include "support/oracle.h"
#include "support/suite.h"

static void pause_milliseconds(long milliseconds)
{
	const struct timespec time = {.tv_nsec = milliseconds * 1000000};

	nanosleep(&time, NULL);
}

/* ---- Jobs: a span with its source, its sink, and its result ---- */

struct job {
	struct span span;
	struct memory_source memory;
	struct digest_sink sink;
	struct ssum_digest digest;
	struct client *client;
	unsigned returned;
};

struct client {
	struct pool_client pool;
	struct ticker ticker;
	struct job *jobs;
	size_t count, given, done;
	size_t in_pool_max; /* the maximum of given - done */
	unsigned ticks;
	struct run_progress last;

	/* The index of the call that fails, from 0. SIZE_MAX: none fails. */
	size_t next_fails, done_fails, tick_fails;

	atomic_size_t given_shown; /* copy of `given` for other threads */
};

#define LONGEST 3000
static unsigned char content[LONGEST];

/* ---- The client ---- */

static int client_next(void *user, struct span **span)
{
	struct client *client = user;

	if (client->given == client->next_fails)
		return -ENFILE;
	if (client->given == client->count)
		return 0;
	*span = &client->jobs[client->given++].span;
	client->given_shown = client->given;
	if (client->given - client->done > client->in_pool_max)
		client->in_pool_max = client->given - client->done;
	return 1;
}

static int client_done(void *user, struct span *span, struct span **instead)
{
	struct client *client = user;
	struct job *job = container_of(span, struct job, span);

	(void)instead;
	ck_assert_ptr_eq(job, &client->jobs[client->done]);
	ck_assert(!job->memory.is_open);
	job->returned++;
	return client->done++ == client->done_fails ? -ENOSPC : 0;
}

static void client_drop(void *user, struct span *span)
{
	struct job *job = container_of(span, struct job, span);

	(void)user;
	ck_assert(!job->memory.is_open); /* no thread uses it any more */
	job->returned++;
}

static int client_tick(void *user, const struct run_progress *progress)
{
	struct client *client = user;

	ck_assert_uint_ge(progress->bytes_done, client->last.bytes_done);
	ck_assert_ptr_eq(progress->oldest,
			 client->done < client->given ? &client->jobs[client->done].span : NULL);
	client->last = *progress;
	return client->ticks++ == client->tick_fails ? -EPIPE : 0;
}

static struct algorithms sha1;

static struct client *client_new(size_t count)
{
	struct client *client = calloc(1, sizeof(*client));
	uint64_t random = 5;
	const char *culprit;

	fill_random(content, LONGEST, &random);
	assert_ok(algorithms_find(NULL, &sha1, &culprit));
	client->ticker = (struct ticker){.tick = client_tick, .user = client};
	client->pool = (struct pool_client){
		.next = client_next,
		.done = client_done,
		.drop = client_drop,
		.user = client,
		.ticker = &client->ticker,
		.files = 1,
	};
	client->next_fails = client->done_fails = client->tick_fails = SIZE_MAX;
	client->count = count;
	client->jobs = calloc(count ? count : 1, sizeof(*client->jobs));
	for (size_t i = 0; i < count; i++) {
		struct job *job = &client->jobs[i];

		job->client = client;
		job->memory = memory_source_of(content, next_random(&random) % LONGEST);
		digest_sink_init(&job->sink, &sha1, &job->digest);
		job->span = (struct span){
			.source = &job->memory.source, .sink = &job->sink.sink, .end = SPAN_TO_END};
	}
	return client;
}

/* Set a function that each source calls when it is read. */
static void on_each_read(struct client *client, void (*on_read)(struct memory_source *memory))
{
	for (size_t i = 0; i < client->count; i++)
		client->jobs[i].memory.on_read = on_read;
}

static void client_free(struct client *client)
{
	for (size_t i = 0; i < client->count; i++)
		algorithms_release(&sha1);
	free(client->jobs);
	free(client);
}

static int run_on(struct client *client, struct ssum_context *context)
{
	return pool_run(context, &client->pool);
}

static int run(struct client *client, unsigned threads)
{
	struct ssum_options options = {.size = sizeof(options), .threads = threads};
	struct ssum_context *context;

	assert_ok(ssum_context_new(&options, &context));
	int rc = run_on(client, context);
	ssum_context_free(context);
	return rc;
}

static void assert_each_once(const struct client *client)
{
	for (size_t i = 0; i < client->count; i++)
		if (client->jobs[i].returned != (i < client->given))
			ck_abort_msg("span %zu of %zu was returned %u times", i, client->given,
				     client->jobs[i].returned);
}

static void assert_digest(const struct job *job)
{
	ck_assert_int_eq(job->span.result, 0);
	assert_digest_eq(job->digest, oracle_of_bytes("sha1", content, job->memory.source.size));
}

/* ---- Results ---- */

/* hazard 39 */
START_TEST(any_number_of_threads)
{
	struct client *client = client_new(300);

	assert_ok(run(client, 1 + (unsigned)_i));
	ck_assert_uint_eq(client->done, 300);
	assert_each_once(client);
	for (size_t i = 0; i < client->count; i++)
		assert_digest(&client->jobs[i]);
	client_free(client);
	tried(39, 1);
}
END_TEST

START_TEST(fewer_spans_than_threads)
{
	struct client *client = client_new((size_t)_i);

	assert_ok(run(client, 8));
	ck_assert_uint_eq(client->done, (size_t)_i);
	assert_each_once(client);
	client_free(client);
}
END_TEST

START_TEST(failing_span_does_not_affect_others)
{
	struct client *client = client_new(100);

	for (size_t i = 0; i < 100; i += 3)
		client->jobs[i].memory.open_fails = 1;
	for (size_t i = 1; i < 100; i += 3)
		client->jobs[i].span.source = NULL; /* nothing to run */
	assert_ok(run(client, 1 + (unsigned)_i));
	ck_assert_uint_eq(client->done, 100);
	for (size_t i = 0; i < 100; i++) {
		struct job *job = &client->jobs[i];

		if (i % 3 == 2)
			assert_digest(job);
		else
			assert_code(job->span.result, i % 3 ? 0 : -EIO);
		ck_assert_int_eq(job->digest.length != 0, i % 3 == 2);
	}
	client_free(client);
}
END_TEST

/* ---- Callbacks that fail, each at every position ---- */

#define SOME 12
enum callback { NEXT, DONE, TICK };

static void fail_at(enum callback callback, size_t position, unsigned threads)
{
	struct client *client = client_new(SOME);
	const int codes[] = {-ENFILE, -ENOSPC, -EPIPE};

	*(callback == NEXT   ? &client->next_fails
	  : callback == DONE ? &client->done_fails
			     : &client->tick_fails) = position;
	assert_code(run(client, threads), codes[callback]);
	assert_each_once(client);
	if (callback == NEXT)
		ck_assert_uint_eq(client->given, position);
	if (callback == DONE)
		ck_assert_uint_eq(client->done, position + 1);
	client_free(client);
}

START_TEST(failing_callback_ends_the_run)
{
	unsigned threads = 1 + (unsigned)_i;

	for (size_t position = 0; position <= SOME; position++)
		fail_at(NEXT, position, threads);
	for (size_t position = 0; position < SOME; position++)
		fail_at(DONE, position, threads);
	fail_at(TICK, 0, threads);
	tried(40, 1);
}
END_TEST

static void read_slowly(struct memory_source *memory)
{
	(void)memory;
	pause_milliseconds(40);
}

START_TEST(failing_later_progress_call)
{
	struct client *client = client_new(SOME);

	on_each_read(client, read_slowly);
	client->tick_fails = 1 + (size_t)_i;
	assert_code(run(client, 1), -EPIPE);
	ck_assert_uint_eq(client->ticks, 2 + (unsigned)_i);
	ck_assert_uint_lt(client->done, SOME);
	assert_each_once(client);
	client_free(client);
}
END_TEST

START_TEST(progress_adds_up_to_the_total)
{
	struct client *client = client_new(SOME);
	uint64_t bytes = 0;

	on_each_read(client, read_slowly);
	for (size_t i = 0; i < SOME; i++)
		bytes += client->jobs[i].memory.source.size;
	assert_ok(run(client, 2));
	ck_assert_uint_ge(client->ticks, 2); /* together 240 ms */
	ck_assert_uint_le(client->ticks, 50);
	ck_assert_uint_le(client->last.bytes_done, bytes);
	ck_assert(client->last.is_complete);
	client_free(client);
}
END_TEST

static long nanoseconds_of_one_run(void)
{
	struct client *client = client_new(1);
	struct timespec before, after;

	clock_gettime(CLOCK_MONOTONIC, &before);
	assert_ok(run(client, 1));
	clock_gettime(CLOCK_MONOTONIC, &after);
	client_free(client);
	return (after.tv_sec - before.tv_sec) * 1000000000L + after.tv_nsec - before.tv_nsec;
}

/* Ticks are 0.1 s apart, but the pool returns a finished span without waiting for a tick. Take the
   best of several runs, because the machine may be busy. */
START_TEST(short_run_does_not_wait_for_a_tick)
{
	long best = nanoseconds_of_one_run();

	for (int i = 0; i < 30 && best > 50000000; i++) {
		long time = nanoseconds_of_one_run();

		best = time < best ? time : best;
	}
	ck_assert_int_le(best, 50000000);
}
END_TEST

/* ---- Cancellation ---- */

static struct ssum_context *running;
static atomic_bool was_read;

static void read_until_cancelled(struct memory_source *memory)
{
	(void)memory;
	was_read = true;
	for (int i = 0; i < 1000 && !context_cancelled(running); i++)
		pause_milliseconds(5);
}

static void *cancel_when_read(void *unused)
{
	(void)unused;
	while (!was_read)
		pause_milliseconds(1);
	ssum_cancel(running);
	return NULL;
}

START_TEST(cancelled_by_another_thread)
{
	struct ssum_options options = {.size = sizeof(options), .threads = 1 + (unsigned)_i};
	struct client *client = client_new(500);
	pthread_t thread;

	on_each_read(client, read_until_cancelled);
	assert_ok(ssum_context_new(&options, &running));
	ck_assert(!pthread_create(&thread, NULL, cancel_when_read, NULL));
	assert_code(run_on(client, running), SSUM_ERR_CANCELLED);
	pthread_join(thread, NULL);
	ck_assert_uint_lt(client->done, 500);
	assert_each_once(client);
	/* The context stays cancelled: another run begins no job. */
	client->given = client->done = 0;
	for (size_t i = 0; i < client->count; i++)
		client->jobs[i].returned = 0;
	was_read = false;
	assert_code(run_on(client, running), SSUM_ERR_CANCELLED);
	ck_assert(!was_read);
	assert_each_once(client);
	ssum_context_free(running);
	client_free(client);
	tried(40, 1);
}
END_TEST

/* ---- The maximum number of spans in the pool ---- */

#define MAX_IN_POOL ((size_t)4096)

/* The first span waits until the maximum number of spans is in the pool. */
static void wait_for_a_full_pool(struct memory_source *memory)
{
	const struct job *job = container_of(memory, struct job, memory);

	if (job != job->client->jobs)
		return;
	for (int i = 0; i < 4000 && job->client->given_shown < MAX_IN_POOL; i++)
		pause_milliseconds(5);
	pause_milliseconds(50);
}

START_TEST(more_spans_than_the_maximum)
{
	struct client *client = client_new(2 * MAX_IN_POOL + 77);

	on_each_read(client, wait_for_a_full_pool);
	assert_ok(run(client, 1 + (unsigned)_i));
	ck_assert_uint_eq(client->done, client->count);
	ck_assert_uint_eq(client->in_pool_max, MAX_IN_POOL);
	assert_each_once(client);
	assert_digest(&client->jobs[0]);
	assert_digest(&client->jobs[client->count - 1]);
	client_free(client);
}
END_TEST

/* ---- Threads ---- */

static atomic_bool signal_came_through;

static void look_at_signals(struct memory_source *memory)
{
	sigset_t blocked;

	(void)memory;
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	if (!sigismember(&blocked, SIGINT) || !sigismember(&blocked, SIGTERM) ||
	    !sigismember(&blocked, SIGALRM))
		signal_came_through = true;
}

START_TEST(workers_block_signals)
{
	struct client *client = client_new(20);
	sigset_t now;

	on_each_read(client, look_at_signals);
	assert_ok(run(client, 4));
	ck_assert(!signal_came_through);
	pthread_sigmask(SIG_SETMASK, NULL, &now);
	ck_assert(!sigismember(&now, SIGINT));
	client_free(client);
}
END_TEST

START_TEST(low_descriptor_limit_is_enough)
{
	struct rlimit limit = {.rlim_cur = (rlim_t)_i, .rlim_max = 1024}, before;
	struct client *client = client_new(50);

	getrlimit(RLIMIT_NOFILE, &before);
	limit.rlim_max = before.rlim_max;
	ck_assert(!setrlimit(RLIMIT_NOFILE, &limit));
	int rc = run(client, 64);
	ck_assert(!setrlimit(RLIMIT_NOFILE, &before));
	assert_ok(rc);
	ck_assert_uint_eq(client->done, 50);
	client_free(client);
}
END_TEST

/* Except for root, no thread can start if the limit is below the current number of threads. Restore
   everything, because a sanitizer needs threads at exit. */
START_TEST(no_thread_can_be_started)
{
	struct client *client = client_new(5);
	struct rlimit before, none;
	bool root = !geteuid();

	ck_assert(!getrlimit(RLIMIT_NPROC, &before));
	none = (struct rlimit){0, before.rlim_max};
	ck_assert(!setrlimit(RLIMIT_NPROC, &none));
	ck_assert(!root || !setresuid(65534, 65534, 0));
	int rc = run(client, 2);
	ck_assert(!root || !setresuid(0, 0, 0));
	ck_assert(!setrlimit(RLIMIT_NPROC, &before));
	prctl(PR_SET_DUMPABLE, 1);
	assert_code(rc, -EAGAIN);
	ck_assert_uint_eq(client->done, 0);
	assert_each_once(client);
	client_free(client);
	tried(40, 1);
}
END_TEST

static int run_thirty(void)
{
	struct client *client = client_new(30);
	int rc = run(client, 8);

	ck_assert(rc || client->done == 30);
	assert_each_once(client);
	client_free(client);
	return rc;
}

/* As above, but some threads can start. They must finish the work without the others. The user has
   no other processes. Repeat it, because an error would depend on timing. */
START_TEST(fewer_threads_than_requested)
{
	const uid_t nobody_else = 1000000000;
	struct rlimit before, few;
	int rc = 0;

	if (geteuid())
		skip("needs root, to become a user without other processes");
	ck_assert(!getrlimit(RLIMIT_NPROC, &before));
	few = (struct rlimit){4, before.rlim_max};
	ck_assert(!setrlimit(RLIMIT_NPROC, &few));
	ck_assert(!setresuid(nobody_else, nobody_else, 0));
	for (int i = 0; i < 500 && !rc; i++)
		rc = run_thirty();
	ck_assert(!setresuid(0, 0, 0));
	ck_assert(!setrlimit(RLIMIT_NPROC, &before));
	prctl(PR_SET_DUMPABLE, 1);
	assert_ok(rc);
	tried(40, 1);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{any_number_of_threads, 8},
		{fewer_spans_than_threads, 4},
		{failing_span_does_not_affect_others, 3},
		{failing_callback_ends_the_run, 8},
		{failing_later_progress_call, 3},
		{progress_adds_up_to_the_total, 0},
		{short_run_does_not_wait_for_a_tick, 0},
		{cancelled_by_another_thread, 4},
		{more_spans_than_the_maximum, 2},
		{workers_block_signals, 0},
		{low_descriptor_limit_is_enough, 20},
		{no_thread_can_be_started, 0},
		{fewer_threads_than_requested, 0},
	};

	return run_suite("pool", tests, ARRAY_SIZE(tests));
}
