/* SPDX-License-Identifier: MIT */
/* Callbacks that call their receiver, at each kind of verdict: while pieces arrive, when bytes are
   read back, when ssum_receiver_finish() judges, and while ssum_receiver_load() reads. Whatever
   they do, the receiver must not accept a wrong file. */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "support/files.h"
#include "support/oracle.h"
#include "support/receiver.h"
#include "support/suite.h"
#include "sparsesum/receiver.h"

#define SEGMENTS 8
#define DEPTH 3 /* of callbacks in callbacks */

struct calls {
	struct scene *scene;
	int action; /* of `actions`; -1: at random */
	int left;   /* calls that may still be made */
	int depth;
	uint64_t seed;
};

/* ---- What a callback does; `at` is the first byte of another segment ---- */

static void write_damaged(struct scene *scene, uint64_t at)
{
	deliver_damaged(scene, at, 100, 50);
}

static void write_right(struct scene *scene, uint64_t at)
{
	deliver(scene, at, UNIT);
}

static void write_all_damaged(struct scene *scene, uint64_t at)
{
	(void)at;
	deliver_damaged(scene, 0, scene->length, scene->length - 1);
}

static void write_hole(struct scene *scene, uint64_t at)
{
	assert_ok(ssum_receiver_hole(scene->receiver, at + 10, 1000));
}

static void ask_for_missing(struct scene *scene, uint64_t at)
{
	(void)at;
	assert_ok(ssum_receiver_missing(scene->receiver, deliver_missing, scene));
}

static void save(struct scene *scene, uint64_t at)
{
	(void)at;
	assert_ok(ssum_receiver_save(scene->receiver, scene->state));
}

/* The answer must be true at once. */
static void finish(struct scene *scene, uint64_t at)
{
	(void)at;
	if (ssum_receiver_finish(scene->receiver) == SSUM_HOLDS)
		assert_received(scene);
}

static void *write_damaged_everywhere(void *user)
{
	for (uint64_t at = 0; at < SEGMENTS * UNIT; at += UNIT)
		deliver_damaged(user, at, 100, 50);
	return NULL;
}

/* In another thread, while the callback runs. */
static void write_by_thread(struct scene *scene, uint64_t at)
{
	pthread_t thread;

	(void)at;
	ck_assert(!pthread_create(&thread, NULL, write_damaged_everywhere, scene));
	pthread_join(thread, NULL);
}

typedef void action_fn(struct scene *scene, uint64_t at);
static action_fn *const actions[] = {write_damaged, write_right,     write_all_damaged,
				     write_hole,    ask_for_missing, save,
				     finish,        write_by_thread};

static int call_receiver(void *user, const struct ssum_range *segment, int verdict)
{
	struct calls *calls = user;
	struct scene *scene = calls->scene;

	count_segment(scene, segment, verdict);
	if (calls->left <= 0 || calls->depth >= DEPTH)
		return 0;
	ck_assert_ptr_nonnull(scene->receiver); /* set before the first verdict */
	size_t action = calls->action < 0 ? next_random(&calls->seed) % ARRAY_SIZE(actions)
					  : (size_t)calls->action;
	uint64_t other = segment->offset / UNIT + 1;
	if (calls->action < 0)
		other = next_random(&calls->seed);
	calls->left--;
	calls->depth++;
	actions[action](scene, other % SEGMENTS * UNIT);
	calls->depth--;
	return 0;
}

static void begin_calls(struct scene *scene, struct calls *calls, int action)
{
	*calls = (struct calls){.scene = scene, .action = action, .left = 1};
	scene->options.segment = call_receiver;
	scene->options.user = calls;
}

/* ---- At each kind of verdict ---- */

static void on_arrival(struct scene *scene)
{
	scene_begin(scene);
	deliver(scene, 0, scene->length);
}

