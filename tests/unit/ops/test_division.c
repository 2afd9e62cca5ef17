/* SPDX-License-Identifier: MIT */
/* Two files that are compared in parts: the division into parts, and how the files are opened. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "engine/span.h"
#include "support/parts.h"
#include "support/scratch.h"
#include "support/suite.h"

static const char *const names[FILES] = {"a", "b"};

/* ---- The parts ---- */

#define FAR (UINT64_C(1) << 42)

static const struct {
	uint64_t data[FILES][2]; /* offsets of written bytes, each in its own page; or NOWHERE */
	uint64_t length[FILES];
	enum ssum_holes holes;
	struct ssum_range parts[PARTS];
	unsigned count;
} layouts[] = {
	{{{NOWHERE, NOWHERE}, {NOWHERE, NOWHERE}}, {0, 0}, SSUM_HOLES_TRUST, {{0}}, 0},
	{{{NOWHERE, NOWHERE}, {NOWHERE, NOWHERE}}, {FAR, FAR}, SSUM_HOLES_TRUST, {{0}}, 0},
	/* A hole is not divided into parts: there would be thousands of them. */
	{{{0, NOWHERE}, {0, NOWHERE}}, {FAR, FAR}, SSUM_HOLES_TRUST, {{0, PART_LENGTH}}, 1},
	{{{0, NOWHERE}, {FAR - 1, NOWHERE}},
	 {FAR, FAR},
	 SSUM_HOLES_TRUST,
	 {{0, PART_LENGTH}, {FAR - PAGE, PAGE}},
	 2},
	/* Data in only one of the files. */
	{{{PART_LENGTH + 5, NOWHERE}, {5 * PART_LENGTH - 1, 5 * PART_LENGTH}},
	 {FAR, FAR},
	 SSUM_HOLES_TRUST,
	 {{PART_LENGTH, PART_LENGTH}, {5 * PART_LENGTH - PAGE, PART_LENGTH}},
	 2},
	{{{PAGE, 2 * PART_LENGTH}, {NOWHERE, NOWHERE}},
	 {3 * PART_LENGTH, 4 * PART_LENGTH},
	 SSUM_HOLES_TRUST,
	 {{PAGE, PART_LENGTH}, {2 * PART_LENGTH, PART_LENGTH}},
	 2},
	/* Parts end where the shorter file ends. */
	{{{0, NOWHERE}, {0, 2 * PART_LENGTH}},
	 {PART_LENGTH + 1, 3 * PART_LENGTH},
	 SSUM_HOLES_TRUST,
	 {{0, PART_LENGTH}},
	 1},
	{{{0, PART_LENGTH}, {0, PART_LENGTH}},
	 {3 * PART_LENGTH, PART_LENGTH + 1},
	 SSUM_HOLES_TRUST,
	 {{0, PART_LENGTH}, {PART_LENGTH, 1}},
	 2},
	{{{0, NOWHERE}, {NOWHERE, NOWHERE}}, {PAGE, 0}, SSUM_HOLES_TRUST, {{0}}, 0},
	/* No hole is skipped with --holes=verify or read. */
	{{{NOWHERE, NOWHERE}, {NOWHERE, NOWHERE}},
	 {PART_LENGTH + 1, 2 * PART_LENGTH},
	 SSUM_HOLES_VERIFY,
	 {{0, PART_LENGTH}, {PART_LENGTH, 1}},
	 2},
	{{{NOWHERE, NOWHERE}, {NOWHERE, NOWHERE}},
	 {PART_LENGTH, PART_LENGTH},
	 SSUM_HOLES_READ,
	 {{0, PART_LENGTH}},
	 1},
};

static void make_layout(int number)
{
	for (int i = 0; i < FILES; i++) {
		set_length(names[i], layouts[number].length[i]);
		for (int k = 0; k < 2; k++)
			if (layouts[number].data[i][k] != NOWHERE)
				poke(names[i], layouts[number].data[i][k], '\0');
	}
}

/* The common length of both files. Without SEEK_HOLE all of it is data. */
static uint64_t count_data(int number, int file, uint64_t common)
{
	uint64_t count = 0;

	if (layouts[number].holes == SSUM_HOLES_READ)
		return common;
	for (int k = 0; k < 2; k++) {
		uint64_t at = layouts[number].data[file][k] / PAGE * PAGE;

		if (layouts[number].data[file][k] != NOWHERE && at < common)
			count += min_u64(PAGE, common - at);
	}
	return count;
}

