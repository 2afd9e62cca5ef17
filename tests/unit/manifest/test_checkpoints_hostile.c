/* SPDX-License-Identifier: MIT */
/* Files of checkpoints with one defect each, and the line that the error reports. */
#include <string.h>
#include <unistd.h>

#include "support/checkpoints.h"
#include "support/suite.h"
#include "sparsesum/package.h"

#define MAGIC "sparsesum-checkpoints "
#define HEAD MAGIC "1 sha1\n"
#define H39 "a9993e364706816aba3e25717850c26c9cd0d89"
#define DIGEST H39 "d"
#define VALUE "da39a3ee5e6b4b0d3255bfef95601890afd80709"
#define GOOD "file\t4097\t4096\t" DIGEST "\tname\n" VALUE "\n"

/* An entry with the four fields and one value: alone, and after a good entry. */
#define ENTRY(size, interval, digest, name)                                                        \
	"file\t" size "\t" interval "\t" digest "\t" name "\n" VALUE "\n"
#define AFTER(text) TEXT(HEAD GOOD text)
#define TEXT(text) text, sizeof(text) - 1

/* ---- One defect each ---- */

#define ALGORITHM SSUM_ERR_ALGORITHM
#define MALFORMED SSUM_ERR_MALFORMED

static const struct {
	const char *text;
	size_t length;
	int code;
	uint64_t line;
} heads[] = {
	{TEXT(""), MALFORMED, 0},
	{TEXT("\n"), MALFORMED, 1},
	{TEXT("\n" HEAD GOOD), MALFORMED, 1},
	{TEXT("\xef\xbb\xbf" HEAD), MALFORMED, 1},
	{TEXT(" " HEAD), MALFORMED, 1},
	{TEXT("# " HEAD), MALFORMED, 1},
	{TEXT("Sparsesum-checkpoints 1 sha1\n"), MALFORMED, 1},
	{TEXT("sparsesum-checkpoint 1 sha1\n"), MALFORMED, 1},
	{TEXT("sparsesum-checkpoints\t1\tsha1\n"), MALFORMED, 1},
	{TEXT("sparsesum-checkpoints\n"), MALFORMED, 1},
	{TEXT(MAGIC "\n"), MALFORMED, 1},
	{TEXT(MAGIC "1\n"), MALFORMED, 1},
	{TEXT(MAGIC "1 \n"), ALGORITHM, 1},
	{TEXT(MAGIC "0 sha1\n"), MALFORMED, 1},
	{TEXT(MAGIC "2 sha1\n" GOOD), MALFORMED, 1},
	{TEXT(MAGIC "01 sha1\n"), MALFORMED, 1},
	{TEXT(MAGIC "11 sha1\n"), MALFORMED, 1},
	{TEXT(MAGIC "1.0 sha1\n"), MALFORMED, 1},
	{TEXT(MAGIC "-1 sha1\n"), MALFORMED, 1},
	{TEXT(MAGIC "sha1\n"), MALFORMED, 1},
	{TEXT(MAGIC "1  sha1\n"), ALGORITHM, 1},
	{TEXT(MAGIC "1 sha1 \n"), ALGORITHM, 1},
	{TEXT(MAGIC "1 sha1\tx\n"), ALGORITHM, 1},
	{TEXT(MAGIC "1 sha1\r\r\n"), ALGORITHM, 1},
	{TEXT(MAGIC "1 sha1\0\n"), ALGORITHM, 1},
	{TEXT(MAGIC "1 sha1\0sha1\n"), ALGORITHM, 1},
	{TEXT(MAGIC "1 \0sha1\n"), ALGORITHM, 1},
	{TEXT(MAGIC "\0001 sha1\n"), MALFORMED, 1},
	{TEXT(MAGIC "1 sha0\n" GOOD), ALGORITHM, 1},
	{TEXT(MAGIC "1 SHA1\n" GOOD), ALGORITHM, 1},
	{TEXT(MAGIC "1 sha-1\n" GOOD), ALGORITHM, 1},
	{TEXT(MAGIC "1 ssl3-sha1\n" GOOD), ALGORITHM, 1},
	{TEXT(MAGIC "1 1.3.14.3.2.26\n" GOOD), ALGORITHM, 1},
	{TEXT(MAGIC "1 sha2-256\n"), ALGORITHM, 1},
	{TEXT(MAGIC "1 sha3-256\n"), ALGORITHM, 1},
	{TEXT(MAGIC "1 md5\n"), ALGORITHM, 1},
	{TEXT(MAGIC "1 ripemd160\n"), ALGORITHM, 1},
	{TEXT(MAGIC "1 shake128\n"), ALGORITHM, 1},
	{TEXT(MAGIC "1 sha1sha1sha1sha1sha1sha1sha1sha\n"), ALGORITHM, 1},
	{TEXT(MAGIC "1 sha1sha1sha1sha1sha1sha1sha1sha1\n"), MALFORMED, 1},
	{TEXT(MAGIC "1 sha1sha1sha1sha1sha1sha1sha1sha1sha1sha1sha1\n"), MALFORMED, 1},
	{TEXT("\x7f"
	      "ELF"),
	 MALFORMED, 1},
	{TEXT("\0"), MALFORMED, 1},
	{TEXT(DIGEST "  name\n"), MALFORMED, 1},
};

