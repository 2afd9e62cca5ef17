/* SPDX-License-Identifier: MIT */
/* A receiver gets its file in order, in any order, and in pieces of any size. */
#include <unistd.h>

#include "support/files.h"
#include "support/maps.h"
#include "support/oracle.h"
#include "support/receiver.h"
#include "support/suite.h"
#include "sparsesum/receiver.h"

/* ---- In order ---- */

START_TEST(pieces_in_order)
{
	static const size_t sizes[] = {1, 63, 1400, 4096, 5000, 100000};
	struct scene scene;

	scene_new(&scene, _i, 50001, 2 * UNIT);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		scene_begin(&scene);
		for (uint64_t at = 0; at < scene.length; at += sizes[i]) {
			ck_assert_int_eq(atomic_load(&scene.good), (int)(at / (2 * UNIT)));
			deliver_best(&scene, at, min_u64(sizes[i], scene.length - at));
		}
		ck_assert_int_eq(atomic_load(&scene.good), scene_segments(&scene));
		ck_assert_int_eq(atomic_load(&scene.damaged), 0);
		assert_received(&scene);
	}
	scene_free(&scene);
}
END_TEST

START_TEST(every_length)
{
	static const size_t lengths[] = {0,        1,        63,           64,         UNIT - 1,
					 UNIT,     UNIT + 1, 2 * UNIT - 1, 2 * UNIT,   2 * UNIT + 1,
					 3 * UNIT, 9999,     65536,        65536 + 100};
	uint64_t seed = test_seed();

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++)
		for (int with = 0; with < 3; with++) {
			struct scene scene;

			scene_seeded(&scene, _i, lengths[i], with == 1 ? 65536 : UNIT,
				     next_random(&seed));
			if (!with)
				scene.options.checkpoints = NULL;
			scene_begin(&scene);
			ck_assert_uint_eq((size_t)lseek(scene.options.fd, 0, SEEK_END), lengths[i]);
			if (lengths[i])
				assert_code(ssum_receiver_finish(scene.receiver),
					    SSUM_ERR_INCOMPLETE);
			repair(&scene);
			assert_received(&scene);
			if (!with && lengths[i])
				ck_assert_int_eq(atomic_load(&scene.good), 1);
			scene_free(&scene);
		}
}
END_TEST

/* The digest of an empty file is known. */
START_TEST(empty_file_with_a_wrong_digest)
{
	struct scene scene;

	scene_new(&scene, 0, 0, UNIT);
	scene.options.checkpoints = NULL;
	scene.digest.bytes[3] ^= 1;
	scene_begin(&scene);
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_DIFFERS);
	ck_assert_str_eq(missing_of(&scene), "");
	scene_free(&scene);
}
END_TEST

/* An algorithm of libcrypto has no checkpoints, and needs none. */
START_TEST(algorithms_without_checkpoints)
{
	struct scene scene;

	scene_new(&scene, 0, 30000, UNIT);
	scene.options.checkpoints = NULL;
	scene.options.algorithm = "sha3-256";
	scene.digest = oracle_of_bytes("sha3-256", scene.content, scene.length);
	scene_begin(&scene);
	deliver(&scene, 20000, 10000);
	deliver_damaged(&scene, 0, 20000, 100);
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_DIFFERS);
	ck_assert_str_eq(missing_of(&scene), "0+30000 ");
	repair(&scene);
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_HOLDS);
	scene_free(&scene);
}
END_TEST

/* ---- Any order ---- */

START_TEST(pieces_in_random_order)
{
	uint64_t seed = test_seed() + (uint64_t)_i;
	size_t length = 1 + (size_t)(next_random(&seed) % 150000);
	uint64_t interval = UNIT * (1 + next_random(&seed) % 5);
	struct scene scene;

	scene_seeded(&scene, _i % REFERENCES, length, interval, seed);
	if (next_random(&scene.seed) % 5 == 0)
		scene.options.checkpoints = NULL;
	if (next_random(&scene.seed) % 2)
		scene.options.pieces = 1 + (size_t)(next_random(&scene.seed) % 20);
	scene_begin(&scene);
	deliver_randomly(&scene, &scene.seed, (int)(next_random(&scene.seed) % 400));
	if (scene.options.pieces)
		ck_assert_uint_le(scene.receiver->pieces, scene.options.pieces);
	repair_all(&scene);
	scene_free(&scene);
}
END_TEST

START_TEST(pieces_in_reverse_order)
{
	struct scene scene;

	scene_start(&scene, _i, 40000, 2 * UNIT);
	for (uint64_t at = scene.length; at; at -= 100)
		deliver_best(&scene, at - 100, 100);
	ck_assert_int_eq(atomic_load(&scene.good), scene_segments(&scene));
	ck_assert_int_eq(atomic_load(&scene.damaged), 0);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

/* Only data that were not hashed when they arrived are read back. A change of data that are not
   read back is not detected. */
START_TEST(reads_back_only_what_is_needed)
{
	struct scene scene;

	scene_new(&scene, 0, UNIT, UNIT);
	fill_random(scene.content, scene.length, &scene.seed);
	content_changed(&scene);
	scene_begin(&scene);
	deliver(&scene, 0, 1000);
	deliver(&scene, 2000, 1000); /* this segment is read back */
	ck_assert_int_eq(pwrite(scene.options.fd, "changed", 7, 500), 7);
	deliver(&scene, 1000, 1000);
	deliver(&scene, 3000, UNIT - 3000);
	ck_assert_int_eq(atomic_load(&scene.good), 1);

	scene_begin(&scene);
	deliver(&scene, 0, 1000);
	deliver(&scene, 2000, 1000);
	ck_assert_int_eq(pwrite(scene.options.fd, "changed", 7, 2500), 7);
	deliver(&scene, 1000, 1000);
	deliver(&scene, 3000, UNIT - 3000);
	ck_assert_int_eq(atomic_load(&scene.damaged), 1);
	scene_free(&scene);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{pieces_in_order, REFERENCES},       {every_length, REFERENCES},
		{empty_file_with_a_wrong_digest, 0}, {algorithms_without_checkpoints, 0},
		{pieces_in_random_order, MAP_SEEDS}, {pieces_in_reverse_order, REFERENCES},
		{reads_back_only_what_is_needed, 0},
	};

	return run_suite("receiver_order", tests, ARRAY_SIZE(tests));
}
