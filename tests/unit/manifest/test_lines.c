/* SPDX-License-Identifier: MIT */
/* A text file line by line: where lines end, how much is read, and the parts of a line. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "manifest/lines.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/suite.h"

/* ---- Lines ---- */

static const size_t lengths[] = {0,      1,      65535,  65536,  65537,   131071, 131072,
				 131073, 196608, 262144, 524288, MIB - 1, MIB};

/* The caller may overwrite the byte after a line, at any length, with or without a newline. */
START_TEST(byte_after_a_line_may_be_overwritten)
{
	size_t length = lengths[_i / 2];
	bool last = _i % 2;
	char *text = malloc(length + 4), *path, *directory = scratch_here();
	struct lines lines;
	struct text line;

	memset(text, 'x', length);
	memcpy(text + length, "\nab", 3);
	path = path_in(directory, "text");
	write_file(path, text, last ? length : length + 3);
	int fd = open(path, O_RDONLY);

	assert_ok(lines_init(&lines, fd, NULL));
	for (int number = 0; number < (last ? length != 0 : 2); number++) {
		ck_assert_int_eq(lines_next(&lines, &line), 1);
		ck_assert_uint_eq(line.length, number ? 2 : length);
		ck_assert_int_eq(lines.is_cut, number || last);
		ck_assert(!lines.too_long);
		line.at[line.length] = '\0';
		ck_assert_uint_eq(strlen(line.at), line.length);
	}
	ck_assert_int_eq(lines_next(&lines, &line), 0);
	lines_free(&lines);
	close(fd);
	free(path);
	free(text);
	scratch_remove(directory);
}
END_TEST

/* With a limit on the line length, a hole of 1 TiB is not read to its end. */
START_TEST(hole_is_not_read_as_a_line)
{
	char *directory = scratch_here(), *path = path_in(directory, "hole");
	int fd = open(path, O_RDWR | O_CREAT, 0644);
	struct lines lines;
	struct text line;

	ck_assert_int_eq(write(fd, "short\n", 6), 6);
	ck_assert(!ftruncate(fd, (off_t)1 << 40));
	ck_assert(!lseek(fd, 0, SEEK_SET));
	assert_ok(lines_init(&lines, fd, NULL));
	lines.only_short = true;
	ck_assert_int_eq(lines_next(&lines, &line), 1);
	ck_assert_uint_eq(line.length, 5);
	ck_assert_int_eq(lines_next(&lines, &line), 1);
	ck_assert(lines.too_long);
	ck_assert_int_eq(lines_next(&lines, &line), 0);
	ck_assert_int_le(lseek(fd, 0, SEEK_CUR), 2 * MIB);
	lines_free(&lines);
	close(fd);
	free(path);
	scratch_remove(directory);
	tried(30, 1);
}
END_TEST

/* Descriptor 0 is read like any other. */
START_TEST(line_of_standard_input_is_ready)
{
	int ends[2], kept = dup(0);
	struct lines lines;
	struct text line;

	ck_assert(!pipe(ends) && dup2(ends[0], 0) == 0);
	assert_ok(lines_init(&lines, 0, NULL));
	ck_assert(!lines_ready(&lines));
	ck_assert_int_eq(write(ends[1], "a\n", 2), 2);
	ck_assert(lines_ready(&lines));
	ck_assert_int_eq(lines_next(&lines, &line), 1);
	ck_assert(!lines_ready(&lines));
	close(ends[1]);
	ck_assert(lines_ready(&lines));
	ck_assert_int_eq(lines_next(&lines, &line), 0);
	lines_free(&lines);
	close(ends[0]);
	ck_assert(kept < 0 ? !close(0) : dup2(kept, 0) == 0 && !close(kept));
}
END_TEST

/* ---- Parts of a line ---- */

START_TEST(digest_is_taken_from_a_line)
{
	char digits[] = "a9993e364706816aba3e25717850c26c9cd0d89d!";
	struct ssum_digest digest, abc = oracle_of_bytes("sha1", "abc", 3);

	for (size_t length = 0; length < sizeof(digits); length++) {
		struct text text = {digits, length};

		memset(&digest, 0, sizeof(digest));
		if (length < 40) {
			ck_assert(!text_take_digest(&text, 20, &digest));
			ck_assert(text.at == digits && text.length == length && !digest.length);
			continue;
		}
		ck_assert(text_take_digest(&text, 20, &digest));
		ck_assert(text.at == digits + 40 && text.length == length - 40);
		assert_digest_eq(digest, abc);
	}
	digits[39] = 'g';
	ck_assert(!text_take_digest(&(struct text){digits, 40}, 20, &digest));
}
END_TEST

START_TEST(field_ends_before_its_separator)
{
	char content[] = "one,,two";
	struct text text = {content, 8}, field;

	ck_assert(text_take_field(&text, ',', &field));
	ck_assert(field.at == content && field.length == 3);
	ck_assert(text_take_field(&text, ',', &field));
	ck_assert(field.at == content + 4 && field.length == 0);
	ck_assert(!text_take_field(&text, ',', &field));
	ck_assert(text.at == content + 5 && text.length == 3);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{byte_after_a_line_may_be_overwritten, 2 * ARRAY_SIZE(lengths)},
		{hole_is_not_read_as_a_line, 0},
		{line_of_standard_input_is_ready, 0},
		{digest_is_taken_from_a_line, 0},
		{field_ends_before_its_separator, 0},
	};

	return run_suite("lines", tests, ARRAY_SIZE(tests));
}