/* Gaps are filled last, so segments are read back from the file. */
static void on_reading_back(struct scene *scene)
{
	scene_begin(scene);
	for (uint64_t at = 0; at < scene->length; at += UNIT)
		deliver(scene, at + 1, UNIT - 1);
	for (uint64_t at = 0; at < scene->length; at += UNIT)
		deliver(scene, at, 1);
}

/* All checkpoints are wrong: the verdicts are made by one chain over the file. */
static void on_following_a_chain(struct scene *scene)
{
	for (size_t i = 1; i <= scene->checkpoints.count; i++)
		spoil_checkpoint(scene, i);
	scene_begin(scene);
	deliver(scene, 0, scene->length);
	ck_assert_int_ge(ssum_receiver_finish(scene->receiver), SSUM_ERR_STATE);
}

/* The state says that all bytes have arrived, so ssum_receiver_finish() judges all segments. */
static void on_finishing(struct scene *scene)
{
	struct calls *calls = scene->options.user;
	int left = calls->left;

	calls->left = 0;
	scene_begin(scene);
	for (uint64_t at = 0; at < scene->length; at += UNIT)
		deliver(scene, at, UNIT - 1);
	for (uint64_t at = UNIT - 1; at < scene->length; at += UNIT)
		ck_assert_int_eq(pwrite(scene->options.fd, scene->content + at, 1, (off_t)at), 1);
	assert_ok(ssum_receiver_save(scene->receiver, scene->state));
	free(run_command(NULL, "sed -i 's/4095$/4096/' %s", scene->state));
	ssum_receiver_free(scene->receiver);
	scene->receiver = NULL;
	assert_ok(ssum_receiver_load(NULL, &scene->options, scene->state, &scene->receiver));
	ck_assert_str_eq(missing_of(scene), "");
	calls->left = left;
	ck_assert_int_ge(ssum_receiver_finish(scene->receiver), SSUM_ERR_STATE);
}

static void on_loading(struct scene *scene)
{
	struct calls *calls = scene->options.user;
	int left = calls->left;

	calls->left = 0;
	scene_begin(scene);
	deliver(scene, 0, scene->length);
	assert_ok(ssum_receiver_save(scene->receiver, scene->state));
	ssum_receiver_free(scene->receiver);
	scene->receiver = NULL;
	scene->options.read_again = 1;
	calls->left = left;
	assert_ok(ssum_receiver_load(scene->context, &scene->options, scene->state,
				     &scene->receiver));
}

static void (*const occasions[])(struct scene *scene) = {
	on_arrival, on_reading_back, on_following_a_chain, on_finishing, on_loading};

static void assert_right_at_last(struct scene *scene, struct calls *calls)
{
	calls->left = 0;
	finish(scene, 0);
	repair_all(scene);
}

START_TEST(each_call_at_each_verdict)
{
	int action = _i % (int)ARRAY_SIZE(actions), occasion = _i / (int)ARRAY_SIZE(actions);
	struct scene scene;
	struct calls calls;

	scene_new(&scene, 0, SEGMENTS * UNIT, UNIT);
	begin_calls(&scene, &calls, action);
	occasions[occasion](&scene);
	ck_assert_int_eq(calls.left, 0); /* it was called */
	assert_right_at_last(&scene, &calls);
	scene_free(&scene);
	tried(51, 1);
}
END_TEST

START_TEST(random_calls_at_each_verdict)
{
	struct scene scene;
	struct calls calls;

	for (size_t i = 0; i < ARRAY_SIZE(occasions); i++) {
		scene_new(&scene, 0, SEGMENTS * UNIT, UNIT);
		begin_calls(&scene, &calls, -1);
		calls.seed = test_seed() + (uint64_t)_i * ARRAY_SIZE(occasions) + i;
		calls.left = 10;
		occasions[i](&scene);
		assert_right_at_last(&scene, &calls);
		scene_free(&scene);
	}
	tried(51, ARRAY_SIZE(occasions));
}
END_TEST

