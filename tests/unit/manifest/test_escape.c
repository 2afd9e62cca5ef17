/* SPDX-License-Identifier: MIT */
/* Escape sequences in names. */
#include <string.h>

#include "manifest/lines.h"
#include "support/files.h"
#include "support/suite.h"

static const struct {
	char raw;
	char letter;
	bool in_name; /* otherwise escaped only in fields of comment lines */
} escapes[] = {{'\\', '\\', true}, {'\n', 'n', true}, {'\r', 'r', true}, {'\t', 't', false}};

static const enum escape_set sets[] = {ESCAPE_NAME, ESCAPE_FIELD};
#define SETS 2

/* the character after the backslash, or 0 if the byte is not escaped */
static char letter_of(char byte, enum escape_set set)
{
	for (size_t i = 0; i < ARRAY_SIZE(escapes); i++)
		if (escapes[i].raw == byte && (escapes[i].in_name || set == ESCAPE_FIELD))
			return escapes[i].letter;
	return 0;
}

static void check_both_ways(const char *name, enum escape_set set)
{
	char expected[64] = "";
	struct bytes text = {0};
	size_t n = 0;

	for (const char *byte = name; *byte; byte++) {
		char letter = letter_of(*byte, set);

		if (letter)
			expected[n++] = '\\';
		expected[n++] = letter ? letter : *byte;
	}
	/* An assertion for each name would take seconds. */
	if (bytes_reserve(&text, 1) || escape_append(&text, name, set) || text.length != n ||
	    (n && memcmp(text.data, expected, n)) || escape_needed(name, set) != (n > strlen(name)))
		ck_abort_msg("%s", name);

	size_t length = text.length;
	if (!unescape(text.data, &length, set) || length != strlen(name) ||
	    (n && memcmp(text.data, name, length)))
		ck_abort_msg("%s", name);
	bytes_free(&text);
}

/* hazard 29 */
START_TEST(round_trip_of_every_pair_of_bytes)
{
	for (int first = 1; first < 256; first++) {
		for (int second = 0; second < 256; second++) {
			const char name[] = {(char)first, (char)second, '\0'};
			const char within[] = {'a', (char)first, (char)second, 'b', '\0'};

			check_both_ways(name, sets[_i]);
			if (second)
				check_both_ways(within, sets[_i]);
		}
	}
	check_both_ways("", sets[_i]);
	tried(29, 65025);
}
END_TEST

START_TEST(unknown_escapes_are_refused)
{
	for (int byte = 0; byte < 256; byte++) {
		char text[] = {'a', '\\', (char)byte, 'b', '\0'}, expected = 0;
		size_t length = 4;

		for (size_t i = 0; i < ARRAY_SIZE(escapes); i++)
			if (escapes[i].letter == (char)byte && letter_of(escapes[i].raw, sets[_i]))
				expected = escapes[i].raw;
		ck_assert_msg(unescape(text, &length, sets[_i]) == (expected != 0), "byte %d",
			      byte);
		if (expected) {
			const char all[] = {'a', expected, 'b'};

			ck_assert_uint_eq(length, 3);
			ck_assert_mem_eq(text, all, 3);
		}
	}
}
END_TEST

static const struct {
	const char *text;
	size_t length;
	bool good;
} texts[] = {
	{"", 0, true},         {"\\", 1, false},          {"a\\", 2, false}, {"\\\\\\", 3, false},
	{"\\\\\\\\", 4, true}, {"\\n\\n\\n\\", 7, false}, {"\0", 1, false},  {"a\0b", 3, false},
	{"a\\\0", 3, false},   {"\t", 1, true},           {"\r", 1, true},   {"\\ n", 3, false},
};

START_TEST(text_is_escaped)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		char *copy = malloc(texts[i].length + 1);
		size_t length = texts[i].length;

		memcpy(copy, texts[i].text, length);
		ck_assert_msg(unescape(copy, &length, sets[_i]) == texts[i].good, "text %zu", i);
		free(copy);
	}
}
END_TEST

/* Bytes before and after the text are not changed. */
START_TEST(appended_after_existing_text)
{
	struct bytes text = {0};

	assert_ok(bytes_append_string(&text, "a\n"));
	assert_ok(escape_append(&text, "b\nc", sets[_i]));
	ck_assert_uint_eq(text.length, 6);
	ck_assert_mem_eq(text.data, "a\nb\\nc", 6);
	size_t length = 2;

	ck_assert(unescape(text.data + 3, &length, sets[_i]));
	ck_assert_uint_eq(length, 1);
	ck_assert_mem_eq(text.data, "a\nb\n", 4);
	ck_assert_int_eq(text.data[5], 'c');
	bytes_free(&text);
}
END_TEST

/* Bytes after the text are ignored, even if they would complete an escape. */
START_TEST(unescape_stops_at_the_length)
{
	char text[] = "a\\nb";
	size_t length = 2;

	ck_assert(!unescape(text, &length, sets[_i]));
	ck_assert_str_eq(text, "a\\nb");
	length = 0;
	ck_assert(unescape(text, &length, sets[_i]));
	ck_assert_uint_eq(length, 0);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{round_trip_of_every_pair_of_bytes, SETS},
		{unknown_escapes_are_refused, SETS},
		{text_is_escaped, SETS},
		{appended_after_existing_text, SETS},
		{unescape_stops_at_the_length, SETS},
	};

	return run_suite("escape", tests, ARRAY_SIZE(tests));
}