START_TEST(parts_of_each_layout)
{
	uint64_t common = min_u64(layouts[_i].length[A], layouts[_i].length[B]), compared = 0;
	struct span *none;

	trial_begin(layouts[_i].holes);
	make_layout(_i);
	trial_give(layouts[_i].count);
	ck_assert(division_at_end(&trial.division));
	ck_assert_int_eq(division_next(&trial.division, &none), 0);
	for (unsigned i = 0; i < trial.spans; i++) {
		const struct ssum_range *part = &layouts[_i].parts[i];

		ck_assert_uint_eq(trial.span[i]->start, part->offset);
		ck_assert_uint_eq(trial.span[i]->end, part->offset + part->length);
		ck_assert_uint_eq(trial.span[i]->weight, part->length);
		ck_assert_str_eq(container_of(trial.span[i], struct job, span)->path, "name");
		ck_assert_ptr_eq(container_of(trial.span[i], struct job, span)->owner,
				 &trial.division);
		assert_ok(span_run(trial.context, trial.span[i], NULL));
		trial_take(i);
		compared += part->length;
	}
	ck_assert(!trial.division.result && !trial.division.differs);
	ck_assert_uint_eq(trial.division.compared, compared);
	ck_assert_uint_eq(trial.division.skipped, common - compared);
	for (int i = 0; i < FILES; i++)
		ck_assert_uint_eq(trial.division.data[i], count_data(_i, i, common));
	trial_end();
}
END_TEST

/* Offsets are relative to the start of the content, which may start anywhere in its file. */
START_TEST(contents_after_an_offset)
{
	static const uint64_t starts[FILES] = {PAGE, 3 * PAGE};
	int fd[FILES];

	trial_begin(SSUM_HOLES_TRUST);
	for (int i = 0; i < FILES; i++) {
		set_length(names[i], starts[i] + 3 * PART_LENGTH);
		poke(names[i], starts[i] - 1, (char)i);
		poke(names[i], starts[i] + 2 * PART_LENGTH, 'x');
		fd[i] = open(names[i], O_RDONLY);
		file_source_descriptor(&trial.division.file[i].file, fd[i], starts[i],
				       SSUM_HOLES_TRUST);
		trial_watch(i);
	}
	trial_give(1);
	ck_assert(division_at_end(&trial.division));
	ck_assert_uint_eq(trial.span[0]->start, 2 * PART_LENGTH);
	ck_assert_uint_eq(trial.span[0]->end, 3 * PART_LENGTH);
	assert_ok(span_run(trial.context, trial.span[0], NULL));
	trial_take(0);
	ck_assert(!trial.division.differs);
	for (int i = 0; i < FILES; i++) {
		ck_assert_uint_eq(trial.division.length[i], 3 * PART_LENGTH);
		ck_assert_uint_eq(trial.division.data[i], PAGE);
	}
	trial_end();
	for (int i = 0; i < FILES; i++)
		close(fd[i]);
}
END_TEST

/* ---- Opening and closing ---- */

START_TEST(file_that_cannot_be_opened)
{
	trial_begin_with_parts(SSUM_HOLES_TRUST);
	trial.watch[_i].open_fails = -EACCES;
	assert_code(division_open(&trial.division, NULL), -EACCES);
	ck_assert_int_eq(trial.division.failed, _i);
	ck_assert_uint_eq(trial.watch[A].opens, trial.watch[A].closes);
	trial.watch[_i].open_fails = 0;
	trial_give(1);
	trial_end();
}
END_TEST

/* A file of unknown size may be empty; only a read shows it. */
START_TEST(file_without_a_size)
{
	trial_begin(SSUM_HOLES_TRUST);
	trial.watch[_i].has_no_size = true;
	set_length(names[1 - _i], 1);
	trial_give(0);
	ck_assert_uint_eq(trial.watch[_i].reads, 1);
	ck_assert_uint_eq(trial.watch[1 - _i].reads, 0);
	ck_assert(division_at_end(&trial.division));
	division_close(&trial.division);

	poke(names[_i], 0, 'x');
	poke(names[_i], 1, 'x');
	assert_code(division_open(&trial.division, NULL), SSUM_ERR_NOT_REGULAR);
	ck_assert_int_eq(trial.division.failed, _i);
	ck_assert_uint_eq(trial.watch[A].opens + trial.watch[B].opens,
			  trial.watch[A].closes + trial.watch[B].closes);
	trial.watch[_i].fails_at = 0;
	assert_code(division_open(&trial.division, NULL), -EIO);
	trial_end();
}
END_TEST