START_TEST(one_defect_in_the_head)
{
	struct all_read all;

	read_text(&all, heads[_i].text, heads[_i].length);
	ck_assert_msg(all.code == heads[_i].code, "%s: %d", heads[_i].text, all.code);
	ck_assert_uint_eq(all.line, heads[_i].line);
	ck_assert_uint_eq(all.count, 0);
	all_read_free(&all);
}
END_TEST

/* After a good entry. Each has a malformed line, and no entry after it is returned. */
static const struct {
	const char *text;
	size_t length;
	uint64_t line;
} entries[] = {
	/* the keyword */
	{AFTER("\n"), 4},
	{AFTER("\r\n"), 4},
	{AFTER(" \n"), 4},
	{AFTER("#\n"), 4},
	{AFTER("# comment\n" GOOD), 4},
	{AFTER("\n" GOOD), 4},
	{AFTER(" " GOOD), 4},
	{AFTER("File\t4097\t4096\t" DIGEST "\tn\n" VALUE "\n"), 4},
	{AFTER("files\t4097\t4096\t" DIGEST "\tn\n" VALUE "\n"), 4},
	{AFTER("file 4097\t4096\t" DIGEST "\tn\n" VALUE "\n"), 4},
	{AFTER("link\t4097\t4096\t" DIGEST "\tn\n" VALUE "\n"), 4},
	{AFTER("file"), 4},
	{AFTER("file\t"), 4},
	{AFTER("file\t\n"), 4},
	{AFTER(HEAD GOOD), 4},
	{AFTER(DIGEST "  name\n"), 4},
	{AFTER("\0" GOOD), 4},
	{AFTER("file\0\t4097\t4096\t" DIGEST "\tn\n" VALUE "\n"), 4},
	/* tabs */
	{AFTER("file\t4097 4096\t" DIGEST "\tn\n" VALUE "\n"), 4},
	{AFTER("file\t4097\t4096 " DIGEST "\tn\n" VALUE "\n"), 4},
	{AFTER("file\t4097\t4096\t" DIGEST " n\n" VALUE "\n"), 4},
	{AFTER("file\t4097\t4096" DIGEST "\tn\n" VALUE "\n"), 4},
	{AFTER("file\t\t4097\t4096\t" DIGEST "\tn\n" VALUE "\n"), 4},
	{AFTER("file\t4097\t\t4096\t" DIGEST "\tn\n" VALUE "\n"), 4},
	{AFTER("file\t4097\t4096\t\t" DIGEST "\tn\n" VALUE "\n"), 4},
	{AFTER("file\t4097\t4096\t" DIGEST "\t\tn\n" VALUE "\n"), 4},
	{AFTER("file\t4097\t4096\t" DIGEST "\tn\tm\n" VALUE "\n"), 4},
	{AFTER("file\t4097\t4096\t" DIGEST "\tn\t\n" VALUE "\n"), 4},
	{AFTER("file\t4096\t" DIGEST "\tn\n" VALUE "\n"), 4},
	{AFTER("file\t" DIGEST "\tn\n" VALUE "\n"), 4},
	{AFTER("file\tn\t4097\t4096\t" DIGEST "\n" VALUE "\n"), 4},
	/* the size */
	{AFTER(ENTRY("", "4096", DIGEST, "n")), 4},
	{AFTER(ENTRY("04097", "4096", DIGEST, "n")), 4},
	{AFTER(ENTRY("00", "4096", DIGEST, "n")), 4},
	{AFTER(ENTRY("+4097", "4096", DIGEST, "n")), 4},
	{AFTER(ENTRY("-4097", "4096", DIGEST, "n")), 4},
	{AFTER(ENTRY(" 4097", "4096", DIGEST, "n")), 4},
	{AFTER(ENTRY("4097 ", "4096", DIGEST, "n")), 4},
	{AFTER(ENTRY("4097.", "4096", DIGEST, "n")), 4},
	{AFTER(ENTRY("4097\0", "4096", DIGEST, "n")), 4},
	{AFTER(ENTRY("0x1001", "4096", DIGEST, "n")), 4},
	{AFTER(ENTRY("5e3", "4096", DIGEST, "n")), 4},
	{AFTER(ENTRY("5,000", "4096", DIGEST, "n")), 4},
	{AFTER(ENTRY("5K", "4096", DIGEST, "n")), 4},
	{AFTER(ENTRY("0", "4096", DIGEST, "n")), 4},
	{AFTER(ENTRY("1", "4096", DIGEST, "n")), 4},
	{AFTER(ENTRY("4095", "4096", DIGEST, "n")), 4},
	{AFTER(ENTRY("4096", "4096", DIGEST, "n")), 4},
	{AFTER(ENTRY("18446744073709551616", "4096", DIGEST, "n")), 4},
	{AFTER(ENTRY("18446744073709555713", "4096", DIGEST, "n")), 4}, /* 4097 + 2^64 */
	{AFTER(ENTRY("99999999999999999999999999999999", "4096", DIGEST, "n")), 4},
	{AFTER(ENTRY("2305843009213693952", "1152921504606846976", DIGEST, "n")), 4}, /* 2^61 */
	{AFTER(ENTRY("18446744073709551615", "9223372036854775808", DIGEST, "n")), 4},
	/* the interval */
	{AFTER(ENTRY("4097", "", DIGEST, "n")), 4},
	{AFTER(ENTRY("4097", "0", DIGEST, "n")), 4},
	{AFTER(ENTRY("4097", "1", DIGEST, "n")), 4},
	{AFTER(ENTRY("4097", "64", DIGEST, "n")), 4},
	{AFTER(ENTRY("4097", "4095", DIGEST, "n")), 4},
	{AFTER(ENTRY("5000", "4097", DIGEST, "n")), 4},
	{AFTER(ENTRY("9000", "6144", DIGEST, "n")), 4},
	{AFTER(ENTRY("4097", "04096", DIGEST, "n")), 4},
	{AFTER(ENTRY("4097", "-4096", DIGEST, "n")), 4},
	{AFTER(ENTRY("4097", "+4096", DIGEST, "n")), 4},
	{AFTER(ENTRY("4097", "4K", DIGEST, "n")), 4},
	{AFTER(ENTRY("4097", "0x1000", DIGEST, "n")), 4},
	{AFTER(ENTRY("4097", "8192", DIGEST, "n")), 4},
	{AFTER(ENTRY("4097", "18446744073709547520", DIGEST, "n")), 4},
	{AFTER(ENTRY("4097", "18446744073709551616", DIGEST, "n")), 4},
	{AFTER(ENTRY("4097", "18446744073709555712", DIGEST, "n")), 4}, /* 4096 + 2^64 */
	/* too many values: 65,537, and far more */
	{AFTER(ENTRY("268439553", "4096", DIGEST, "n")), 4},
	{AFTER(ENTRY("2305843009213693951", "4096", DIGEST, "n")), 4},
	/* the digest */
	{AFTER(ENTRY("4097", "4096", "", "n")), 4},
	{AFTER(ENTRY("4097", "4096", H39, "n")), 4},
	{AFTER(ENTRY("4097", "4096", DIGEST "0", "n")), 4},
	{AFTER(ENTRY("4097", "4096", DIGEST "00", "n")), 4},
	{AFTER(ENTRY("4097", "4096", DIGEST DIGEST, "n")), 4},
	{AFTER(ENTRY("4097", "4096", H39 "g", "n")), 4},
	{AFTER(ENTRY("4097", "4096", "g" H39, "n")), 4},
	{AFTER(ENTRY("4097", "4096", H39 "\0", "n")), 4},
	{AFTER(ENTRY("4097", "4096", "0x" DIGEST, "n")), 4},
	{AFTER(ENTRY("4097", "4096", " " DIGEST, "n")), 4},
	{AFTER(ENTRY("4097", "4096", DIGEST " ", "n")), 4},
	/* the name */
	{AFTER(ENTRY("4097", "4096", DIGEST, "")), 4},
	{AFTER("file\t4097\t4096\t" DIGEST "\n" VALUE "\n"), 4},
	{AFTER("file\t4097\t4096\t" DIGEST "\t\r\n" VALUE "\n"), 4},
	{AFTER("file\t4097\t4096\t" DIGEST "\t"), 4},
	{AFTER(ENTRY("4097", "4096", DIGEST, "\\")), 4},
	{AFTER(ENTRY("4097", "4096", DIGEST, "n\\")), 4},
	{AFTER(ENTRY("4097", "4096", DIGEST, "n\\\\\\")), 4},
	{AFTER(ENTRY("4097", "4096", DIGEST, "n\\x41")), 4},
	{AFTER(ENTRY("4097", "4096", DIGEST, "n\\0")), 4},
	{AFTER(ENTRY("4097", "4096", DIGEST, "n\\N")), 4},
	{AFTER(ENTRY("4097", "4096", DIGEST, "n\\ ")), 4},
	{AFTER(ENTRY("4097", "4096", DIGEST, "n\\\tm")), 4},
	{AFTER(ENTRY("4097", "4096", DIGEST, "\0")), 4},
	{AFTER(ENTRY("4097", "4096", DIGEST, "n\0")), 4},
	{AFTER(ENTRY("4097", "4096", DIGEST, "n\0m")), 4},
	{AFTER(ENTRY("4097", "4096", DIGEST, "n\\\0")), 4},
	/* too few values */
	{AFTER("file\t4097\t4096\t" DIGEST "\tn\n"), 4},
	{AFTER("file\t4097\t4096\t" DIGEST "\tn"), 4},
	{AFTER("file\t4097\t4096\t" DIGEST "\tn\n\n"), 5},
	{AFTER("file\t4097\t4096\t" DIGEST "\tn\n\n" VALUE "\n"), 5},
	{AFTER("file\t4097\t4096\t" DIGEST "\tn\n" GOOD), 5},
	{AFTER("file\t8193\t4096\t" DIGEST "\tn\n" VALUE "\n"), 5},
	{AFTER("file\t8193\t4096\t" DIGEST "\tn\n" VALUE "\n" GOOD), 6},
	/* too many */
	{AFTER(VALUE "\n"), 4},
	{AFTER(VALUE "\n" GOOD), 4},
	{TEXT(HEAD GOOD GOOD VALUE), 6},
	/* the value */
	{AFTER("file\t4097\t4096\t" DIGEST "\tn\n" H39 "\n"), 5},
	{AFTER("file\t4097\t4096\t" DIGEST "\tn\n" VALUE "0\n"), 5},
	{AFTER("file\t4097\t4096\t" DIGEST "\tn\n" VALUE " \n"), 5},
	{AFTER("file\t4097\t4096\t" DIGEST "\tn\n " VALUE "\n"), 5},
	{AFTER("file\t4097\t4096\t" DIGEST "\tn\n" VALUE VALUE "\n"), 5},
	{AFTER("file\t4097\t4096\t" DIGEST "\tn\n" VALUE "\r\r\n"), 5},
	{AFTER("file\t4097\t4096\t" DIGEST "\tn\n" VALUE "\0\n"), 5},
	{AFTER("file\t4097\t4096\t" DIGEST "\tn\n" H39 "g\n"), 5},
	{AFTER("file\t4097\t4096\t" DIGEST "\tn\n" H39 "\0\n"), 5},
	{AFTER("file\t4097\t4096\t" DIGEST "\tn\n" VALUE "  n\n"), 5},
	{AFTER("file\t4097\t4096\t" DIGEST "\tn\n0x" VALUE "\n"), 5},
};

