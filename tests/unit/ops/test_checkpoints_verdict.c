/* SPDX-License-Identifier: MIT */
/* For any checkpoints, the verdict depends on the digest only. If the checkpoints are right,
   exactly the damaged segments are reported. */
#include <string.h>
#include <unistd.h>

#include "manifest/checkpoints.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/reference.h"
#include "support/suite.h"
#include "sparsesum/package.h"

#define INTERVAL 4096
#define SEGMENTS 12
#define LONGEST (SEGMENTS * INTERVAL)

struct content {
	unsigned char bytes[LONGEST + INTERVAL];
	size_t length;
};

struct trial {
	const char *algorithm;
	uint64_t seed, random;
	char *directory, *path;
	struct content published, found; /* `found` is the content of the file */
	struct ssum_digest digest;       /* of the published file */
	struct ssum_checkpoints checkpoints;

	struct ssum_range damaged[SEGMENTS + 2];
	size_t damaged_count;
};

static uint64_t below(struct trial *trial, uint64_t limit)
{
	return next_random(&trial->random) % limit;
}

/* Set the checkpoints to the values of a content, by the reference. */
static void set_values(struct ssum_checkpoints *checkpoints, const struct content *content,
		       size_t from)
{
	struct reference reference;

	reference_begin(&reference, checkpoints->algorithm);
	for (size_t i = 1; i <= checkpoints->count && i * INTERVAL <= content->length; i++) {
		struct ssum_digest value;

		reference_append(&reference, content->bytes + (i - 1) * INTERVAL, INTERVAL);
		value = reference_value(&reference);
		if (i >= from)
			memcpy(checkpoints->values + (i - 1) * value.length, value.bytes,
			       value.length);
	}
}

static void publish(struct trial *trial)
{
	struct ssum_digest nothing = {0};
	struct algorithm algorithm;

	trial->published.length = INTERVAL + 1 + below(trial, LONGEST - INTERVAL);
	if (below(trial, 4) == 0)
		trial->published.length -= trial->published.length % INTERVAL;
	if (trial->published.length <= INTERVAL)
		trial->published.length = 2 * INTERVAL;
	fill_random(trial->published.bytes, trial->published.length, &trial->random);
	trial->digest =
		oracle_of_bytes(trial->algorithm, trial->published.bytes, trial->published.length);
	assert_ok(algorithm_find(trial->algorithm, &algorithm));
	assert_ok(checkpoints_init(&trial->checkpoints, &algorithm, INTERVAL));
	nothing.length = trial->checkpoints.value_length;
	for (size_t i = 1; i * INTERVAL < trial->published.length; i++)
		assert_ok(checkpoints_set(&trial->checkpoints, i * INTERVAL, &nothing));
	checkpoints_finish(&trial->checkpoints, trial->published.length, &trial->digest);
	set_values(&trial->checkpoints, &trial->published, 1);
	algorithm_release(&algorithm);
	trial->found = trial->published;
}

/* ---- Damage to the file ---- */

static void damage_bytes(struct trial *trial)
{
	for (uint64_t i = below(trial, 4) + 1; i; i--)
		trial->found.bytes[below(trial, trial->found.length)] ^=
			(unsigned char)(1 + below(trial, 255));
}

static void change_length(struct trial *trial)
{
	size_t length = below(trial, LONGEST + INTERVAL);

	if (below(trial, 3) == 0)
		length -= length % INTERVAL;
	if (length > trial->found.length)
		memset(trial->found.bytes + trial->found.length, 0, length - trial->found.length);
	trial->found.length = length;
}

/* ---- Damage to the checkpoints ---- */

static void replace_values(struct trial *trial)
{
	struct ssum_checkpoints *checkpoints = &trial->checkpoints;

	for (uint64_t i = below(trial, 4) + 1; i; i--)
		fill_random(checkpoints->values +
				    below(trial, checkpoints->count) * checkpoints->value_length,
			    checkpoints->value_length, &trial->random);
}

