/* SPDX-License-Identifier: MIT */
/* Digests as values: hexadecimal and equality. */
#include <string.h>

#include "base/bytes.h"
#include "support/suite.h"

static struct ssum_digest counting(size_t length)
{
	struct ssum_digest digest = {.length = length};

	for (size_t i = 0; i < length; i++)
		digest.bytes[i] = (unsigned char)(i * 37 + 9);
	return digest;
}

START_TEST(hex_round_trip_of_each_length)
{
	for (size_t length = 1; length <= SSUM_DIGEST_MAX; length++) {
		struct ssum_digest digest = counting(length), back;
		char hex[SSUM_HEX_MAX];

		ssum_digest_hex(&digest, hex);
		ck_assert_uint_eq(strlen(hex), 2 * length);
		ck_assert_uint_eq(strspn(hex, "0123456789abcdef"), 2 * length);
		assert_ok(ssum_digest_parse(hex, &back));
		ck_assert(ssum_digest_equal(&digest, &back));
	}
}
END_TEST

static const char *const refused[] = {
	"",   "0",    "abc",  "0g", "g0", " 00",   "00 ",
	"0 ", "0x00", "00\n", "+0", "-1", "00:00", "\xc3\xa4",
};

START_TEST(invalid_text_is_refused)
{
	struct ssum_digest digest = counting(20);

	assert_code(ssum_digest_parse(refused[_i], &digest), SSUM_ERR_MALFORMED);
	ck_assert_uint_eq(digest.length, 0);
}
END_TEST

START_TEST(upper_and_lower_case_are_parsed)
{
	struct ssum_digest lower, upper;

	assert_ok(ssum_digest_parse("0123456789abcdef", &lower));
	assert_ok(ssum_digest_parse("0123456789ABcdEF", &upper));
	ck_assert_uint_eq(lower.bytes[4], 0x89);
	ck_assert_uint_eq(lower.bytes[7], 0xef);
	ck_assert(ssum_digest_equal(&lower, &upper));
}
END_TEST

START_TEST(longest_digest_fits_exactly)
{
	char hex[2 * SSUM_DIGEST_MAX + 3];
	struct ssum_digest digest;

	memset(hex, 'a', sizeof(hex));
	hex[2 * SSUM_DIGEST_MAX] = '\0';
	assert_ok(ssum_digest_parse(hex, &digest));
	ck_assert_uint_eq(digest.length, SSUM_DIGEST_MAX);
	hex[2 * SSUM_DIGEST_MAX] = 'a';
	hex[2 * SSUM_DIGEST_MAX + 2] = '\0';
	assert_code(ssum_digest_parse(hex, &digest), SSUM_ERR_MALFORMED);
}
END_TEST

START_TEST(one_changed_bit_is_not_equal)
{
	struct ssum_digest digest = counting(32), other = digest;

	ck_assert_int_eq(ssum_digest_equal(&digest, &other), 1);
	for (size_t bit = 0; bit < 8 * 32; bit++) {
		other.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
		ck_assert_int_eq(ssum_digest_equal(&digest, &other), 0);
		other = digest;
	}
	/* A digest that is the beginning of another one is not equal to it. */
	other.length = 28;
	ck_assert_int_eq(ssum_digest_equal(&digest, &other), 0);
	ck_assert_int_eq(ssum_digest_equal(&other, &digest), 0);
	/* Bytes after the length are ignored. */
	other = digest;
	other.bytes[32] ^= 1;
	ck_assert_int_eq(ssum_digest_equal(&digest, &other), 1);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{hex_round_trip_of_each_length, 0},
		{invalid_text_is_refused, ARRAY_SIZE(refused)},
		{upper_and_lower_case_are_parsed, 0},
		{longest_digest_fits_exactly, 0},
		{one_changed_bit_is_not_equal, 0},
	};

	return run_suite("digest", tests, ARRAY_SIZE(tests));
}