START_TEST(one_defect_in_an_entry)
{
	struct all_read all;
	size_t good = entries[_i].line > 5 && entries[_i].text[sizeof(HEAD GOOD) - 1] == 'f' &&
		      !memcmp(entries[_i].text + sizeof(HEAD GOOD) - 1, GOOD, sizeof(GOOD) - 1);

	read_text(&all, entries[_i].text, entries[_i].length);
	ck_assert_msg(all.code == MALFORMED, "%s: %d", entries[_i].text, all.code);
	ck_assert_msg(all.line == entries[_i].line, "%s: line %d", entries[_i].text, (int)all.line);
	ck_assert_uint_eq(all.count, 1 + good);
	ck_assert_str_eq(all.entries[0].name, "name");
	all_read_free(&all);
}
END_TEST

/* The same defects, if the caller does not read values. */
START_TEST(one_defect_if_values_are_skipped)
{
	int fd = memory_file(entries[_i].text, entries[_i].length), rc;
	struct checkpoints_reader reader;
	struct ssum_checkpoints entry;

	assert_ok(checkpoints_reader_begin(&reader, fd));
	while ((rc = checkpoints_reader_next(&reader, &entry)) == 1)
		checkpoints_clear(&entry);
	checkpoints_clear(&entry);
	assert_code(rc, MALFORMED);
	ck_assert_uint_eq(reader.lines.number, entries[_i].line);
	checkpoints_reader_end(&reader);
	ck_assert(!close(fd));
}
END_TEST