/* Move the values by one position. */
static void shift_values(struct trial *trial)
{
	struct ssum_checkpoints *checkpoints = &trial->checkpoints;
	size_t length = (checkpoints->count - 1) * checkpoints->value_length;

	if (below(trial, 2))
		memmove(checkpoints->values, checkpoints->values + checkpoints->value_length,
			length);
	else
		memmove(checkpoints->values + checkpoints->value_length, checkpoints->values,
			length);
}

/* From a random value on, use the checkpoints of the damaged file, so that only one or two segments
   fail. */
static void use_values_of_the_damaged_file(struct trial *trial)
{
	set_values(&trial->checkpoints, &trial->found,
		   1 + (size_t)below(trial, trial->checkpoints.count));
}

/* All values are right, but the interval is wrong. */
static void change_interval(struct trial *trial)
{
	trial->checkpoints.interval = INTERVAL * (1 + below(trial, 5));
}

static void drop_values(struct trial *trial)
{
	trial->checkpoints.count = 1 + (size_t)below(trial, trial->checkpoints.count);
}

static void claim_another_length(struct trial *trial)
{
	trial->checkpoints.length = below(trial, 2) ? below(trial, 2 * LONGEST) : UINT64_MAX >> 3;
}

static void (*const edits[])(struct trial *trial) = {
	replace_values,  shift_values, use_values_of_the_damaged_file,
	change_interval, drop_values,  claim_another_length,
};

/* ---- Trials ---- */

static int take_range(void *user, const struct ssum_range *range)
{
	struct trial *trial = user;

	ck_assert_uint_lt(trial->damaged_count, ARRAY_SIZE(trial->damaged));
	trial->damaged[trial->damaged_count++] = *range;
	return 0;
}

static bool is_reported(const struct trial *trial, uint64_t offset)
{
	for (size_t i = 0; i < trial->damaged_count; i++)
		if (offset - trial->damaged[i].offset < trial->damaged[i].length)
			return true;
	return false;
}

static int judge(struct trial *trial, struct ssum_context *context)
{
	int verdict, expected = trial->found.length == trial->published.length &&
						!memcmp(trial->found.bytes, trial->published.bytes,
							trial->found.length)
					? SSUM_HOLDS
					: SSUM_DIFFERS;

	write_file(trial->path, trial->found.bytes, trial->found.length);
	trial->damaged_count = 0;
	verdict = ssum_verify_file(context, trial->path, trial->algorithm, &trial->digest,
				   &trial->checkpoints, take_range, trial);
	ck_assert_msg(verdict == expected, "%d, not %d; %zu bytes of %zu, seed %llu", verdict,
		      expected, trial->found.length, trial->published.length,
		      (unsigned long long)trial->seed);
	for (size_t i = 0; i < trial->damaged_count; i++) {
		ck_assert_uint_gt(trial->damaged[i].length, 0);
		if (i)
			ck_assert_uint_gt(trial->damaged[i].offset,
					  trial->damaged[i - 1].offset +
						  trial->damaged[i - 1].length);
	}
	if (expected == SSUM_HOLDS)
		ck_assert_uint_eq(trial->damaged_count, 0);
	return verdict;
}

/* Within the published length, a segment is reported if and only if it differs. */
static void assert_exact(const struct trial *trial)
{
	size_t length = trial->published.length;

	for (size_t at = 0; at < length; at += INTERVAL) {
		size_t end = at + INTERVAL < length ? at + INTERVAL : length;
		bool same = end <= trial->found.length &&
			    !memcmp(trial->found.bytes + at, trial->published.bytes + at, end - at);

		ck_assert_msg(is_reported(trial, at) == !same &&
				      is_reported(trial, end - 1) == !same,
			      "%zu to %zu of %zu in %zu, seed %llu", at, end, length,
			      trial->found.length, (unsigned long long)trial->seed);
	}
	ck_assert(!is_reported(trial, length));
}

