/* SPDX-License-Identifier: MIT */
/* Texts of error codes, and structures whose first member is their size. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/context.h"
#include "support/suite.h"

/* Whether a code is one of the library's. The compiler warns if an enumerator is missing here. */
static bool is_library_code(int code)
{
	switch ((enum ssum_error)code) {
	case SSUM_ERR_CHANGED:
	case SSUM_ERR_HOLE_NOT_ZERO:
	case SSUM_ERR_CANCELLED:
	case SSUM_ERR_ALGORITHM:
	case SSUM_ERR_TOO_LONG:
	case SSUM_ERR_NOT_REGULAR:
	case SSUM_ERR_MALFORMED:
	case SSUM_ERR_NO_MANIFEST:
	case SSUM_ERR_EMPTY:
	case SSUM_ERR_NAME:
	case SSUM_ERR_SYMLINK:
	case SSUM_ERR_MOUNT_POINT:
	case SSUM_ERR_CRYPTO:
	case SSUM_ERR_OPTIONS:
	case SSUM_ERR_UNDECIDED:
	case SSUM_ERR_FINISHED:
	case SSUM_ERR_DUPLICATE:
	case SSUM_ERR_KERNEL:
	case SSUM_ERR_NO_CHECKPOINT:
	case SSUM_ERR_CHECKPOINTS:
	case SSUM_ERR_INCOMPLETE:
	case SSUM_ERR_STATE:
	case SSUM_ERR_UNLISTED:
		return true;
	}
	return code == SSUM_HOLDS || code == SSUM_DIFFERS;
}

/* The tested codes: all codes of the library, and unknown codes below and above them. */
#define FIRST_CODE (-10100)
#define LAST_CODE 10

static bool may_have_text(int code)
{
	return is_library_code(code) || (code < 0 && code > -10000);
}

START_TEST(every_code_has_its_own_text)
{
	int found = 0;

	for (int code = FIRST_CODE; code <= LAST_CODE; code++) {
		const char *text = ssum_strerror(code);

		ck_assert_msg(text && *text, "%d", code);
		if (!may_have_text(code))
			ck_assert_str_eq(text, ssum_strerror(INT_MIN));
		if (!is_library_code(code))
			continue;
		found++;
		ck_assert_str_ne(text, ssum_strerror(INT_MIN));
		ck_assert_int_ne(text[strlen(text) - 1], '.');
		ck_assert_ptr_null(strchr(text, '\n'));
		for (int other = FIRST_CODE; other < code; other++)
			if (is_library_code(other))
				ck_assert_str_ne(text, ssum_strerror(other));
	}
	ck_assert_int_ge(found, 24);
}
END_TEST

START_TEST(errno_has_the_text_of_strerror)
{
	for (int error = 1; error < 200; error++) {
		const char *expected = strerror(error), *text = ssum_strerror(-error);

		ck_assert_ptr_nonnull(text);
		if (strncmp(expected, "Unknown", 7))
			ck_assert_str_eq(text, expected);
		else
			ck_assert_str_eq(text, ssum_strerror(INT_MIN));
	}
}
END_TEST

START_TEST(unknown_codes_have_a_text)
{
	static const int codes[] = {2,      3,     10001,  INT_MAX, INT_MIN, INT_MIN + 1,
				    -10000, -9999, -10024, -10025,  -20000,  -4096};

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		const char *text = ssum_strerror(codes[i]);

		ck_assert_ptr_nonnull(text);
		ck_assert_str_eq(text, "unknown error");
	}
}
END_TEST

/* ---- Sizes ---- */

struct today {
	size_t size;
	uint32_t a, b;
	void *c;
};

/* The same structure in other releases of the library. */
struct tomorrow {
	struct today known;
	char unknown[24];
};

static const struct today full = {.size = sizeof(full), .a = 11, .b = 22, .c = (void *)&full};

START_TEST(same_size_is_copied)
{
	struct today taken;

	assert_ok(options_copy_in(&taken, sizeof(taken), &full));
	ck_assert_uint_eq(taken.size, sizeof(taken));
	ck_assert_uint_eq(taken.a, 11);
	ck_assert_uint_eq(taken.b, 22);
	ck_assert_ptr_eq(taken.c, &full);
}
END_TEST

START_TEST(null_options_are_defaults)
{
	struct today taken;

	memset(&taken, 0xff, sizeof(taken));
	assert_ok(options_copy_in(&taken, sizeof(taken), NULL));
	ck_assert_uint_eq(taken.a + taken.b, 0);
	ck_assert_ptr_null(taken.c);
}
END_TEST

START_TEST(older_structure_has_defaults_for_the_rest)
{
	struct today old = full, taken;

	old.size = offsetof(struct today, b);
	memset(&taken, 0xff, sizeof(taken));
	assert_ok(options_copy_in(&taken, sizeof(taken), &old));
	ck_assert_uint_eq(taken.size, sizeof(taken));
	ck_assert_uint_eq(taken.a, 11);
	ck_assert_uint_eq(taken.b, 0);
	ck_assert_ptr_null(taken.c);

	old.size = sizeof(old.size);
	assert_ok(options_copy_in(&taken, sizeof(taken), &old));
	ck_assert_uint_eq(taken.a, 0);
}
END_TEST