/* Digests and values of one algorithm under the name of another: accepted only if the lengths are
   right. */
START_TEST(lengths_of_another_algorithm)
{
	static const char *const names[] = {"sha1", "sha224", "sha256", "sha384", "sha512"};
	static const int digests[] = {40, 56, 64, 96, 128}, values[] = {40, 64, 64, 128, 128};
	char hex[129];

	memset(hex, 'a', sizeof(hex) - 1);
	hex[128] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(digests) * ARRAY_SIZE(values); i++) {
		int digest = digests[i % 5], value = values[i / 5];
		bool good = digest == digests[_i] && value == values[_i];
		struct all_read all;
		char text[512];
		int length = snprintf(text, sizeof(text),
				      MAGIC "1 %s\nfile\t4097\t4096\t%.*s\tn\n%.*s\n", names[_i],
				      digest, hex, value, hex);

		read_text(&all, text, (size_t)length);
		assert_code(all.code, good ? 0 : MALFORMED);
		ck_assert_uint_eq(all.count, good);
		all_read_free(&all);
	}
}
END_TEST

/* A line that is too long, in place of a value and as the first line. */
START_TEST(too_long_line_is_rejected)
{
	static char text[4 * MIB];
	size_t lengths[] = {MIB + 1, MIB + 65536, 3 * MIB};
	struct all_read all;

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		size_t begin = sizeof(HEAD GOOD) - 1;

		memset(text, 'a', sizeof(text));
		memcpy(text, HEAD GOOD, begin);
		text[begin - 1] = 'a';
		memcpy(text + begin + lengths[i], "\n" GOOD, sizeof("\n" GOOD) - 1);
		read_text(&all, text, begin + lengths[i] + sizeof("\n" GOOD) - 1);
		assert_code(all.code, MALFORMED);
		ck_assert_uint_eq(all.count, 0);
		ck_assert_uint_eq(all.line, 3);
		all_read_free(&all);

		memset(text, ' ', begin);
		memcpy(text, HEAD, sizeof(HEAD) - 2);
		read_text(&all, text, begin + lengths[i] + sizeof("\n" GOOD) - 1);
		assert_code(all.code, MALFORMED);
		ck_assert_uint_eq(all.line, 1);
		all_read_free(&all);
	}
}
END_TEST

