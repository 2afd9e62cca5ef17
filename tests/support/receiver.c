/* SPDX-License-Identifier: MIT */
#include "support/receiver.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "support/checkpoints.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/suite.h"
#include "sparsesum/receiver.h"

int count_segment(void *user, const struct ssum_range *segment, int verdict)
{
	struct scene *scene = user;

	ck_assert(segment->length && segment->offset + segment->length <= scene->length);
	ck_assert(segment->offset % scene->checkpoints.interval == 0);
	ck_assert(verdict == SSUM_HOLDS || verdict == SSUM_DIFFERS);
	atomic_fetch_add(verdict == SSUM_HOLDS ? &scene->good : &scene->damaged, 1);
	return 0;
}

static void make_checkpoints(struct scene *scene, uint64_t interval)
{
	true_checkpoints(&scene->checkpoints, reference_names[scene->algorithm], interval,
			 scene->content, scene->length);
	checkpoints_finish(&scene->checkpoints, scene->length, &scene->digest);
}

int open_target(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0666);

	ck_assert_int_ge(fd, 0);
	return fd;
}

/* Random bytes with three ranges of zeros of random length, together about a third of the
   content. */
static void make_content(struct scene *scene)
{
	scene->content = malloc(scene->length + 1);
	fill_random(scene->content, scene->length, &scene->seed);
	for (size_t i = 0; i < 3 && scene->length; i++) {
		size_t begin = (size_t)(next_random(&scene->seed) % scene->length);
		size_t room = (scene->length - begin) / 3;

		memset(scene->content + begin, 0,
		       room ? (size_t)(next_random(&scene->seed) % room) : 0);
	}
}

static void scene_make(struct scene *scene, const char *directory, int algorithm, size_t length,
		       uint64_t interval, uint64_t seed)
{
	*scene = (struct scene){.algorithm = algorithm, .length = length, .seed = seed};
	scene->path = path_in(directory, "file");
	scene->state = path_in(directory, "state");
	make_content(scene);
	scene->digest = oracle_of_bytes(reference_names[algorithm], scene->content, length);
	make_checkpoints(scene, interval);
	scene->options = (struct ssum_receiver_options){
		.size = sizeof(scene->options),
		.fd = open_target(scene->path),
		.algorithm = reference_names[algorithm],
		.digest = &scene->digest,
		.length = length,
		.checkpoints = &scene->checkpoints,
		.segment = count_segment,
		.user = scene,
	};
}

void scene_in(struct scene *scene, const char *directory, int algorithm, size_t length,
	      uint64_t interval)
{
	scene_make(scene, directory, algorithm, length, interval, test_seed());
}

void scene_seeded(struct scene *scene, int algorithm, size_t length, uint64_t interval,
		  uint64_t seed)
{
	char *directory = scratch_here();

	scene_make(scene, directory, algorithm, length, interval, seed);
	scene->directory = directory;
}

void scene_new(struct scene *scene, int algorithm, size_t length, uint64_t interval)
{
	scene_seeded(scene, algorithm, length, interval, test_seed());
}

void scene_free(struct scene *scene)
{
	ssum_receiver_free(scene->receiver);
	ssum_context_free(scene->context);
	checkpoints_clear(&scene->checkpoints);
	close(scene->options.fd);
	free(scene->content);
	free(scene->path);
	free(scene->state);
	if (scene->directory)
		scratch_remove(scene->directory);
}

void scene_begin(struct scene *scene)
{
	ssum_receiver_free(scene->receiver);
	atomic_store(&scene->good, 0);
	atomic_store(&scene->damaged, 0);
	assert_ok(ssum_receiver_new(scene->context, &scene->options, &scene->receiver));
}

void scene_start(struct scene *scene, int algorithm, size_t length, uint64_t interval)
{
	scene_new(scene, algorithm, length, interval);
	scene_begin(scene);
}

int scene_segments(const struct scene *scene)
{
	return (int)scene->checkpoints.count + 1;
}

void deliver(struct scene *scene, uint64_t offset, uint64_t length)
{
	assert_ok(ssum_receiver_write(scene->receiver, offset, scene->content + offset,
				      (size_t)length));
}

void deliver_damaged(struct scene *scene, uint64_t offset, uint64_t length, uint64_t at)
{
	unsigned char *copy = malloc(length);

	memcpy(copy, scene->content + offset, length);
	copy[at] ^= 0x10;
	assert_ok(ssum_receiver_write(scene->receiver, offset, copy, (size_t)length));
	free(copy);
}

