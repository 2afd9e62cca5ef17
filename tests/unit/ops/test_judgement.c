/* SPDX-License-Identifier: MIT */
/* Which segments hold: every set of damaged segments, with every set of wrong checkpoints, against
   libcrypto's result for each. */
#include <string.h>

#include "engine/span.h"
#include "ops/judgement.h"
#include "support/checkpoints.h"
#include "support/files.h"
#include "support/memory_source.h"
#include "support/oracle.h"
#include "support/reference.h"
#include "support/suite.h"
#include "sparsesum/package.h"

#define INTERVAL 4096
#define SEGMENTS 5
#define SIZE (4 * INTERVAL + 100)

/* ---- A trial ---- */

#define ALGORITHMS 2

struct trial {
	unsigned damaged; /* bit i: segment i differs from the published content */
	unsigned wrong;   /* bit i: the value after segment i is wrong; for the last segment, the
			     digest */
	size_t of;        /* index of the algorithm with the wrong values */
	bool corrects;

	unsigned char published[SIZE], found[SIZE];
	struct ssum_checkpoints checkpoints[ALGORITHMS];
	struct ssum_checkpoints *listed[ALGORITHMS];
	struct algorithms algorithms;
	struct memory_source memory;
	struct ssum_context *context;
	struct judgement judgement;
};

static bool has(unsigned bits, size_t index)
{
	return bits >> index & 1;
}

static void begin(struct trial *trial)
{
	static const char *const names[] = {"sha1", "sha256", NULL};
	uint64_t random = 1;

	fill_random(trial->published, SIZE, &random);
	memcpy(trial->found, trial->published, SIZE);
	for (size_t i = 0; i < SEGMENTS; i++)
		trial->found[i * INTERVAL + i] ^= has(trial->damaged, i);
	for (size_t i = 0; i < ALGORITHMS; i++) {
		trial->listed[i] = &trial->checkpoints[i];
		true_checkpoints(trial->listed[i], names[i], INTERVAL, trial->published, SIZE);
	}
	for (size_t i = 1; i < SEGMENTS; i++)
		trial->listed[trial->of]
			->values[(i - 1) * trial->listed[trial->of]->value_length] ^=
			has(trial->wrong, i - 1);
	trial->listed[trial->of]->digest.bytes[0] ^= has(trial->wrong, SEGMENTS - 1);

	assert_ok(algorithms_find(names, &trial->algorithms, &(const char *){NULL}));
	trial->memory = memory_source_of(trial->found, SIZE);
	assert_ok(judgement_init(&trial->judgement, &trial->algorithms, trial->listed, SIZE));
	trial->judgement.corrects = trial->corrects;
	assert_ok(ssum_context_new(NULL, &trial->context));
}

static void end(struct trial *trial)
{
	judgement_end(&trial->judgement);
	judgement_end(&trial->judgement); /* a second call has no effect */
	ssum_context_free(trial->context);
	algorithms_release(&trial->algorithms);
	for (size_t i = 0; i < ALGORITHMS; i++)
		checkpoints_clear(trial->listed[i]);
}

/* Run the chain, and record the segments that it hashed. */
static bool run(struct trial *trial, struct segment_chain *chain, size_t first, size_t last)
{
	uint64_t end = last < SEGMENTS - 1 ? (last + 1) * INTERVAL : SIZE;

	assert_ok(span_run(trial->context, &chain->job.span, NULL));
	ck_assert_uint_eq(chain->job.span.start, first * INTERVAL);
	ck_assert_uint_eq(chain->job.span.length, end - first * INTERVAL);
	ck_assert_uint_eq(chain->job.span.weight, chain->job.span.end - chain->job.span.start);
	return chain_judge(chain);
}

/* ---- Expected results ---- */

/* Whether the data of a segment and the values before and after it are as published. */
static bool segment_is_good(const struct trial *trial, size_t i)
{
	return !has(trial->damaged, i) && !has(trial->wrong, i) && !(i && has(trial->wrong, i - 1));
}

static size_t first_not_held(const struct trial *trial)
{
	size_t i = 0;

	while (i < SEGMENTS && trial->judgement.holds[i])
		i++;
	return i;
}

static void judge_each(struct trial *trial)
{
	for (size_t i = 0; i < SEGMENTS; i++) {
		struct segment_chain chain;

		assert_ok(chain_init(&chain, &trial->judgement, &trial->memory.source, i, i + 1));
		ck_assert_int_eq(run(trial, &chain, i, i), segment_is_good(trial, i));
		chain_clear(&chain);
		ck_assert_int_eq(trial->judgement.holds[i], segment_is_good(trial, i));
	}
	for (size_t from = 0; from <= SEGMENTS; from++) {
		size_t failed = judgement_find(trial->judgement.holds, SEGMENTS, from, false);

		ck_assert(failed >= from &&
			  (failed == SEGMENTS || !trial->judgement.holds[failed]));
		for (size_t i = from; i < failed; i++)
			ck_assert(trial->judgement.holds[i]);
	}
}

/* The last segment of a chain that starts at `first`. The chain ends at the first right value, or
   where all later segments hold. */