/* Both files are checked; the error is that of the first one that fails. */
START_TEST(check_reports_the_first_failing_file)
{
	trial_begin_with_parts(SSUM_HOLES_TRUST);
	trial_give(0);
	assert_ok(division_check(&trial.division));
	ck_assert_uint_eq(trial.watch[A].checks, 1);
	ck_assert_uint_eq(trial.watch[B].checks, 1);
	trial.watch[B].check_fails = SSUM_ERR_CHANGED;
	assert_code(division_check(&trial.division), SSUM_ERR_CHANGED);
	ck_assert_int_eq(trial.division.failed, B);
	trial.watch[A].check_fails = -EIO;
	assert_code(division_check(&trial.division), -EIO);
	ck_assert_int_eq(trial.division.failed, A);
	trial_end();
}
END_TEST

/* Start again, with changed files: no earlier result is kept. A part whose file has changed since
   is not compared. */
START_TEST(reopening_discards_earlier_results)
{
	trial_begin(SSUM_HOLES_TRUST);
	trial.division.every = true;
	for (int i = 0; i < FILES; i++) {
		set_length(names[i], 3 * PART_LENGTH);
		poke(names[i], PART_LENGTH, (char)i);
		poke(names[i], 2 * PART_LENGTH, 'x');
	}
	trial_give(2);
	division_close(&trial.division);
	division_close(&trial.division);
	ck_assert_uint_eq(trial.watch[A].closes, 1);
	assert_ok(span_run(trial.context, trial.span[0], NULL));
	shell("touch -d '1 hour ago' a");
	assert_code(span_run(trial.context, trial.span[1], NULL), SSUM_ERR_CHANGED);
	for (unsigned i = 0; i < 2; i++) {
		trial_take(i);
		division_drop(&trial.division, trial.span[i]);
	}
	ck_assert(trial.division.differs && trial.division.offset == PART_LENGTH);
	ck_assert_int_eq(trial.division.result, SSUM_ERR_CHANGED);
	ck_assert_uint_eq(trial.division.skipped, PART_LENGTH);
	ck_assert_uint_eq(trial.division.compared, PART_LENGTH);

	set_length("a", 2 * PART_LENGTH);
	trial.spans = 0;
	trial_give(0);
	ck_assert(!trial.division.result && !trial.division.differs && !trial.division.offset);
	ck_assert(!trial.division.data[A] && !trial.division.data[B] && !trial.division.compared);
	ck_assert_uint_eq(trial.division.skipped, PART_LENGTH);
	ck_assert_uint_eq(trial.division.decisive, UINT64_MAX);
	division_close(&trial.division);
	trial_give(1);
	ck_assert(division_at_end(&trial.division));
	trial_end();
	tried(17, 1);
}
END_TEST

START_TEST(rest_of_the_longer_file_is_a_difference)
{
	static const uint64_t lengths[][FILES] = {{7, 5}, {5, 7}, {5, 5}};
	struct ssum_range range = {1, 1};

	trial_begin(SSUM_HOLES_TRUST);
	for (int i = 0; i < FILES; i++)
		set_length(names[i], lengths[_i][i]);
	trial_give(0);
	ck_assert_int_eq(division_rest(&trial.division, &range), _i < 2);
	ck_assert_uint_eq(range.offset, 5);
	ck_assert_uint_eq(range.length, _i < 2 ? 2 : 0);
	ck_assert_int_eq(trial.division.differs, _i < 2);
	ck_assert_uint_eq(trial.division.offset, _i < 2 ? 5 : 0);
	trial.division.offset = 3; /* an earlier difference stays the first one */
	division_rest(&trial.division, &range);
	ck_assert_uint_eq(trial.division.offset, 3);
	trial_end();
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{parts_of_each_layout, ARRAY_SIZE(layouts)},
		{contents_after_an_offset, 0},
		{file_that_cannot_be_opened, FILES},
		{file_without_a_size, FILES},
		{check_reports_the_first_failing_file, 0},
		{reopening_discards_earlier_results, 0},
		{rest_of_the_longer_file_is_a_difference, 3},
	};

	return run_suite("division", tests, ARRAY_SIZE(tests));
}