/* A hole of 1 TiB is not a line, and is rejected before its end is read. */
START_TEST(hole_is_rejected_before_its_end)
{
	struct checkpoints_reader reader;
	struct ssum_checkpoints entry = {0};
	int fd = memory_file(HEAD, _i ? sizeof(HEAD) - 1 : 0);

	alarm(20);
	ck_assert(!ftruncate(fd, (off_t)1 << 40));
	int rc = checkpoints_reader_begin(&reader, fd);

	if (_i) {
		assert_ok(rc);
		rc = checkpoints_reader_next(&reader, &entry);
	}
	assert_code(rc, SSUM_ERR_MALFORMED);
	ck_assert_int_le(lseek(fd, 0, SEEK_CUR), 2 * MIB);
	alarm(0);
	checkpoints_clear(&entry);
	checkpoints_reader_end(&reader);
	close(fd);
	tried(30, 1);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{one_defect_in_the_head, ARRAY_SIZE(heads)},
		{one_defect_in_an_entry, ARRAY_SIZE(entries)},
		{one_defect_if_values_are_skipped, ARRAY_SIZE(entries)},
		{lengths_of_another_algorithm, 5},
		{hole_is_rejected_before_its_end, 2},
		{too_long_line_is_rejected, 0},
	};

	return run_suite("checkpoints_hostile", tests, ARRAY_SIZE(tests));
}