START_TEST(newer_structure_must_be_zero_at_the_end)
{
	struct tomorrow newer = {.known = full};
	struct today taken;

	newer.known.size = sizeof(newer);
	assert_ok(options_copy_in(&taken, sizeof(taken), &newer));
	ck_assert_uint_eq(taken.size, sizeof(taken));
	ck_assert_uint_eq(taken.b, 22);
	for (size_t i = 0; i < sizeof(newer.unknown); i++) {
		newer.unknown[i] = 1;
		assert_code(options_copy_in(&taken, sizeof(taken), &newer), SSUM_ERR_OPTIONS);
		newer.unknown[i] = 0;
	}
}
END_TEST

/* If the caller did not set the size, no byte after the structure is read. */
START_TEST(impossible_size_is_refused)
{
	static const size_t sizes[] = {0,       1, sizeof(size_t) - 1, 4097, 1 << 20, SIZE_MAX / 2,
				       SIZE_MAX};
	struct today given = full, taken, untouched = full;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		given.size = untouched.size = sizes[i];
		assert_code(options_copy_in(&taken, sizeof(taken), &given), SSUM_ERR_OPTIONS);
		assert_code(options_copy_out(&given, &full, sizeof(full)), SSUM_ERR_OPTIONS);
		ck_assert_mem_eq(&given, &untouched, sizeof(given));
	}
}
END_TEST

START_TEST(copied_out_up_to_the_callers_size)
{
	static const size_t sizes[] = {8, 12, 16, sizeof(struct today), sizeof(struct tomorrow)};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct tomorrow taker;
		size_t known = sizes[i] < sizeof(full) ? sizes[i] : sizeof(full);
		const char *bytes = (const char *)&taker;

		memset(&taker, 0xee, sizeof(taker));
		taker.known.size = sizes[i];
		assert_ok(options_copy_out(&taker, &full, sizeof(full)));
		ck_assert_uint_eq(taker.known.size, sizes[i]);
		ck_assert_mem_eq(bytes + 8, (const char *)&full + 8, known - 8);
		for (size_t at = known; at < sizeof(taker); at++)
			ck_assert_int_eq((unsigned char)bytes[at], at < sizes[i] ? 0 : 0xee);
	}
	assert_ok(options_copy_out(NULL, &full, sizeof(full)));
}
END_TEST

static const struct {
	unsigned changes;
	const char *text;
} change_texts[] = {
	{0, ""},
	{1u << 20, ""},
	{SSUM_CHANGE_SIZE, "its size moved"},
	{SSUM_CHANGE_CONTENT, "its content moved"},
	{SSUM_CHANGE_MTIME | SSUM_CHANGE_CTIME, "its modification time and change time moved"},
	{SSUM_CHANGE_SIZE | SSUM_CHANGE_MTIME | SSUM_CHANGE_CTIME,
	 "its size, modification time and change time moved"},
	{SSUM_CHANGE_CTIME, "its change time moved; a hard link, chmod or chown does that without "
			    "changing the content"},
	{SSUM_CHANGE_CTIME | SSUM_CHANGE_LINKS | SSUM_CHANGE_PERMISSION,
	 "its change time, link count and permissions moved; a hard link, chmod or chown does that "
	 "without changing the content"},
	{127, "its size, modification time, change time, link count, permissions, identity and "
	      "content moved"},
};

START_TEST(text_of_changes)
{
	char text[SSUM_CHANGES_MAX];

	ssum_changes_text(change_texts[_i].changes, text);
	ck_assert_str_eq(text, change_texts[_i].text);
}
END_TEST

START_TEST(name_of_each_change)
{
	static const char *const names[] = {"size",       "modification time", "change time",
					    "link count", "permissions",       "identity",
					    "content"};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		ck_assert_str_eq(ssum_change_name(1u << i), names[i]);
	ck_assert_ptr_null(ssum_change_name(0));
	ck_assert_ptr_null(ssum_change_name(3));
	ck_assert_ptr_null(ssum_change_name(128));
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{text_of_changes, ARRAY_SIZE(change_texts)},
		{name_of_each_change, 0},
		{every_code_has_its_own_text, 0},
		{errno_has_the_text_of_strerror, 0},
		{unknown_codes_have_a_text, 0},
		{same_size_is_copied, 0},
		{null_options_are_defaults, 0},
		{older_structure_has_defaults_for_the_rest, 0},
		{newer_structure_must_be_zero_at_the_end, 0},
		{impossible_size_is_refused, 0},
		{copied_out_up_to_the_callers_size, 0},
	};

	return run_suite("error", tests, ARRAY_SIZE(tests));
}