static size_t chain_end(const struct trial *trial, size_t first, bool *meets)
{
	size_t last = SEGMENTS - 1;

	while (last > first && trial->judgement.holds[last])
		last--;
	for (size_t i = first; i < last; i++) {
		if (has(trial->damaged, i))
			break;
		if (!has(trial->wrong, i)) {
			*meets = true;
			return i;
		}
	}
	*meets = !has(trial->wrong, last);
	for (size_t i = first; i <= last; i++)
		*meets = *meets && !has(trial->damaged, i);
	return last;
}

/* With `corrects`, if the chain holds, the listed values within it are replaced by those of the
   content. All others are unchanged. */
static void assert_corrected(const struct trial *trial, const struct ssum_checkpoints *before,
			     bool holds, size_t first, size_t last)
{
	for (size_t i = 1; i < SEGMENTS; i++) {
		bool passed = trial->corrects && holds && i > first && i <= last;
		struct ssum_digest value, expected;

		checkpoints_value(trial->listed[trial->of], i, &value);
		checkpoints_value(before, i, &expected);
		if (passed)
			expected =
				reference_of_bytes(before->algorithm, trial->found, i * INTERVAL);
		assert_digest_eq(value, expected);
	}
}

static bool run_chain(struct trial *trial, size_t first)
{
	struct ssum_checkpoints before;
	struct segment_chain chain;
	bool expected, holds;
	size_t last = chain_end(trial, first, &expected);

	assert_ok(checkpoints_copy(&before, trial->listed[trial->of]));
	assert_ok(chain_init_failed(&chain, &trial->judgement, &trial->memory.source));
	holds = run(trial, &chain, first, last);
	ck_assert_int_eq(holds, expected);
	for (size_t i = first; i <= last && holds; i++)
		ck_assert(trial->judgement.holds[i]);
	/* Damaged data do not match for either algorithm, a wrong digest only for its own. */
	for (size_t i = 0; i < ALGORITHMS; i++)
		ck_assert_int_eq(
			!judgement_expects(&trial->judgement, i, chain.end, &chain.end_values[i]),
			!holds && (trial->damaged >> first << first ||
				   (i == trial->of && has(trial->wrong, last))));
	assert_corrected(trial, &before, holds, first, last);
	chain_clear(&chain);
	chain_clear(&chain);
	checkpoints_clear(&before);
	return holds;
}

/* Judge each segment alone, then run chains over the failed ones until a chain does not hold. */
static void try_damage(struct trial *trial)
{
	bool holds = true;

	begin(trial);
	ck_assert_uint_eq(judgement_proven(&trial->judgement), 0);
	judge_each(trial);
	while (holds && first_not_held(trial) < SEGMENTS) {
		size_t first = first_not_held(trial);

		ck_assert_uint_eq(judgement_proven(&trial->judgement), first);
		holds = run_chain(trial, first);
	}
	/* Whether the content holds depends only on its digest, not on the checkpoints. */
	ck_assert_int_eq(holds, !trial->damaged && !has(trial->wrong, SEGMENTS - 1));
	ck_assert_int_eq(judgement_proven(&trial->judgement) == SEGMENTS, holds);
	end(trial);
}

START_TEST(every_damage_with_every_wrong_value)
{
	for (unsigned damaged = 0; damaged < 1 << SEGMENTS; damaged++)
		for (unsigned wrong = 0; wrong < 1 << SEGMENTS; wrong++)
			try_damage(&(struct trial){.damaged = damaged,
						   .wrong = wrong,
						   .of = (size_t)_i % 2,
						   .corrects = _i / 2});
}
END_TEST

/* ---- The number of segments ---- */

static const struct {
	uint64_t values, length, segments;
} counts[] = {
	{0, 0, 1},        {0, 100 * INTERVAL, 1},  {4, 0, 1},    {4, INTERVAL - 1, 1},
	{4, INTERVAL, 2}, {4, SIZE - INTERVAL, 4}, {4, SIZE, 5}, {4, 100 * INTERVAL, 5},
};

START_TEST(number_of_segments_of_a_length)
{
	struct ssum_checkpoints checkpoints, *listed[] = {&checkpoints};
	struct algorithms algorithms;
	struct judgement judgement;
	uint64_t length = counts[_i].length, count = counts[_i].segments;
	static const unsigned char zeros[SIZE];

	true_checkpoints(&checkpoints, "sha1", INTERVAL, zeros, counts[_i].values * INTERVAL + 1);
	ck_assert_uint_eq(checkpoints.count, counts[_i].values);
	assert_ok(algorithms_find(NULL, &algorithms, &(const char *){NULL}));
	assert_ok(judgement_init(&judgement, &algorithms, listed, length));
	ck_assert_uint_eq(judgement.count, count);
	for (size_t i = 0; i < count; i++)
		ck_assert_uint_eq(judgement_offset(&judgement, i), i * INTERVAL);
	ck_assert_uint_eq(judgement_offset(&judgement, count), length);
	ck_assert_uint_eq(judgement_proven(&judgement), 0);
	judgement_end(&judgement);
	algorithms_release(&algorithms);
	checkpoints_clear(&checkpoints);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{every_damage_with_every_wrong_value, 2 * ALGORITHMS},
		{number_of_segments_of_a_length, ARRAY_SIZE(counts)},
	};

	return run_suite("judgement", tests, ARRAY_SIZE(tests));
}
