/* SPDX-License-Identifier: MIT */
/* Streams that are saved in the middle and continued from there. */
#include <string.h>

#include "base/common.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/reference.h"
#include "support/streams.h"
#include "support/suite.h"

/* Lengths of blocks and of chaining values, in the order of reference_names. */
static const size_t block_lengths[REFERENCES] = {64, 64, 64, 128, 128};
static const size_t value_lengths[REFERENCES] = {20, 32, 32, 64, 64};

static struct ssum_digest save(const struct ssum_stream *stream)
{
	struct ssum_digest value;

	assert_ok(ssum_stream_save(stream, &value));
	return value;
}

/* For every block of a message: the chaining value is that of FIPS 180-4, and a stream restored
   from it has the right digest. */
static void restore_at_every_block(int row, const unsigned char *data, size_t length)
{
	const char *algorithm = reference_names[row];
	struct ssum_digest expected = oracle_of_bytes(algorithm, data, length);
	struct ssum_stream *stream = new_stream(algorithm), *restored;
	struct reference reference;

	reference_begin(&reference, algorithm);
	for (size_t at = 0; at <= length; at += block_lengths[row]) {
		size_t step = min_u64(block_lengths[row], length - at);
		struct ssum_digest value = save(stream);

		ck_assert_uint_eq(value.length, value_lengths[row]);
		assert_digest_eq(value, reference_value(&reference));
		assert_ok(ssum_stream_restore(algorithm, at, &value, &restored));
		assert_digest_eq(save(restored), value);
		assert_ok(ssum_stream_update(restored, data + at, length - at));
		assert_digest_eq(finish_stream(restored), expected);

		assert_ok(ssum_stream_update(stream, data + at, step));
		reference_append(&reference, data + at, step);
	}
	assert_digest_eq(finish_stream(stream), expected);
}

START_TEST(streams_resume_at_every_block)
{
	static const size_t tails[] = {0, 1, 55, 56, 63, 64, 111, 112, 127};
	unsigned char data[20 * 128 + 127];
	uint64_t random = 7;

	fill_random(data, sizeof(data), &random);
	for (size_t blocks = 0; blocks <= 20; blocks++)
		for (size_t i = 0; i < ARRAY_SIZE(tails); i++)
			if (tails[i] < block_lengths[_i])
				restore_at_every_block(_i, data,
						       blocks * block_lengths[_i] + tails[i]);
}
END_TEST

START_TEST(no_chaining_value_within_a_block)
{
	unsigned char data[3 * 128];
	struct ssum_stream *stream = new_stream(reference_names[_i]);
	uint64_t random = 8;

	fill_random(data, sizeof(data), &random);
	for (size_t at = 0; at < sizeof(data); at++) {
		struct ssum_digest value = {.length = 1};
		bool whole = at % block_lengths[_i] == 0;

		assert_code(ssum_stream_save(stream, &value), whole ? 0 : SSUM_ERR_NO_CHECKPOINT);
		ck_assert_uint_eq(value.length, whole ? value_lengths[_i] : 0);
		assert_ok(ssum_stream_update(stream, data + at, 1));
	}
	assert_digest_eq(finish_stream(stream),
			 oracle_of_bytes(reference_names[_i], data, sizeof(data)));
}
END_TEST

START_TEST(zeros_give_the_same_chaining_values)
{
	static const unsigned char zeros[64 * KIB];

	for (size_t length = 0; length <= sizeof(zeros); length = length ? 4 * length : 256) {
		struct ssum_stream *stream = new_stream(reference_names[_i]), *restored;
		struct ssum_digest value;

		assert_ok(ssum_stream_zeros(stream, length));
		value = save(stream);
		assert_digest_eq(value, reference_of_bytes(reference_names[_i], zeros, length));
		assert_ok(ssum_stream_restore(reference_names[_i], length, &value, &restored));
		assert_ok(ssum_stream_zeros(restored, sizeof(zeros) - length));
		assert_digest_eq(finish_stream(restored),
				 oracle_of_bytes(reference_names[_i], zeros, sizeof(zeros)));
		ssum_stream_free(stream);
	}
}
END_TEST

/* Any chaining value is accepted, and is returned unchanged. */
START_TEST(any_chaining_value_is_accepted)
{
	uint64_t seed = test_seed(), random = seed;

	for (int round = 0; round < 200; round++) {
		struct ssum_digest value = {.length = value_lengths[_i]}, back;
		uint64_t offset = next_random(&random) >> 4 << 12 >> (next_random(&random) % 52);
		struct ssum_stream *stream;

		fill_random(value.bytes, value.length, &random);
		offset -= offset % block_lengths[_i];
		assert_ok(ssum_stream_restore(reference_names[_i], offset % (UINT64_C(1) << 61),
					      &value, &stream));
		back = save(stream);
		ck_assert_msg(ssum_digest_equal(&value, &back), "seed %llu",
			      (unsigned long long)seed);
		ssum_stream_free(stream);
	}
}
END_TEST

