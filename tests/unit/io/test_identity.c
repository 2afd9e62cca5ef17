/* SPDX-License-Identifier: MIT */
/* The identity of a file on disk: equality, and the text that journals and saved states keep. */
#include <string.h>

#include "io/identity.h"
#include "support/suite.h"

static const struct file_identity samples[] = {
	{0, 0, 0, {0, 0}, {0, 0}},
	{64769, 1234567, 4096, {1700000000, 5}, {1700000001, 999999999}},
	{1, 2, 3, {-5, 6}, {-1, 0}},
	{UINT64_MAX, UINT64_MAX, UINT64_MAX, {INT64_MIN, UINT32_MAX}, {INT64_MAX, UINT32_MAX}},
};

START_TEST(text_round_trip)
{
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		char text[IDENTITY_MAX];
		struct file_identity parsed;

		identity_format(text, &samples[i]);
		ck_assert_ptr_null(strpbrk(text, " \t\n"));
		ck_assert(identity_parse(text, strlen(text), &parsed));
		for (size_t j = 0; j < ARRAY_SIZE(samples); j++)
			ck_assert_int_eq(identity_equal(&parsed, &samples[j]), i == j);

		/* A truncated text is refused, or is another identity. */
		for (size_t length = 0; length < strlen(text); length++)
			ck_assert(!identity_parse(text, length, &parsed) ||
				  !identity_equal(&parsed, &samples[i]));
	}
}
END_TEST

START_TEST(text_format)
{
	static const char expected[] = "64769:1234567:4096:1700000000.000000005:"
				       "1700000001.999999999";
	char text[IDENTITY_MAX];

	identity_format(text, &samples[1]);
	ck_assert_str_eq(text, expected);
}
END_TEST

START_TEST(invalid_texts_are_refused)
{
	static const char *const texts[] = {
		"",
		"1",
		"1:2:3",
		"1:2:3:4.000000000",
		"1:2:3:4.000000000:",
		"1:2:3:4.000000000:5",
		"1:2:3:4.000000000:5.00000000",
		"1:2:3:4.000000000:5.0000000000",
		"1:2:3:4.000000000:5.000000000 ",
		"1:2:3:4.000000000:5.000000000\n",
		"1:2:3:4.000000000:5.000000000:",
		" 1:2:3:4.000000000:5.000000000",
		"1: 2:3:4.000000000:5.000000000",
		"+1:2:3:4.000000000:5.000000000",
		"-1:2:3:4.000000000:5.000000000",
		"01:2:3:4.000000000:5.000000000",
		"0x1:2:3:4.000000000:5.000000000",
		"1:2:3:-0.000000000:5.000000000",
		"1:2:3:4.-00000001:5.000000000",
		"18446744073709551616:2:3:4.000000000:5.000000000",
		"1:2:3:9223372036854775808.000000000:5.000000000",
		"1:2:3:4.000000000:5.99999999999",
		"1\t2\t3\t4\t0\t5\t0",
	};
	struct file_identity parsed;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		ck_assert_msg(!identity_parse(texts[i], strlen(texts[i]), &parsed), "%s", texts[i]);

	/* A NUL ends the copy that is scanned, and not the text. */
	static const char nul[] = "1:2:3:4.000000000:5.000000000\0";
	ck_assert(identity_parse(nul, sizeof(nul) - 2, &parsed));
	ck_assert(!identity_parse(nul, sizeof(nul) - 1, &parsed));

	char longest[4096];
	memset(longest, '1', sizeof(longest));
	ck_assert(!identity_parse(longest, sizeof(longest), &parsed));
	tried(20, ARRAY_SIZE(texts));
}
END_TEST

START_TEST(each_member_is_compared)
{
	const struct stat st = {.st_dev = 1,
				.st_ino = 2,
				.st_size = 3,
				.st_mtim = {4, 5},
				.st_ctim = {6, 7},
				.st_atim = {8, 9}};
	struct stat other[] = {st, st, st, st, st, st, st};

	other[0].st_dev++;
	other[1].st_ino++;
	other[2].st_size++;
	other[3].st_mtim.tv_sec--;
	other[4].st_mtim.tv_nsec--;
	other[5].st_ctim.tv_sec--;
	other[6].st_ctim.tv_nsec--;
	const struct file_identity identity = identity_of(&st);
	static const unsigned expected[] = {SSUM_CHANGE_FILE,  SSUM_CHANGE_FILE,  SSUM_CHANGE_SIZE,
					    SSUM_CHANGE_MTIME, SSUM_CHANGE_MTIME, SSUM_CHANGE_CTIME,
					    SSUM_CHANGE_CTIME};
	struct file_identity changed;
	for (size_t i = 0; i < ARRAY_SIZE(other); i++) {
		changed = identity_of(&other[i]);
		ck_assert(!identity_equal(&identity, &changed));
		ck_assert_uint_eq(identity_changes(&identity, &changed), expected[i]);
	}

	other[0] = st;
	other[0].st_atim.tv_sec++;
	other[0].st_nlink++;
	other[0].st_mode ^= 0111;
	changed = identity_of(&other[0]);
	ck_assert(identity_equal(&identity, &changed));
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{text_round_trip, 0},
		{text_format, 0},
		{invalid_texts_are_refused, 0},
		{each_member_is_compared, 0},
	};

	return run_suite("identity", tests, ARRAY_SIZE(tests));
}
