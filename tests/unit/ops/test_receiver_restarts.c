/* SPDX-License-Identifier: MIT */
/* A receiver that continues from its saved state and the content of its file. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/files.h"
#include "support/maps.h"
#include "support/oracle.h"
#include "support/receiver.h"
#include "support/suite.h"
#include "sparsesum/receiver.h"

static void restart(struct scene *scene)
{
	ssum_receiver_free(scene->receiver);
	assert_ok(ssum_receiver_load(scene->context, &scene->options, scene->state,
				     &scene->receiver));
}

/* Restart from a state that claims the last byte of each segment, which the receiver did not
   get. */
static void restart_with_all_pieces(struct scene *scene)
{
	assert_ok(ssum_receiver_save(scene->receiver, scene->state));
	free(run_command(NULL, "sed -i 's/4095$/4096/' %s", scene->state));
	restart(scene);
}

/* Write a byte to the file, not by the receiver: the right byte XOR `wrong`. */
static void put_byte(struct scene *scene, uint64_t at, unsigned char wrong)
{
	unsigned char byte = scene->content[at] ^ wrong;

	ck_assert_int_eq(pwrite(scene->options.fd, &byte, 1, (off_t)at), 1);
}

START_TEST(random_restarts)
{
	uint64_t seed = test_seed() + (uint64_t)_i;
	size_t length = 1 + (size_t)(next_random(&seed) % 120000);
	struct scene scene;

	scene_seeded(&scene, _i % REFERENCES, length, UNIT, seed);
	if (next_random(&scene.seed) % 5 == 0)
		scene.options.checkpoints = NULL;
	scene_begin(&scene);
	for (int i = 0; i < 6; i++) {
		deliver_randomly(&scene, &scene.seed, (int)(next_random(&scene.seed) % 60));
		char *before = strdup(missing_of(&scene));
		assert_ok(ssum_receiver_save(scene.receiver, scene.state));
		int lost = next_random(&scene.seed) % 2;
		if (lost) /* pieces that arrive after the last save */
			deliver_randomly(&scene, &scene.seed, 5);
		restart(&scene);
		if (!lost)
			ck_assert_str_eq(missing_of(&scene), before);
		free(before);
	}
	repair_all(&scene);
	scene_free(&scene);
}
END_TEST

/* ---- Files that changed after the save ---- */

static void overwrite(struct scene *scene)
{
	ck_assert_int_eq(pwrite(scene->options.fd, "\0\0\0\0\0\0\0", 7, 2 * UNIT + 7), 7);
}

static void overwrite_with_old_times(struct scene *scene)
{
	overwrite(scene);
	ck_assert(!futimens(scene->options.fd, (struct timespec[]){{.tv_sec = 1}, {.tv_sec = 2}}));
}

static void cut(struct scene *scene)
{
	ck_assert(!ftruncate(scene->options.fd, 2 * UNIT));
}

static void cut_and_save(struct scene *scene)
{
	cut(scene);
	assert_ok(ssum_receiver_save(scene->receiver, scene->state));
}

/* Open the file that has the name now. */
static void open_again(struct scene *scene)
{
	close(scene->options.fd);
	scene->options.fd = open_target(scene->path);
}

static void replace(struct scene *scene)
{
	ck_assert(!unlink(scene->path));
	open_again(scene);
}

static void replace_by_copy(struct scene *scene)
{
	free(run_command(NULL, "cd %s && cp file copy && mv copy file", scene->directory));
	open_again(scene);
}

/* The file is unchanged, but the caller does not trust its times. */
static void ask_to_read_again(struct scene *scene)
{
	scene->options.read_again = 1;
}

static const struct {
	void (*make)(struct scene *scene);
	const char *missing;
} changes[] = {
	{overwrite, "8192+4096 16384+16394 "},
	{overwrite_with_old_times, "8192+4096 16384+16394 "},
	{cut, "8192+24586 "},
	{replace, "0+32778 "},
	{replace_by_copy, "16384+16394 "},
	{ask_to_read_again, "16384+16394 "},
	{cut_and_save, "8192+24586 "},
};

