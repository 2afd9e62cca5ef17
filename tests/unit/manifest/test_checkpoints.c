/* SPDX-License-Identifier: MIT */
/* The checkpoints object: how many there are, and in which order they are set. */
#include <string.h>

#include "digest/stream.h"
#include "manifest/checkpoints.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/reference.h"
#include "support/suite.h"
#include "sparsesum/package.h"

#define INTERVAL 4096

static const struct {
	size_t value, digest;
} lengths[REFERENCES] = {{20, 20}, {32, 28}, {32, 32}, {64, 48}, {64, 64}};

static int begin(struct ssum_checkpoints *checkpoints, const char *name, uint64_t interval)
{
	struct algorithm algorithm;
	int rc;

	assert_ok(algorithm_find(name, &algorithm));
	rc = checkpoints_init(checkpoints, &algorithm, interval);
	ck_assert_str_eq(checkpoints->algorithm, algorithm.name);
	algorithm_release(&algorithm);
	return rc;
}

/* A value that differs for each argument. */
static struct ssum_digest numbered(uint64_t number, size_t length)
{
	struct ssum_digest value = {.length = length};

	fill_random(value.bytes, length, &number);
	return value;
}

static void set(struct ssum_checkpoints *checkpoints, uint64_t index, uint64_t number)
{
	struct ssum_digest value = numbered(number, checkpoints->value_length);

	assert_ok(checkpoints_set(checkpoints, index * checkpoints->interval, &value));
	ck_assert_uint_eq(checkpoints->count, index);
}

static void assert_value(const struct ssum_checkpoints *checkpoints, size_t index, uint64_t number)
{
	struct ssum_digest value;

	checkpoints_value(checkpoints, index, &value);
	assert_digest_eq(value, numbered(number, checkpoints->value_length));
}

/* ---- The number of checkpoints ---- */

