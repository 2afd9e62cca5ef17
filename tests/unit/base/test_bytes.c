/* SPDX-License-Identifier: MIT */
/* Bytes: the growing buffer, hexadecimal digits, zeros. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "support/files.h"
#include "support/suite.h"

START_TEST(buffer_keeps_appended_bytes)
{
	static char model[200000], piece[3000];
	uint64_t seed = test_seed(), state = seed;
	struct bytes bytes = {0};
	size_t length = 0;

	fill_random(model, sizeof(model), &state);
	while (length + sizeof(piece) < sizeof(model)) {
		size_t more = next_random(&state) % sizeof(piece);

		assert_ok(bytes_append(&bytes, model + length, more));
		length += more;
		ck_assert_uint_eq(bytes.length, length);
		ck_assert_uint_ge(bytes.capacity, bytes.length);
	}
	ck_assert_msg(!memcmp(bytes.data, model, length), "seed %llu", (unsigned long long)seed);
	bytes_free(&bytes);
	ck_assert_ptr_null(bytes.data);
	ck_assert_uint_eq(bytes.length + bytes.capacity, 0);
	bytes_free(&bytes);
}
END_TEST

START_TEST(buffer_reserves_without_appending)
{
	struct bytes bytes = {0};

	assert_ok(bytes_append_string(&bytes, "abc"));
	for (size_t more = 0; more < 5000; more += 37) {
		assert_ok(bytes_reserve(&bytes, more));
		ck_assert_uint_ge(bytes.capacity - bytes.length, more);
		ck_assert_uint_eq(bytes.length, 3);
		ck_assert_mem_eq(bytes.data, "abc", 3);
		memset(bytes.data + bytes.length, 'x', more);
	}
	bytes_free(&bytes);
}
END_TEST

/* A size that overflows would give a buffer that is too small for its content. */
START_TEST(buffer_refuses_impossible_sizes)
{
	static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 2, SIZE_MAX / 2, SIZE_MAX / 2 + 1};
	struct bytes bytes = {0};

	assert_ok(bytes_append_string(&bytes, "abc"));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		assert_code(bytes_reserve(&bytes, sizes[i]), -ENOMEM);
		ck_assert_uint_eq(bytes.length, 3);
		ck_assert_mem_eq(bytes.data, "abc", 3);
	}
	bytes_free(&bytes);
}
END_TEST

START_TEST(appending_zero_bytes)
{
	struct bytes bytes = {0};

	assert_ok(bytes_append(&bytes, NULL, 0));
	assert_ok(bytes_append_string(&bytes, ""));
	ck_assert_uint_eq(bytes.length, 0);
	bytes_free(&bytes);
}
END_TEST

START_TEST(hex_of_every_byte)
{
	for (unsigned value = 0; value < 256; value++) {
		unsigned char byte = (unsigned char)value, back = (unsigned char)~value;
		char hex[4] = {'?', '?', '?', '?'}, expected[3];

		snprintf(expected, sizeof(expected), "%02x", value);
		hex_encode(&byte, 1, hex);
		ck_assert_str_eq(hex, expected);
		ck_assert_int_eq(hex[3], '?');
		ck_assert(hex_decode(hex, 1, &back));
		ck_assert_uint_eq(back, value);
	}
}
END_TEST

/* For each pair of characters, isxdigit() and strtoul() in the C locale give the expected
   result. */
START_TEST(hex_of_every_pair_of_characters)
{
	for (unsigned pair = 0; pair < 65536; pair++) {
		char hex[] = {(char)(pair >> 8), (char)pair, '\0'};
		bool good = isxdigit((unsigned char)hex[0]) && isxdigit((unsigned char)hex[1]);
		unsigned char byte = 0;

		if (hex_decode(hex, 1, &byte) != good || (good && byte != strtoul(hex, NULL, 16)))
			ck_abort_msg("0x%04x", pair);
	}
}
END_TEST

START_TEST(one_bad_hex_digit_is_refused)
{
	unsigned char bytes[16];

	for (size_t i = 0; i < 32; i++) {
		char hex[] = "00112233445566778899aAbBcCdDeEfF";

		ck_assert(hex_decode(hex, 16, bytes));
		ck_assert_uint_eq(bytes[15], 0xff);
		hex[i] = 'g';
		ck_assert_msg(!hex_decode(hex, 16, bytes), "digit %zu", i);
		/* Bytes after the length are ignored. */
		ck_assert(hex_decode(hex, i / 2, bytes));
	}
}
END_TEST

#define ZEROS_LONGEST 300
#define ALIGNMENTS 9

/* The surrounding bytes are not zero, so reading one of them changes the result. */
static void check_zeros(unsigned char *data, size_t length)
{
	memset(data - 1, 0xff, length + 2);
	memset(data, 0, length);
	ck_assert_msg(bytes_are_zero(data, length), "%zu zeros", length);
	for (size_t i = 0; i < length; i++) {
		data[i] = i % 2 ? 0x80 : 0x01;
		if (bytes_are_zero(data, length)) /* an assertion each is slow */
			ck_abort_msg("byte %zu of %zu", i, length);
		data[i] = 0;
	}
}

START_TEST(zeros_of_each_length)
{
	static unsigned char buffer[ZEROS_LONGEST + ALIGNMENTS + 2];

	for (size_t length = 0; length <= ZEROS_LONGEST; length++)
		for (size_t offset = 0; offset < ALIGNMENTS; offset++)
			check_zeros(buffer + 1 + offset, length);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{buffer_keeps_appended_bytes, 0},
		{buffer_reserves_without_appending, 0},
		{buffer_refuses_impossible_sizes, 0},
		{appending_zero_bytes, 0},
		{hex_of_every_byte, 0},
		{hex_of_every_pair_of_characters, 0},
		{one_bad_hex_digit_is_refused, 0},
		{zeros_of_each_length, 0},
	};

	return run_suite("bytes", tests, ARRAY_SIZE(tests));
}