void deliver_best(struct scene *scene, uint64_t offset, uint64_t length)
{
	if (bytes_are_zero(scene->content + offset, (size_t)length))
		assert_ok(ssum_receiver_hole(scene->receiver, offset, length));
	else
		deliver(scene, offset, length);
}

static char missing_text[4096];

static int note_missing(void *user, const struct ssum_range *range)
{
	(void)user;
	ck_assert_uint_gt(range->length, 0);
	size_t used = strlen(missing_text);
	snprintf(missing_text + used, sizeof(missing_text) - used, "%ju+%ju ",
		 (uintmax_t)range->offset, (uintmax_t)range->length);
	return 0;
}

const char *missing_of(struct scene *scene)
{
	missing_text[0] = '\0';
	assert_ok(ssum_receiver_missing(scene->receiver, note_missing, NULL));
	return missing_text;
}

int deliver_missing(void *user, const struct ssum_range *range)
{
	deliver_best(user, range->offset, range->length);
	return 0;
}

/* Twice, because a piece may be found damaged when its segment is complete. */
static void deliver_all_missing(struct scene *scene)
{
	assert_ok(ssum_receiver_missing(scene->receiver, deliver_missing, scene));
	assert_ok(ssum_receiver_missing(scene->receiver, deliver_missing, scene));
}

void repair(struct scene *scene)
{
	deliver_all_missing(scene);
	ck_assert_str_eq(missing_of(scene), "");
}

static void assert_file_is(const struct scene *scene)
{
	size_t length;
	char *found = read_file(scene->path, &length);

	ck_assert_uint_eq(length, scene->length);
	ck_assert(!memcmp(found, scene->content, length));
	free(found);
	assert_digest_eq(oracle_of_file(reference_names[scene->algorithm], scene->path),
			 scene->digest);
}

void assert_received(struct scene *scene)
{
	assert_code(ssum_receiver_finish(scene->receiver), SSUM_HOLDS);
	ck_assert_str_eq(missing_of(scene), "");
	ck_assert_uint_eq(scene->receiver->pieces, 0);
	assert_file_is(scene);
}

static void random_range(const struct scene *scene, uint64_t *seed, uint64_t *offset,
			 uint64_t *length)
{
	static const uint64_t longest[] = {1, 70, 1500, 5000, 20000};
	uint64_t room;

	*offset = next_random(seed) % scene->length;
	room = min_u64(scene->length - *offset, longest[next_random(seed) % ARRAY_SIZE(longest)]);
	*length = 1 + next_random(seed) % room;
}

void deliver_randomly(struct scene *scene, uint64_t *seed, int pieces)
{
	for (int i = 0; i < pieces; i++) {
		uint64_t offset, length;

		random_range(scene, seed, &offset, &length);
		switch (next_random(seed) % 24) {
		case 0:
			deliver_damaged(scene, offset, length, next_random(seed) % length);
			break;
		case 1:
			assert_ok(ssum_receiver_hole(scene->receiver, offset, length));
			break;
		default:
			deliver_best(scene, offset, length);
		}
	}
}

void repair_all(struct scene *scene)
{
	for (int rounds = 0; ssum_receiver_finish(scene->receiver) != SSUM_HOLDS; rounds++) {
		ck_assert_int_lt(rounds, 3);
		deliver_all_missing(scene);
	}
	assert_received(scene);
}

void spoil_checkpoint(struct scene *scene, size_t index)
{
	scene->checkpoints.values[(index - 1) * scene->checkpoints.value_length + 7] ^= 1;
}

void renew_checkpoints(struct scene *scene)
{
	uint64_t interval = scene->checkpoints.interval;

	checkpoints_clear(&scene->checkpoints);
	make_checkpoints(scene, interval);
}

void content_changed(struct scene *scene)
{
	scene->digest =
		oracle_of_bytes(reference_names[scene->algorithm], scene->content, scene->length);
	renew_checkpoints(scene);
}

void make_zero(struct scene *scene, size_t offset, size_t length)
{
	memset(scene->content + offset, 0, length);
	content_changed(scene);
}

int stop_at_segment(void *user, const struct ssum_range *segment, int verdict)
{
	return count_segment(user, segment, verdict) + 1;
}