/* The bytes before the restored position are part of the length. */
START_TEST(large_offsets_are_counted)
{
	static const uint64_t offsets[] = {
		128,
		UINT64_C(1) << 29,
		UINT64_C(1) << 32,
		(UINT64_C(1) << 61) - 128,
		UINT64_C(1) << 61,
		UINT64_MAX - 127,
	};
	struct ssum_stream *stream = new_stream(reference_names[_i]);
	struct ssum_digest initial = save(stream);

	ssum_stream_free(stream);
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		if (_i < 3 && offsets[i] >> 61)
			continue;
		assert_ok(ssum_stream_restore(reference_names[_i], offsets[i], &initial, &stream));
		assert_ok(ssum_stream_update(stream, "abc", 3));
		assert_digest_eq(finish_stream(stream),
				 reference_pretends(reference_names[_i], offsets[i], "abc"));
	}
}
END_TEST

START_TEST(restored_stream_keeps_the_length_limit)
{
	uint64_t last = _i < 3 ? (UINT64_C(1) << 61) - 64 : UINT64_MAX - 127;
	size_t room = block_lengths[_i] - 1;
	struct ssum_digest value = {.length = value_lengths[_i]};
	struct ssum_stream *stream;

	assert_ok(ssum_stream_restore(reference_names[_i], last, &value, &stream));
	assert_code(ssum_stream_zeros(stream, room + 1), SSUM_ERR_TOO_LONG);
	assert_ok(ssum_stream_zeros(stream, room));
	assert_code(ssum_stream_update(stream, "x", 1), SSUM_ERR_TOO_LONG);
	finish_stream(stream);
}
END_TEST

static void assert_not_restored(const char *algorithm, uint64_t offset, size_t value_length,
				int code)
{
	struct ssum_digest value = {.length = value_length};
	struct ssum_stream *stream = (void *)&value;

	assert_code(ssum_stream_restore(algorithm, offset, &value, &stream), code);
	ck_assert_ptr_null(stream);
}

START_TEST(invalid_positions_are_refused)
{
	const char *algorithm = reference_names[_i];
	size_t right = value_lengths[_i];

	for (size_t length = 0; length <= SSUM_DIGEST_MAX + 1; length++)
		if (length != right)
			assert_not_restored(algorithm, 0, length, SSUM_ERR_NO_CHECKPOINT);
	assert_not_restored(algorithm, 0, SIZE_MAX, SSUM_ERR_NO_CHECKPOINT);

	for (uint64_t offset = 1; offset < 2 * block_lengths[_i]; offset++)
		if (offset % block_lengths[_i])
			assert_not_restored(algorithm, offset, right, SSUM_ERR_NO_CHECKPOINT);
	assert_not_restored(algorithm, UINT64_MAX, right, SSUM_ERR_NO_CHECKPOINT);
	if (_i < 3) {
		assert_not_restored(algorithm, UINT64_C(1) << 61, right, SSUM_ERR_NO_CHECKPOINT);
		assert_not_restored(algorithm, UINT64_MAX - 63, right, SSUM_ERR_NO_CHECKPOINT);
	}
}
END_TEST

START_TEST(algorithms_of_libcrypto_have_no_checkpoints)
{
	static const char *const others[] = {"sha3-256", "md5", "sm3", "blake2b512", "sha512-256"};
	struct ssum_digest value = {.length = 1};
	struct ssum_stream *stream = new_stream(others[_i]);

	assert_code(ssum_stream_save(stream, &value), SSUM_ERR_NO_CHECKPOINT);
	ck_assert_uint_eq(value.length, 0);
	ssum_stream_free(stream);
	for (size_t length = 0; length <= SSUM_DIGEST_MAX; length += 4)
		assert_not_restored(others[_i], 0, length, SSUM_ERR_NO_CHECKPOINT);
	assert_not_restored("nonsense", 0, 20, SSUM_ERR_ALGORITHM);
	assert_not_restored("", 0, 20, SSUM_ERR_ALGORITHM);
}
END_TEST

START_TEST(no_chaining_value_after_the_digest)
{
	struct ssum_stream *stream = new_stream(reference_names[_i]);
	struct ssum_digest value;

	assert_ok(ssum_stream_final(stream, &value));
	assert_code(ssum_stream_save(stream, &value), SSUM_ERR_FINISHED);
	ck_assert_uint_eq(value.length, 0);
	ssum_stream_free(stream);
}
END_TEST

START_TEST(restored_by_default_and_by_alias)
{
	struct ssum_stream *stream = new_stream(NULL), *restored;
	struct ssum_digest value = save(stream);

	ssum_stream_free(stream);
	assert_ok(ssum_stream_restore(NULL, 0, &value, &restored));
	assert_digest_eq(finish_stream(restored), oracle_of_bytes("sha1", "", 0));
	assert_ok(ssum_stream_restore("SHA1", 0, &value, &restored));
	assert_digest_eq(finish_stream(restored), oracle_of_bytes("sha1", "", 0));
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{streams_resume_at_every_block, REFERENCES},
		{no_chaining_value_within_a_block, REFERENCES},
		{zeros_give_the_same_chaining_values, REFERENCES},
		{any_chaining_value_is_accepted, REFERENCES},
		{large_offsets_are_counted, REFERENCES},
		{restored_stream_keeps_the_length_limit, REFERENCES},
		{invalid_positions_are_refused, REFERENCES},
		{algorithms_of_libcrypto_have_no_checkpoints, 5},
		{no_chaining_value_after_the_digest, REFERENCES},
		{restored_by_default_and_by_alias, 0},
	};

	return run_suite("stream_restore", tests, ARRAY_SIZE(tests));
}
