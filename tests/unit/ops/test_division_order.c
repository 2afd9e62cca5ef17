/* SPDX-License-Identifier: MIT */
/* Two files that are compared in parts, in any order: which part decides the result, and which
   parts are not read any more. */
#include <errno.h>

#include "engine/span.h"
#include "support/parts.h"
#include "support/suite.h"

/* After a part with an error, no part is made or read. The parts before it are still read. */
START_TEST(error_in_a_part)
{
	trial_begin_with_parts(SSUM_HOLES_TRUST);
	trial.watch[_i].fails_at = PART_LENGTH;
	trial_give(PARTS - 1);
	assert_code(span_run(trial.context, trial.span[1], NULL), -EIO);
	assert_ok(span_run(trial.context, trial.span[0], NULL));
	ck_assert_uint_eq(trial.span[0]->length, PART_LENGTH);
	trial_take(0);
	ck_assert(!trial.division.result && !division_at_end(&trial.division));
	trial_take(1);
	ck_assert_int_eq(trial.division.result, -EIO);
	ck_assert_int_eq(trial.division.failed, _i);
	ck_assert(division_at_end(&trial.division) && !trial.division.differs);
	uint64_t compared = trial.division.compared;

	trial_reset_counts();
	assert_ok(span_run(trial.context, trial.span[2], NULL));
	ck_assert_uint_eq(trial.span[2]->length, 0);
	ck_assert_uint_eq(trial.watch[A].reads + trial.watch[B].reads, 0);
	trial_take(2);
	ck_assert_int_eq(trial.division.result, -EIO);
	ck_assert_int_eq(trial.division.failed, _i);
	ck_assert_uint_eq(trial.division.compared, compared);
	trial_end();
	tried(20, 1);
}
END_TEST

/* Parts after the first difference do not change the result, even if they run before it. */
START_TEST(difference_in_a_part)
{
	trial_begin_with_parts(SSUM_HOLES_TRUST);
	poke("b", PART_LENGTH + 1, '!');
	poke("b", 2 * PART_LENGTH, '!');
	trial.watch[B].fails_at = 3 * PART_LENGTH;
	trial_give(PARTS);
	assert_code(span_run(trial.context, trial.span[3], NULL), -EIO);
	assert_ok(span_run(trial.context, trial.span[2], NULL));
	assert_ok(span_run(trial.context, trial.span[1], NULL));
	assert_ok(span_run(trial.context, trial.span[0], NULL));
	for (unsigned i = 0; i < PARTS; i++) {
		trial_take(i);
		ck_assert_int_eq(trial.division.result, 0);
		ck_assert_int_eq(trial.division.differs, i > 0);
		ck_assert_uint_eq(trial.division.offset, i > 0 ? PART_LENGTH + 1 : 0);
		ck_assert_uint_eq(trial.division.data[B], i > 0 ? 2 * PAGE : PAGE);
	}
	ck_assert_int_eq(trial.division.failed, A);
	ck_assert_uint_eq(trial.division.compared, PART_LENGTH + trial.span[1]->length);
	trial_end();
}
END_TEST

/* After a part with a difference, no part is made. Later parts that exist are not read; earlier
   ones are. */
START_TEST(later_parts_are_not_read_after_a_difference)
{
	struct span *none;

	trial_begin_with_parts(SSUM_HOLES_READ);
	poke("b", PART_LENGTH + 1, '!');
	trial_give(PARTS - 1);
	assert_ok(span_run(trial.context, trial.span[1], NULL));
	ck_assert(part_sink(trial.span[1])->differs);
	trial_reset_counts();
	assert_ok(span_run(trial.context, trial.span[2], NULL));
	ck_assert_uint_eq(trial.span[2]->length, 0);
	ck_assert_uint_eq(trial.watch[A].reads + trial.watch[B].reads, 0);
	assert_ok(span_run(trial.context, trial.span[0], NULL));
	ck_assert_uint_eq(trial.span[0]->length, PART_LENGTH);
	for (unsigned i = 0; i < trial.spans; i++) {
		ck_assert_int_eq(division_at_end(&trial.division), i == 2);
		trial_take(i);
	}
	ck_assert_int_eq(division_next(&trial.division, &none), 0);
	trial_end();
}
END_TEST

/* If an earlier part decides meanwhile, a running part finishes its current read and stops. */
START_TEST(running_part_stops_after_a_difference)
{
	trial_begin_with_parts(SSUM_HOLES_READ);
	trial_give(PARTS);
	trial.watch[A].decides_at = 2 * PART_LENGTH;
	trial.watch[A].decides = PART_LENGTH;
	assert_ok(span_run(trial.context, trial.span[2], NULL));
	ck_assert_uint_eq(trial.watch[A].reads, 1);
	ck_assert_uint_eq(trial.watch[B].reads, 0);
	/* A part does not stop itself. */
	assert_ok(span_run(trial.context, trial.span[1], NULL));
	ck_assert_uint_eq(trial.span[1]->length, PART_LENGTH);
	trial_end();
}
END_TEST

/* If every difference is requested, all parts are read until an error occurs. */
START_TEST(all_parts_are_read_for_all_differences)
{
	trial_begin_with_parts(SSUM_HOLES_TRUST);
	trial.division.every = true;
	poke("b", 5, '!');
	poke("b", 2 * PART_LENGTH + 6, '!');
	trial.watch[A].fails_at = 3 * PART_LENGTH;
	trial_give(PARTS);
	for (unsigned i = 0; i < PARTS; i++) {
		ck_assert_int_eq(span_run(trial.context, trial.span[i], NULL), i == 3 ? -EIO : 0);
		if (i < 3) {
			const struct differences *differences =
				&part_sink(trial.span[i])->differences;

			ck_assert_uint_eq(differences->count, i != 1);
			ck_assert(i == 1 ||
				  differences->ranges[0].offset == i * PART_LENGTH + 5 + i / 2);
		}
		trial_take(i);
		ck_assert(trial.division.differs);
		ck_assert_uint_eq(trial.division.offset, 5);
	}
	ck_assert_uint_eq(trial.division.data[B], 3 * PAGE);
	ck_assert_int_eq(trial.division.result, -EIO);
	trial_end();
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{error_in_a_part, FILES},
		{difference_in_a_part, 0},
		{later_parts_are_not_read_after_a_difference, 0},
		{running_part_stops_after_a_difference, 0},
		{all_parts_are_read_for_all_differences, 0},
	};

	return run_suite("division_order", tests, ARRAY_SIZE(tests));
}