static void begin_trial(struct trial *trial, int index)
{
	*trial = (struct trial){.seed = test_seed() + (uint64_t)index,
				.algorithm = reference_names[index % REFERENCES],
				.directory = scratch_here()};
	trial->random = trial->seed;
	trial->path = path_in(trial->directory, "file");
	printf("seed %llu\n", (unsigned long long)trial->seed);
}

static void end_trial(struct trial *trial)
{
	free(trial->path);
	scratch_remove(trial->directory);
}

static struct ssum_context *new_context(unsigned threads)
{
	const struct ssum_options options = {.size = sizeof(options), .threads = threads};
	struct ssum_context *context;

	assert_ok(ssum_context_new(&options, &context));
	return context;
}

#define ROUNDS 60

START_TEST(correct_checkpoints_locate_damage)
{
	static struct trial trial;
	struct ssum_context *context = new_context(1 + (unsigned)_i % 3);

	begin_trial(&trial, _i);
	for (int round = 0; round < ROUNDS; round++) {
		publish(&trial);
		if (round % 4)
			damage_bytes(&trial);
		if (round % 4 == 3)
			change_length(&trial);
		if (judge(&trial, context) == SSUM_DIFFERS)
			assert_exact(&trial);
		checkpoints_clear(&trial.checkpoints);
	}
	ssum_context_free(context);
	end_trial(&trial);
}
END_TEST

START_TEST(wrong_checkpoints_do_not_change_the_verdict)
{
	static struct trial trial;
	struct ssum_context *context = new_context(1 + (unsigned)_i % 3);

	begin_trial(&trial, _i);
	for (int round = 0; round < ROUNDS; round++) {
		publish(&trial);
		if (round % 2)
			damage_bytes(&trial);
		if (round % 8 == 3)
			change_length(&trial);
		for (uint64_t i = below(&trial, 3) + 1; i; i--)
			edits[below(&trial, ARRAY_SIZE(edits))](&trial);
		judge(&trial, context);
		checkpoints_clear(&trial.checkpoints);
	}
	ssum_context_free(context);
	end_trial(&trial);
}
END_TEST

/* With checkpoints of the damaged file, the last segment fails. With those of the published file,
   the damaged segment fails. */
START_TEST(one_segment_fails)
{
	static struct trial trial;

	begin_trial(&trial, _i);
	publish(&trial);
	trial.found.bytes[0] ^= 1;
	set_values(&trial.checkpoints, &trial.found, 1);
	ck_assert_int_eq(judge(&trial, NULL), SSUM_DIFFERS);
	ck_assert_uint_eq(trial.damaged_count, 1);
	ck_assert(is_reported(&trial, trial.published.length - 1) && !is_reported(&trial, 0));

	set_values(&trial.checkpoints, &trial.published, 1);
	ck_assert_int_eq(judge(&trial, NULL), SSUM_DIFFERS);
	assert_exact(&trial);
	checkpoints_clear(&trial.checkpoints);
	end_trial(&trial);
}
END_TEST

/* Checkpoints whose digest is that of another content are ignored. */
START_TEST(checkpoints_of_another_content_are_ignored)
{
	static struct trial trial;

	begin_trial(&trial, _i);
	publish(&trial);
	trial.checkpoints.digest.bytes[0] ^= 1;
	ck_assert_int_eq(judge(&trial, NULL), SSUM_HOLDS);
	damage_bytes(&trial);
	ck_assert_int_eq(judge(&trial, NULL), SSUM_DIFFERS);
	ck_assert_uint_eq(trial.damaged_count, 0);
	checkpoints_clear(&trial.checkpoints);
	end_trial(&trial);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{correct_checkpoints_locate_damage, 3 * REFERENCES},
		{wrong_checkpoints_do_not_change_the_verdict, 6 * REFERENCES},
		{one_segment_fails, REFERENCES},
		{checkpoints_of_another_content_are_ignored, REFERENCES},
	};

	return run_suite("checkpoints_verdict", tests, ARRAY_SIZE(tests));
}
