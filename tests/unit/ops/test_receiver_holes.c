/* SPDX-License-Identifier: MIT */
/* A receiver writes ranges of zeros as holes if the file system supports holes. */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/files.h"
#include "support/receiver.h"
#include "support/suite.h"
#include "sparsesum/receiver.h"

static blkcnt_t blocks_of(const struct scene *scene)
{
	struct stat st;

	ck_assert(!fsync(scene->options.fd) && !fstat(scene->options.fd, &st));
	return st.st_blocks;
}

START_TEST(zeros_are_written_as_holes)
{
	char *directory = scratch_new(&file_systems[_i]);
	struct scene scene;

	if (!directory)
		skip("no %s here", file_systems[_i].name);
	scene_in(&scene, directory, 0, 4 * MIB, MIB);
	make_zero(&scene, 64 * KIB, 3 * MIB);
	scene_begin(&scene);
	deliver(&scene, 0, 64 * KIB);
	deliver(&scene, 3 * MIB + 64 * KIB, MIB - 64 * KIB);
	blkcnt_t sparse = blocks_of(&scene);
	assert_ok(ssum_receiver_hole(scene.receiver, 64 * KIB, 3 * MIB));
	ck_assert_int_le(blocks_of(&scene), sparse);
	assert_received(&scene);

	/* Over other bytes, and at an unaligned offset. */
	ssum_receiver_free(scene.receiver);
	unsigned char *old = malloc(scene.length);
	fill_random(old, scene.length, &scene.seed);
	write_file(scene.path, old, scene.length);
	free(old);
	assert_ok(ssum_receiver_new(NULL, &scene.options, &scene.receiver));
	deliver(&scene, 0, 70001);
	assert_ok(ssum_receiver_hole(scene.receiver, 70001, 2 * MIB + 1));
	deliver(&scene, 2 * MIB + 70002, 2 * MIB - 70002);
	assert_received(&scene);
	ck_assert_int_le(blocks_of(&scene), (blkcnt_t)(5 * MIB / 2 / 512));
	scene_free(&scene);
	scratch_remove(directory);
}
END_TEST

/* A file system that cannot punch holes. */
START_TEST(zeros_where_holes_are_not_supported)
{
	struct scene scene;
	char *directory = scratch_here();

	if (mount("none", directory, "ramfs", 0, NULL)) {
		note_skip(__func__, "ramfs cannot be mounted: %s", strerror(errno));
		scratch_remove(directory);
		return;
	}
	scene_in(&scene, directory, 0, 300000, UNIT);
	fill_random(scene.content, scene.length, &scene.seed);
	write_file(scene.path, scene.content, scene.length);
	make_zero(&scene, 1000, 250000);
	scene_begin(&scene);
	deliver(&scene, 0, 1000);
	deliver(&scene, 251000, 49000);
	assert_ok(ssum_receiver_hole(scene.receiver, 1000, 250000));
	assert_received(&scene);
	scene_free(&scene);
	ck_assert(!umount(directory));
	scratch_remove(directory);
}
END_TEST

/* A hole overwrites data, and data overwrite a hole, before the data in front of them arrive. */
START_TEST(holes_and_data_overwrite_each_other)
{
	struct scene scene;

	scene_new(&scene, 0, UNIT, UNIT);
	scene.options.pieces = _i ? 2 : 0; /* 2: too few to remember all of them */
	make_zero(&scene, 2000, 1000);
	scene_begin(&scene);
	assert_ok(ssum_receiver_hole(scene.receiver, 1000, 3000));
	deliver_damaged(&scene, 2500, 10, 5);
	deliver(&scene, 3000, UNIT - 3000);
	deliver(&scene, 1000, 1000);
	deliver(&scene, 0, 1000);
	if (_i)
		repair(&scene);
	else
		ck_assert_int_eq(atomic_load(&scene.damaged), 1);

	scene_begin(&scene);
	assert_ok(ssum_receiver_hole(scene.receiver, 1000, 3000));
	deliver_damaged(&scene, 2500, 10, 5);
	assert_ok(ssum_receiver_hole(scene.receiver, 2499, 20));
	deliver(&scene, 3000, UNIT - 3000);
	deliver(&scene, 1000, 1000);
	deliver(&scene, 0, 1000);
	repair(&scene);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{zeros_are_written_as_holes, FILE_SYSTEMS},
		{zeros_where_holes_are_not_supported, 0},
		{holes_and_data_overwrite_each_other, 2},
	};

	return run_suite("receiver_holes", tests, ARRAY_SIZE(tests));
}
