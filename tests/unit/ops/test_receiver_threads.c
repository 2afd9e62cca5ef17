/* SPDX-License-Identifier: MIT */
/* Several threads and callbacks that use one receiver, and its cancellation. */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "support/files.h"
#include "support/receiver.h"
#include "support/suite.h"
#include "sparsesum/receiver.h"

/* ---- Threads ---- */

#define THREADS 4

struct sender {
	struct scene *scene;
	uint64_t seed;
	int number;
};

/* The threads send alternate pieces, some of them twice. */
static void *send_share(void *argument)
{
	struct sender *sender = argument;
	struct scene *scene = sender->scene;
	const uint64_t piece = 700;

	for (uint64_t at = (uint64_t)sender->number * piece; at < scene->length;
	     at += THREADS * piece) {
		uint64_t length = min_u64(piece, scene->length - at);

		if (next_random(&sender->seed) % 40 == 0)
			deliver_damaged(scene, at, length, length / 2);
		else
			deliver_best(scene, at, length);
		if (next_random(&sender->seed) % 4 == 0)
			deliver(scene, at / 2, length);
		if (next_random(&sender->seed) % 200 == 0)
			assert_ok(ssum_receiver_save(scene->receiver, scene->state));
		if (next_random(&sender->seed) % 100 == 0)
			ck_assert_int_ne(ssum_receiver_finish(scene->receiver), -EIO);
	}
	return NULL;
}

static void *fetch_missing(void *argument)
{
	struct sender *sender = argument;

	for (int i = 0; i < 5; i++)
		assert_ok(ssum_receiver_missing(sender->scene->receiver, deliver_missing,
						sender->scene));
	return NULL;
}

static void run_threads(struct scene *scene, void *(*run)(void *), uint64_t seed)
{
	struct sender senders[THREADS];
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++) {
		senders[i] = (struct sender){scene, seed + (uint64_t)i, i};
		ck_assert(!pthread_create(&threads[i], NULL, run, &senders[i]));
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

START_TEST(several_threads_deliver_pieces)
{
	uint64_t seed = test_seed() + (uint64_t)_i;
	struct scene scene;

	scene_seeded(&scene, _i % REFERENCES, 400000, 4 * UNIT, seed);
	scene_begin(&scene);
	run_threads(&scene, send_share, seed);
	run_threads(&scene, fetch_missing, seed);
	repair_all(&scene);
	ck_assert_int_eq(atomic_load(&scene.good), scene_segments(&scene));
	scene_free(&scene);
}
END_TEST

static atomic_bool is_finished; /* ssum_receiver_finish() has returned */

/* Write as soon as ssum_receiver_finish() holds all segments. Returns NULL if it returned before
   this thread saw that. */
static void *write_damaged_when_closed(void *argument)
{
	struct scene *scene = argument;
	struct ssum_receiver *receiver = scene->receiver;
	bool is_closed = false;

	while (!is_closed && !atomic_load(&is_finished)) {
		pthread_mutex_lock(&receiver->lock);
		is_closed = receiver->is_closed;
		pthread_mutex_unlock(&receiver->lock);
	}
	deliver_damaged(scene, 0, 1000, 10);
	return is_closed ? scene : NULL;
}

/* A write waits while the whole file is being verified, and then cannot change what was proven. */
START_TEST(write_waits_for_the_verification)
{
	struct scene scene;
	pthread_t writer;
	void *was_in_time = NULL;

	scene_new(&scene, 0, 16 * MIB, MIB);
	memset(scene.checkpoints.values, 1,
	       scene.checkpoints.count * scene.checkpoints.value_length);
	while (!was_in_time) { /* on a busy machine the writer may start too late */
		scene_begin(&scene);
		deliver(&scene, 0, scene.length);
		ck_assert_int_eq(atomic_load(&scene.good), 0);
		atomic_store(&is_finished, false);
		ck_assert(!pthread_create(&writer, NULL, write_damaged_when_closed, &scene));
		assert_code(ssum_receiver_finish(scene.receiver), SSUM_HOLDS);
		atomic_store(&is_finished, true);
		pthread_join(writer, &was_in_time);
		assert_received(&scene);
	}
	scene_free(&scene);
}
END_TEST

/* ---- Callbacks ---- */

/* Send a damaged range again in the callback that reports it. */
static int fetch_again(void *user, const struct ssum_range *segment, int verdict)
{
	struct scene *scene = user;

	count_segment(user, segment, verdict);
	missing_of(scene);
	if (verdict == SSUM_DIFFERS)
		deliver(scene, segment->offset, segment->length);
	return 0;
}

START_TEST(callbacks_may_call_the_receiver)
{
	struct scene scene;

	scene_new(&scene, 0, 5 * UNIT, UNIT);
	scene.options.segment = fetch_again;
	scene_begin(&scene);
	deliver_damaged(&scene, 0, scene.length, UNIT);
	ck_assert_int_eq(atomic_load(&scene.damaged), 1);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

static int stop_at_range(void *user, const struct ssum_range *range)
{
	(void)range;
	++*(int *)user;
	return 1;
}

START_TEST(callbacks_may_cancel)
{
	struct scene scene;
	int ranges = 0;

	scene_new(&scene, 0, 5 * UNIT, UNIT);
	scene.options.segment = stop_at_segment;
	scene_begin(&scene);
	assert_code(ssum_receiver_missing(scene.receiver, stop_at_range, &ranges),
		    SSUM_ERR_CANCELLED);
	ck_assert_int_eq(ranges, 1);
	assert_code(ssum_receiver_write(scene.receiver, 0, scene.content, scene.length),
		    SSUM_ERR_CANCELLED);
	ck_assert_str_eq(missing_of(&scene), "4096+16384 "); /* the verdict is kept */
	scene_free(&scene);
}
END_TEST

START_TEST(cancelled_receiver)
{
	struct scene scene;

	scene_new(&scene, 0, 5 * UNIT, UNIT);
	assert_ok(ssum_context_new(NULL, &scene.context));
	scene_begin(&scene);
	deliver(&scene, 0, UNIT);
	deliver(&scene, 2 * UNIT, 100);
	ssum_cancel(scene.context);
	assert_code(ssum_receiver_write(scene.receiver, 0, "x", 1), SSUM_ERR_CANCELLED);
	assert_code(ssum_receiver_hole(scene.receiver, 0, 1), SSUM_ERR_CANCELLED);
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_ERR_CANCELLED);
	ck_assert_str_eq(missing_of(&scene), "4096+4096 8292+12188 ");
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	ssum_receiver_free(scene.receiver);

	assert_ok(ssum_receiver_load(NULL, &scene.options, scene.state, &scene.receiver));
	ck_assert_str_eq(missing_of(&scene), "4096+4096 8292+12188 ");
	repair(&scene);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{several_threads_deliver_pieces, 10},
		{write_waits_for_the_verification, 0},
		{callbacks_may_call_the_receiver, 0},
		{callbacks_may_cancel, 0},
		{cancelled_receiver, 0},
	};

	return run_suite("receiver_threads", tests, ARRAY_SIZE(tests));
}