/* A piece arrives for a segment that is being read: what was read does not count. */
START_TEST(a_piece_during_loading_makes_a_segment_unproven)
{
	struct scene scene;
	struct calls calls;

	scene_new(&scene, 0, SEGMENTS * UNIT, UNIT);
	begin_calls(&scene, &calls, 0);
	on_loading(&scene);
	/* In the callback of the first segment, write 100 bytes to the second one. */
	ck_assert_str_eq(missing_of(&scene), "4196+3996 ");
	ck_assert_int_eq(atomic_load(&scene.good), 2 * SEGMENTS - 1);
	ck_assert_int_eq(atomic_load(&scene.damaged), 0);
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_ERR_INCOMPLETE);
	scene_free(&scene);
}
END_TEST

static int check_the_rest_is_missing(void *user, const struct ssum_range *segment, int verdict)
{
	struct scene *scene = user;
	uint64_t end = segment->offset + segment->length;
	char expected[64] = "";

	count_segment(scene, segment, verdict);
	if (end < scene->length)
		snprintf(expected, sizeof(expected), "%ju+%ju ", (uintmax_t)end,
			 (uintmax_t)(scene->length - end));
	ck_assert_str_eq(missing_of(scene), expected);
	return 0;
}

START_TEST(segments_are_missing_until_they_are_judged)
{
	struct scene scene;

	scene_start(&scene, 0, SEGMENTS * UNIT, UNIT);
	deliver(&scene, 0, scene.length);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	ssum_receiver_free(scene.receiver);
	scene.options.read_again = 1;
	scene.options.segment = check_the_rest_is_missing;
	assert_ok(ssum_receiver_load(NULL, &scene.options, scene.state, &scene.receiver));
	ck_assert_int_eq(atomic_load(&scene.good), 2 * SEGMENTS);
	scene_free(&scene);
}
END_TEST

/* Threads that begin in a callback and write while ssum_receiver_load() reads the next segments. */
static pthread_t loader, writers[SEGMENTS];
static bool has_loaded;
static int started;

static void *write_and_repair(void *user)
{
	write_damaged_everywhere(user);
	assert_ok(ssum_receiver_missing(((struct scene *)user)->receiver, deliver_missing, user));
	return NULL;
}

static int start_writer(void *user, const struct ssum_range *segment, int verdict)
{
	count_segment(user, segment, verdict);
	if (pthread_equal(pthread_self(), loader) && !has_loaded && started < SEGMENTS &&
	    !pthread_create(&writers[started], NULL, write_and_repair, user))
		started++;
	return 0;
}

START_TEST(threads_write_during_loading)
{
	struct ssum_options options = {.size = sizeof(options), .threads = 1 + (unsigned)_i % 3};
	struct scene scene;

	scene_new(&scene, _i % REFERENCES, SEGMENTS * UNIT, UNIT);
	assert_ok(ssum_context_new(&options, &scene.context));
	scene_begin(&scene);
	deliver(&scene, 0, scene.length);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	ssum_receiver_free(scene.receiver);
	scene.options.read_again = 1;
	scene.options.segment = start_writer;
	loader = pthread_self();
	has_loaded = false;
	started = 0;
	assert_ok(ssum_receiver_load(scene.context, &scene.options, scene.state, &scene.receiver));
	has_loaded = true;
	ck_assert_int_gt(started, 0);
	for (int i = 0; i < started; i++)
		pthread_join(writers[i], NULL);
	finish(&scene, 0);
	repair_all(&scene);
	scene_free(&scene);
	tried(51, 1);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{each_call_at_each_verdict, ARRAY_SIZE(actions) * ARRAY_SIZE(occasions)},
		{random_calls_at_each_verdict, 20},
		{a_piece_during_loading_makes_a_segment_unproven, 0},
		{segments_are_missing_until_they_are_judged, 0},
		{threads_write_during_loading, 12},
	};

	return run_suite("receiver_callbacks", tests, ARRAY_SIZE(tests));
}
