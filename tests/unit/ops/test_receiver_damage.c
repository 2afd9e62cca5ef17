/* SPDX-License-Identifier: MIT */
/* A receiver finds damaged segments, and wrong checkpoints do not change its result. */
#include "support/files.h"
#include "support/receiver.h"
#include "support/suite.h"
#include "sparsesum/receiver.h"

/* ---- Damage ---- */

START_TEST(damage_is_located)
{
	struct scene scene;

	scene_start(&scene, _i, 10 * UNIT + 77, UNIT);
	deliver(&scene, 0, 3 * UNIT);
	deliver_damaged(&scene, 3 * UNIT, 2 * UNIT, UNIT + 5);
	deliver(&scene, 5 * UNIT, 4 * UNIT);
	deliver_damaged(&scene, 9 * UNIT, UNIT + 77, UNIT + 76);
	ck_assert_int_eq(atomic_load(&scene.damaged), 2);
	ck_assert_str_eq(missing_of(&scene), "16384+4096 40960+77 ");
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_DIFFERS);
	ck_assert_str_eq(missing_of(&scene), "16384+4096 40960+77 ");
	deliver(&scene, 4 * UNIT, UNIT);
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_DIFFERS);
	repair(&scene);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

START_TEST(every_wrong_byte_is_found)
{
	struct scene scene;

	scene_new(&scene, _i, 2 * UNIT + 100, UNIT);
	for (uint64_t at = 0; at < scene.length;
	     at += 1 + next_random(&scene.seed) % (_i ? 40 : 2)) {
		scene_begin(&scene);
		deliver_damaged(&scene, 0, scene.length, at);
		ck_assert_int_eq(atomic_load(&scene.damaged), 1);
		assert_code(ssum_receiver_finish(scene.receiver), SSUM_DIFFERS);
	}
	scene_free(&scene);
}
END_TEST

START_TEST(proven_segments_are_not_overwritten)
{
	static const char rubbish[3 * UNIT] = "rubbish";
	struct scene scene;

	scene_start(&scene, 0, 3 * UNIT, UNIT);
	deliver(&scene, 0, UNIT);
	deliver(&scene, 2 * UNIT, UNIT);
	assert_ok(ssum_receiver_write(scene.receiver, 0, rubbish, sizeof(rubbish)));
	assert_ok(ssum_receiver_hole(scene.receiver, 0, sizeof(rubbish)));
	ck_assert_int_eq(atomic_load(&scene.damaged), 2); /* both times the middle segment */
	ck_assert_str_eq(missing_of(&scene), "4096+4096 ");
	deliver(&scene, UNIT, UNIT);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

START_TEST(last_write_to_a_range_is_used)
{
	struct scene scene;

	scene_new(&scene, 0, UNIT, UNIT);
	for (uint64_t at = 0; at + 100 <= UNIT - 100; at += 37) {
		scene_begin(&scene);
		deliver(&scene, 0, UNIT / 2);
		deliver(&scene, UNIT - 100, 50);
		deliver_damaged(&scene, at, 100, 50);
		deliver(&scene, at, 100);
		deliver(&scene, UNIT / 2, UNIT / 2);
		ck_assert_int_eq(atomic_load(&scene.good), 1);

		scene_begin(&scene);
		deliver(&scene, 0, UNIT - 100);
		deliver_damaged(&scene, at, 100, 50);
		deliver(&scene, UNIT - 100, 100);
		ck_assert_int_eq(atomic_load(&scene.damaged), 1);
	}
	scene_free(&scene);
}
END_TEST

/* ---- Wrong checkpoints ---- */

START_TEST(wrong_checkpoints_do_not_change_the_result)
{
	uint64_t seed = test_seed();
	struct scene scene;

	for (unsigned mask = 0; mask < 32; mask++) {
		scene_seeded(&scene, _i, 6 * UNIT - 5, UNIT, next_random(&seed));
		for (size_t i = 0; i < 5; i++)
			if (mask >> i & 1)
				spoil_checkpoint(&scene, i + 1);
		scene_begin(&scene);
		deliver(&scene, 0, scene.length);
		ck_assert_int_eq(atomic_load(&scene.damaged) > 0, mask > 0);
		assert_received(&scene);

		scene_begin(&scene);
		deliver_damaged(&scene, 0, scene.length, 3 * UNIT + mask);
		assert_code(ssum_receiver_finish(scene.receiver), SSUM_DIFFERS);
		repair_all(&scene);
		scene_free(&scene);
	}
}
END_TEST

/* If data and checkpoints are wrong, the right segments between them are still found. */
START_TEST(wrong_checkpoints_and_damage)
{
	struct scene scene;

	scene_new(&scene, _i, 9 * UNIT, UNIT);
	spoil_checkpoint(&scene, 2);
	scene_begin(&scene);
	deliver(&scene, 0, 6 * UNIT);
	deliver_damaged(&scene, 6 * UNIT, UNIT, 9);
	deliver(&scene, 7 * UNIT, 2 * UNIT);
	ck_assert_str_eq(missing_of(&scene), "4096+8192 24576+4096 ");
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_DIFFERS);
	ck_assert_str_eq(missing_of(&scene), "24576+4096 ");
	repair(&scene);
	assert_received(&scene);
	ck_assert_int_eq(atomic_load(&scene.good), scene_segments(&scene));
	scene_free(&scene);
}
END_TEST

/* Checkpoints from an attacker that match other data: all segments hold, but not the digest. */
START_TEST(checkpoints_of_wrong_data)
{
	struct scene scene;

	scene_new(&scene, _i, 4 * UNIT, UNIT);
	scene.content[UNIT + 1] ^= 1;
	renew_checkpoints(&scene);
	scene_begin(&scene);
	deliver(&scene, 0, scene.length);
	ck_assert_int_eq(atomic_load(&scene.good), 3);
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_DIFFERS);
	ck_assert_str_eq(missing_of(&scene), "12288+4096 ");
	scene_free(&scene);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{damage_is_located, REFERENCES},
		{every_wrong_byte_is_found, REFERENCES},
		{proven_segments_are_not_overwritten, 0},
		{last_write_to_a_range_is_used, 0},
		{wrong_checkpoints_do_not_change_the_result, REFERENCES},
		{wrong_checkpoints_and_damage, REFERENCES},
		{checkpoints_of_wrong_data, REFERENCES},
	};

	return run_suite("receiver_damage", tests, ARRAY_SIZE(tests));
}