START_TEST(interval_is_a_multiple_of_4096)
{
	static const uint64_t good[] = {
		4096, 8192, 12288, 16 * MIB, UINT64_C(1) << 63, UINT64_MAX - 4095};
	static const uint64_t bad[] = {0, 1, 64, 128, 2048, 4095, 4097, 6144, 8191, UINT64_MAX};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		ck_assert(checkpoint_interval_is_valid(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		ck_assert(!checkpoint_interval_is_valid(bad[i]));
}
END_TEST

START_TEST(no_checkpoint_at_the_end)
{
	static const struct {
		uint64_t length, interval, count;
	} rows[] = {
		{0, INTERVAL, 0},
		{1, INTERVAL, 0},
		{INTERVAL - 1, INTERVAL, 0},
		{INTERVAL, INTERVAL, 0},
		{INTERVAL + 1, INTERVAL, 1},
		{2 * INTERVAL - 1, INTERVAL, 1},
		{2 * INTERVAL, INTERVAL, 1},
		{2 * INTERVAL + 1, INTERVAL, 2},
		{65537 * INTERVAL, INTERVAL, 65536},
		{65537 * INTERVAL + 1, INTERVAL, 65537},
		{UINT64_MAX, UINT64_C(1) << 63, 1},
		{UINT64_MAX, UINT64_MAX - 4095, 1},
		{UINT64_MAX, UINT64_C(1) << 48, 65535},
		{0, UINT64_MAX - 4095, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		ck_assert_uint_eq(checkpoint_count(rows[i].length, rows[i].interval),
				  rows[i].count);
}
END_TEST

START_TEST(interval_is_doubled_for_long_files)
{
	static const struct {
		uint64_t length, wanted, interval;
	} rows[] = {
		{0, INTERVAL, INTERVAL},
		{1, 3 * INTERVAL, 3 * INTERVAL},
		{65537 * INTERVAL, INTERVAL, INTERVAL},
		{65537 * INTERVAL + 1, INTERVAL, 2 * INTERVAL},
		{2 * 65537 * (uint64_t)INTERVAL, INTERVAL, 2 * INTERVAL},
		{2 * 65537 * (uint64_t)INTERVAL + 1, INTERVAL, 4 * INTERVAL},
		{3 * 65537 * (uint64_t)INTERVAL, 3 * INTERVAL, 3 * INTERVAL},
		{3 * 65537 * (uint64_t)INTERVAL + 1, 3 * INTERVAL, 6 * INTERVAL},
		{UINT64_C(65537) << 24, 16 * MIB, 16 * MIB},
		{(UINT64_C(65537) << 24) + 1, 16 * MIB, 32 * MIB},
		{UINT64_MAX, INTERVAL, UINT64_C(1) << 48},
		{UINT64_MAX, UINT64_C(1) << 63, UINT64_C(1) << 63},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t interval = checkpoint_interval_for(rows[i].length, rows[i].wanted);

		ck_assert_uint_eq(interval, rows[i].interval);
		ck_assert_uint_le(checkpoint_count(rows[i].length, interval), CHECKPOINTS_MAX);
	}
}
END_TEST

/* ---- Setting values ---- */

START_TEST(new_object_is_empty)
{
	struct ssum_checkpoints checkpoints;

	assert_ok(begin(&checkpoints, reference_names[_i], INTERVAL));
	ck_assert_uint_eq(checkpoints.interval, INTERVAL);
	ck_assert_uint_eq(checkpoints.value_length, lengths[_i].value);
	ck_assert_uint_eq(checkpoints.count, 0);
	ck_assert_ptr_null(checkpoints.name);
	checkpoints_clear(&checkpoints);
	checkpoints_clear(&checkpoints);
}
END_TEST

START_TEST(invalid_arguments_are_refused)
{
	static const uint64_t intervals[] = {0, 1, 4095, 4097, UINT64_MAX};
	struct ssum_checkpoints checkpoints;

	for (size_t i = 0; i < ARRAY_SIZE(intervals); i++) {
		assert_code(begin(&checkpoints, "sha1", intervals[i]), SSUM_ERR_OPTIONS);
		checkpoints_clear(&checkpoints);
	}
	assert_code(begin(&checkpoints, "sha3-256", INTERVAL), SSUM_ERR_NO_CHECKPOINT);
	checkpoints_clear(&checkpoints);
	assert_code(begin(&checkpoints, "md5", 0), SSUM_ERR_NO_CHECKPOINT);
	checkpoints_clear(&checkpoints);
}
END_TEST

START_TEST(values_are_set_in_order)
{
	struct ssum_checkpoints checkpoints;

	assert_ok(begin(&checkpoints, reference_names[_i], 3 * INTERVAL));
	for (uint64_t i = 1; i <= 1000; i++) {
		set(&checkpoints, i, i);
		ck_assert_uint_le(checkpoints.capacity, i < 9 ? 16 : 2 * i);
	}
	for (size_t i = 1; i <= 1000; i++)
		assert_value(&checkpoints, i, i);
	checkpoints_clear(&checkpoints);
}
END_TEST

/* If a file is read again, from the start or from a checkpoint, its values are set again. */
START_TEST(setting_one_discards_later_ones)
{
	struct ssum_checkpoints checkpoints;

	assert_ok(begin(&checkpoints, "sha256", INTERVAL));
	for (uint64_t i = 1; i <= 40; i++)
		set(&checkpoints, i, i);
	set(&checkpoints, 40, 140);
	set(&checkpoints, 17, 117);
	set(&checkpoints, 18, 118);
	for (size_t i = 1; i <= 16; i++)
		assert_value(&checkpoints, i, i);
	assert_value(&checkpoints, 17, 117);
	assert_value(&checkpoints, 18, 118);
	set(&checkpoints, 1, 101);
	assert_value(&checkpoints, 1, 101);
	checkpoints_clear(&checkpoints);
}
END_TEST

static void assert_refused(struct ssum_checkpoints *checkpoints, uint64_t offset, size_t length)
{
	struct ssum_checkpoints before = *checkpoints;
	struct ssum_digest value = numbered(99, length <= SSUM_DIGEST_MAX ? length : 0);

	value.length = length;
	assert_code(checkpoints_set(checkpoints, offset, &value), SSUM_ERR_NO_CHECKPOINT);
	ck_assert_mem_eq(checkpoints, &before, sizeof(before));
}

START_TEST(invalid_offsets_are_refused)
{
	struct ssum_checkpoints checkpoints;
	size_t right = lengths[_i].value;

	assert_ok(begin(&checkpoints, reference_names[_i], 2 * INTERVAL));
	for (int count = 0; count < 3; count++) {
		uint64_t next = (uint64_t)(count + 1) * 2 * INTERVAL;

		assert_refused(&checkpoints, 0, right);
		assert_refused(&checkpoints, 1, right);
		assert_refused(&checkpoints, INTERVAL, right);
		assert_refused(&checkpoints, next - 1, right);
		assert_refused(&checkpoints, next + 1, right);
		assert_refused(&checkpoints, next + INTERVAL, right);
		assert_refused(&checkpoints, next + (uint64_t)2 * INTERVAL, right);
		assert_refused(&checkpoints, UINT64_C(1) << 63, right);
		assert_refused(&checkpoints, UINT64_MAX, right);
		for (size_t length = 0; length <= SSUM_DIGEST_MAX + 1; length++)
			if (length != right)
				assert_refused(&checkpoints, next, length);
		assert_refused(&checkpoints, next, SIZE_MAX);
		set(&checkpoints, (uint64_t)count + 1, 5);
	}
	checkpoints_clear(&checkpoints);
}
END_TEST

START_TEST(at_most_65536_values)
{
	struct ssum_checkpoints checkpoints;

	assert_ok(begin(&checkpoints, reference_names[_i], INTERVAL));
	for (uint64_t i = 1; i <= 65536; i++)
		set(&checkpoints, i, i);
	assert_refused(&checkpoints, UINT64_C(65537) * INTERVAL, lengths[_i].value);
	ck_assert_uint_eq(checkpoints.capacity, 65536);
	assert_value(&checkpoints, 65536, 65536);
	set(&checkpoints, 65536, 1);
	checkpoints_clear(&checkpoints);
}
END_TEST

START_TEST(largest_interval)
{
	struct ssum_checkpoints checkpoints;

	assert_ok(begin(&checkpoints, "sha512", UINT64_C(1) << 63));
	set(&checkpoints, 1, 1);
	assert_refused(&checkpoints, (UINT64_C(1) << 63) + 4096, 64);
	assert_refused(&checkpoints, 0, 64);
	checkpoints_clear(&checkpoints);
}
END_TEST

/* ---- The end ---- */

START_TEST(values_at_or_after_the_end_are_dropped)
{
	static const struct {
		uint64_t length;
		size_t count;
	} rows[] = {
		{0, 0},
		{1, 0},
		{INTERVAL - 1, 0},
		{INTERVAL, 0},
		{INTERVAL + 1, 1},
		{2 * INTERVAL, 1},
		{2 * INTERVAL + 1, 2},
		{5 * INTERVAL, 4},
		{5 * INTERVAL + 1, 5},
		{6 * INTERVAL, 5},
		/* one value or many are missing: all are dropped */
		{6 * INTERVAL + 1, 0},
		{UINT64_C(1) << 60, 0},
	};
	struct ssum_digest digest = numbered(1, lengths[_i].digest);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ssum_checkpoints checkpoints;

		assert_ok(begin(&checkpoints, reference_names[_i], INTERVAL));
		for (uint64_t j = 1; j <= 5; j++)
			set(&checkpoints, j, j);
		checkpoints_finish(&checkpoints, rows[i].length, &digest);
		ck_assert_uint_eq(checkpoints.count, rows[i].count);
		ck_assert_uint_eq(checkpoints.length, rows[i].length);
		assert_digest_eq(checkpoints.digest, digest);
		for (size_t j = 1; j <= rows[i].count; j++)
			assert_value(&checkpoints, j, j);
		checkpoints_clear(&checkpoints);
	}
}
END_TEST

/* ---- Changing values ---- */

static void set_many(struct ssum_checkpoints *checkpoints, const char *algorithm, uint64_t count)
{
	assert_ok(begin(checkpoints, algorithm, INTERVAL));
	for (uint64_t i = 1; i <= count; i++)
		set(checkpoints, i, i);
}

START_TEST(one_value_can_be_corrected)
{
	struct ssum_checkpoints checkpoints;

	for (uint64_t which = 1; which <= 4; which++) {
		set_many(&checkpoints, reference_names[_i], 4);
		struct ssum_digest value = numbered(100, checkpoints.value_length);

		checkpoints_correct(&checkpoints, which, &value);
		ck_assert_uint_eq(checkpoints.count, 4);
		for (uint64_t i = 1; i <= 4; i++)
			assert_value(&checkpoints, i, i == which ? 100 : i);
		checkpoints_clear(&checkpoints);
	}
}
END_TEST

START_TEST(clear_empties_the_object)
{
	static const struct ssum_checkpoints nothing;
	struct ssum_checkpoints checkpoints;

	set_many(&checkpoints, reference_names[_i], 4);
	assert_ok(checkpoints_set_name(&checkpoints, "name"));
	for (int i = 0; i < 2; i++) {
		checkpoints_clear(&checkpoints);
		ck_assert_mem_eq(&checkpoints, &nothing, sizeof(nothing));
	}
}
END_TEST

START_TEST(trim_keeps_the_first_values)
{
	static const size_t counts[] = {0, 1, 20, 39, 40, 41};
	struct ssum_checkpoints checkpoints;

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		size_t kept = counts[i] < 40 ? counts[i] : 40;

		set_many(&checkpoints, reference_names[_i], 40);
		size_t capacity = checkpoints.capacity;

		checkpoints_trim(&checkpoints, counts[i]);
		ck_assert_uint_eq(checkpoints.count, kept);
		ck_assert_uint_eq(checkpoints.capacity, kept < 40 ? kept : capacity);
		ck_assert(!checkpoints.values == !kept);
		for (size_t at = 1; at <= kept; at++)
			assert_value(&checkpoints, at, at);
		for (size_t at = kept + 1; at <= 50; at++)
			set(&checkpoints, at, at);
		for (size_t at = 1; at <= 50; at++)
			assert_value(&checkpoints, at, at);
		checkpoints_clear(&checkpoints);
	}
}
END_TEST

START_TEST(copy_is_independent)
{
	struct ssum_checkpoints checkpoints, copy;

	for (size_t count = 0; count < 20; count += 19) {
		set_many(&checkpoints, reference_names[_i], count);
		assert_ok(checkpoints_set_name(&checkpoints, "name"));
		assert_ok(checkpoints_copy(&copy, &checkpoints));
		checkpoints_clear(&checkpoints);
		ck_assert_ptr_null(copy.name);
		ck_assert_str_eq(copy.algorithm, reference_names[_i]);
		ck_assert_uint_eq(copy.interval, INTERVAL);
		ck_assert_uint_eq(copy.count, count);
		set(&copy, count + 1, count + 1);
		for (size_t at = 1; at <= count + 1; at++)
			assert_value(&copy, at, at);
		checkpoints_clear(&copy);
	}
}
END_TEST

/* Checkpoints belong to a content if both the algorithm and the digest are equal. */
START_TEST(algorithm_and_digest_are_compared)
{
	static const char *const algorithms[] = {"sha256", "sha512-256", "sha1"};
	struct ssum_checkpoints checkpoints;
	struct ssum_digest digests[] = {numbered(1, 32), numbered(2, 32), numbered(1, 20)};

	assert_ok(begin(&checkpoints, "sha256", INTERVAL));
	checkpoints_finish(&checkpoints, 1, &digests[0]);
	for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++) {
		struct algorithm algorithm;

		assert_ok(algorithm_find(algorithms[i], &algorithm));
		for (size_t j = 0; j < ARRAY_SIZE(digests); j++)
			ck_assert_int_eq(checkpoints_are_of(&checkpoints, &algorithm, &digests[j]),
					 !i && !j);
		algorithm_release(&algorithm);
	}
	checkpoints_clear(&checkpoints);
}
END_TEST

START_TEST(name_is_copied)
{
	struct ssum_checkpoints checkpoints;
	char name[] = "a name";

	assert_ok(begin(&checkpoints, "sha1", INTERVAL));
	assert_ok(checkpoints_set_name(&checkpoints, name));
	name[0] = 'b';
	ck_assert_str_eq(checkpoints.name, "a name");
	assert_ok(checkpoints_set_name(&checkpoints, "another"));
	ck_assert_str_eq(checkpoints.name, "another");
	assert_ok(checkpoints_set_name(&checkpoints, NULL));
	ck_assert_ptr_null(checkpoints.name);
	assert_ok(checkpoints_set_name(&checkpoints, "third"));
	checkpoints_clear(&checkpoints);
}
END_TEST

/* ---- Use of checkpoints ---- */

/* Hashing each segment from its value gives the next value, and hashing the last segment gives the
   digest. */
START_TEST(each_value_gives_the_next)
{
	static unsigned char data[7 * INTERVAL + 1234];
	const char *algorithm = reference_names[_i];
	struct ssum_checkpoints checkpoints;
	struct ssum_digest value, expected;
	struct ssum_stream *stream;
	uint64_t random = 3;

	fill_random(data, sizeof(data), &random);
	assert_ok(begin(&checkpoints, algorithm, INTERVAL));
	for (uint64_t at = INTERVAL; at < sizeof(data); at += INTERVAL) {
		value = reference_of_bytes(algorithm, data, at);
		assert_ok(checkpoints_set(&checkpoints, at, &value));
	}
	value = oracle_of_bytes(algorithm, data, sizeof(data));
	checkpoints_finish(&checkpoints, sizeof(data), &value);
	ck_assert_uint_eq(checkpoints.count, 7);

	for (size_t i = 1; i <= 7; i++) {
		checkpoints_value(&checkpoints, i, &value);
		assert_ok(ssum_stream_restore(algorithm, i * INTERVAL, &value, &stream));
		assert_ok(ssum_stream_update(stream, data + i * INTERVAL,
					     min_u64(INTERVAL, sizeof(data) - i * INTERVAL)));
		if (i < 7) {
			checkpoints_value(&checkpoints, i + 1, &expected);
			assert_ok(ssum_stream_save(stream, &value));
		} else {
			expected = checkpoints.digest;
			assert_ok(ssum_stream_final(stream, &value));
		}
		assert_digest_eq(value, expected);
		ssum_stream_free(stream);
	}
	checkpoints_clear(&checkpoints);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{interval_is_a_multiple_of_4096, 0},
		{no_checkpoint_at_the_end, 0},
		{interval_is_doubled_for_long_files, 0},
		{new_object_is_empty, REFERENCES},
		{invalid_arguments_are_refused, 0},
		{values_are_set_in_order, REFERENCES},
		{setting_one_discards_later_ones, 0},
		{invalid_offsets_are_refused, REFERENCES},
		{at_most_65536_values, REFERENCES},
		{largest_interval, 0},
		{values_at_or_after_the_end_are_dropped, REFERENCES},
		{one_value_can_be_corrected, REFERENCES},
		{clear_empties_the_object, REFERENCES},
		{trim_keeps_the_first_values, REFERENCES},
		{copy_is_independent, REFERENCES},
		{algorithm_and_digest_are_compared, 0},
		{name_is_copied, 0},
		{each_value_gives_the_next, REFERENCES},
	};

	return run_suite("checkpoints", tests, ARRAY_SIZE(tests));
}