/* Segments of a changed file that were good are read again; the rest is missing. */
START_TEST(changed_file)
{
	struct scene scene;

	scene_new(&scene, 0, 8 * UNIT + 10, UNIT);
	fill_random(scene.content, scene.length, &scene.seed);
	content_changed(&scene);
	scene_begin(&scene);
	deliver(&scene, 0, 4 * UNIT + 99);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	changes[_i].make(&scene);
	atomic_store(&scene.good, 0);
	restart(&scene);
	ck_assert_str_eq(missing_of(&scene), changes[_i].missing);
	ck_assert_int_eq(atomic_load(&scene.good) + atomic_load(&scene.damaged), 4);
	repair(&scene);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

/* ---- Loading ---- */

/* Loading reads the file: here a received hole was overwritten, and the times were restored. */
START_TEST(loaded_hole_is_read)
{
	struct scene scene;

	scene_new(&scene, 0, UNIT, UNIT);
	make_zero(&scene, 1000, 1000);
	scene_begin(&scene);
	assert_ok(ssum_receiver_hole(scene.receiver, 1000, 1000));
	ck_assert_int_eq(pwrite(scene.options.fd, "x", 1, 1500), 1);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	restart(&scene);
	ck_assert_str_eq(missing_of(&scene), "0+1000 2000+2096 ");
	deliver(&scene, 0, 1000);
	deliver(&scene, 2000, 2096);
	ck_assert_int_eq(atomic_load(&scene.damaged), 1);
	scene_free(&scene);
}
END_TEST

/* A segment that was complete, but not judged, when the process ended. */
START_TEST(loaded_complete_segment_is_judged)
{
	struct scene scene;

	scene_start(&scene, 0, 2 * UNIT, UNIT);
	deliver(&scene, 0, UNIT);
	deliver(&scene, UNIT, UNIT - 1);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	put_byte(&scene, 2 * UNIT - 1, 0);
	restart_with_all_pieces(&scene);
	ck_assert_str_eq(missing_of(&scene), "");
	ck_assert_int_eq(atomic_load(&scene.good), 1);
	assert_received(&scene);
	ck_assert_int_eq(atomic_load(&scene.good), 2);
	scene_free(&scene);
}
END_TEST

/* For a damaged segment, the callback sends the whole file again. This works only if the receiver
   holds no segment during the callback. */
static int send_all_again(void *user, const struct ssum_range *segment, int verdict)
{
	struct scene *scene = user;

	count_segment(user, segment, verdict);
	if (verdict == SSUM_DIFFERS)
		deliver(scene, 0, scene->length);
	return 0;
}

/* Many segments, one with a wrong byte, are judged in parallel when the result is requested. */
START_TEST(loaded_complete_segments_are_judged_in_parallel)
{
	struct scene scene;

	scene_new(&scene, _i % REFERENCES, 12 * UNIT, UNIT);
	scene.options.segment = send_all_again;
	scene_begin(&scene);
	for (uint64_t at = 0; at < scene.length; at += UNIT)
		deliver(&scene, at, UNIT - 1);
	for (uint64_t at = UNIT - 1; at < scene.length; at += UNIT)
		put_byte(&scene, at, at / UNIT == 7);
	restart_with_all_pieces(&scene);
	ck_assert_str_eq(missing_of(&scene), "");
	ck_assert_int_eq(atomic_load(&scene.good), 0);
	assert_received(&scene);
	ck_assert_int_eq(atomic_load(&scene.damaged), 1);
	ck_assert_int_eq(atomic_load(&scene.good), 12);
	scene_free(&scene);
}
END_TEST

static uint64_t reported_end;

static int report_in_order(void *user, const struct ssum_range *segment, int verdict)
{
	ck_assert_uint_eq(segment->offset, reported_end);
	reported_end += segment->length;
	return count_segment(user, segment, verdict);
}

/* Segments that are read again are judged by any number of threads, and reported in order. */
START_TEST(segments_are_read_again_in_parallel)
{
	struct ssum_options options = {.size = sizeof(options), .threads = 1u << (_i / 2)};
	struct scene scene;

	scene_new(&scene, _i % REFERENCES, 40 * UNIT + 10, UNIT);
	assert_ok(ssum_context_new(&options, &scene.context));
	scene_begin(&scene);
	deliver(&scene, 0, scene.length);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	for (size_t at = 10 * UNIT + 5; at < scene.length; at += 15 * UNIT)
		put_byte(&scene, at, 0x20);
	scene.options.segment = report_in_order;
	scene.options.read_again = _i % 2;
	reported_end = 0;
	atomic_store(&scene.good, 0);
	restart(&scene);
	ck_assert_uint_eq(reported_end, scene.length);
	ck_assert_int_eq(atomic_load(&scene.good), 38);
	ck_assert_str_eq(missing_of(&scene), "40960+4096 102400+4096 163840+10 ");
	scene.options.segment = count_segment;
	restart(&scene);
	repair(&scene);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

/* The callback stops it. */
START_TEST(reading_again_can_be_cancelled)
{
	struct scene scene;

	scene_start(&scene, 0, 40 * UNIT, UNIT);
	deliver(&scene, 0, scene.length);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	ssum_receiver_free(scene.receiver);
	scene.options.read_again = 1;
	scene.options.segment = stop_at_segment;
	atomic_store(&scene.good, 0);
	assert_code(ssum_receiver_load(NULL, &scene.options, scene.state, &scene.receiver),
		    SSUM_ERR_CANCELLED);
	ck_assert_ptr_null(scene.receiver);
	ck_assert_int_eq(atomic_load(&scene.good), 1);
	scene_free(&scene);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{random_restarts, MAP_SEEDS / 2},
		{changed_file, ARRAY_SIZE(changes)},
		{loaded_hole_is_read, 0},
		{loaded_complete_segment_is_judged, 0},
		{loaded_complete_segments_are_judged_in_parallel, REFERENCES},
		{segments_are_read_again_in_parallel, 6},
		{reading_again_can_be_cancelled, 0},
	};

	return run_suite("receiver_restarts", tests, ARRAY_SIZE(tests));
}
