/* SPDX-License-Identifier: MIT */
/* A file of checkpoints cut at every byte, with every byte replaced by every other one, and with
   many random defects: nothing crashes, and only complete and unchanged checkpoints are accepted.
   */
#include <ctype.h>
#include <string.h>

#include "support/checkpoints.h"
#include "support/files.h"
#include "support/suite.h"

#define HEAD "sparsesum-checkpoints 1 sha1\n"
#define DIGEST "a9993e364706816aba3e25717850c26c9cd0d89d"
#define VALUE "da39a3ee5e6b4b0d3255bfef95601890afd80709"
#define ALGORITHM SSUM_ERR_ALGORITHM
#define MALFORMED SSUM_ERR_MALFORMED

/* ---- Truncation at every byte ---- */

static const char sample[] = HEAD "file\t9000\t4096\t" DIGEST "\ta\\tb\n" VALUE "\n" DIGEST "\n"
				  "file\t4097\t4096\t" VALUE "\tdirectory/name\n" DIGEST "\n";
#define SAMPLE_LENGTH (sizeof(sample) - 1)

/* The offsets at which the head and each entry end, without the newline. */
static size_t good_end(size_t index)
{
	static const char *const seconds[] = {"file\t9000", "file\t4097"};

	return index == 2 ? SAMPLE_LENGTH - 1
			  : (size_t)(strstr(sample, seconds[index]) - sample) - 1;
}

START_TEST(truncated_at_every_byte)
{
	for (size_t length = 0; length <= SAMPLE_LENGTH; length++) {
		struct all_read all;
		size_t whole = 0;
		bool at_end = false;

		for (size_t i = 0; i < 3; i++) {
			whole += length >= good_end(i);
			at_end = at_end || length == good_end(i) || length == good_end(i) + 1;
		}
		read_text(&all, sample, length);
		ck_assert_msg(at_end ? all.code == 0
				     : all.code == MALFORMED || all.code == ALGORITHM,
			      "%zu bytes: %d", length, all.code);
		ck_assert_uint_eq(all.count, whole ? whole - 1 : 0);
		all_read_free(&all);
	}
}
END_TEST

/* ---- Every other byte, and random ones ---- */

/* The text as the library writes it: lower case, no CR before LF, escapes in names, LF at the
   end. */
static struct bytes as_written(const char *text, size_t length)
{
	struct bytes out = {0};

	for (size_t i = 0; i < length; i++) {
		bool at_end = i + 1 == length || text[i + 1] == '\n';
		char byte = (char)tolower((unsigned char)text[i]);

		if (text[i] != '\r')
			assert_ok(bytes_append(&out, &byte, 1));
		else if (!at_end)
			assert_ok(bytes_append_string(&out, "\\r"));
	}
	if (!out.length || out.data[out.length - 1] != '\n')
		assert_ok(bytes_append_string(&out, "\n"));
	return out;
}

/* If the file is accepted, writing the entries that were read gives the same text: none was added
   or skipped. Returns whether it was accepted. */
static bool read_any(const char *text, size_t length, uint64_t seed)
{
	struct all_read all;
	bool accepted;

	read_text(&all, text, length);
	accepted = all.code == 0;
	ck_assert_msg(accepted || all.code == MALFORMED || all.code == ALGORITHM, "%d, seed %llu",
		      all.code, (unsigned long long)seed);
	if (accepted) {
		struct bytes expected = as_written(text, length);
		struct bytes written = text_of(all.algorithm, all.entries, all.count);

		for (size_t i = 0; i < written.length; i++)
			written.data[i] = (char)tolower((unsigned char)written.data[i]);
		ck_assert_msg(written.length == expected.length &&
				      !memcmp(written.data, expected.data, expected.length),
			      "seed %llu: %.*s", (unsigned long long)seed, (int)length, text);
		bytes_free(&expected);
		bytes_free(&written);
	}
	all_read_free(&all);
	return accepted;
}

START_TEST(every_byte_replaced)
{
	size_t accepted = 0;

	for (size_t at = 0; at < SAMPLE_LENGTH; at++)
		for (int byte = 0; byte < 256; byte++) {
			char text[sizeof(sample)];

			memcpy(text, sample, sizeof(sample));
			text[at] = (char)byte;
			accepted += read_any(text, SAMPLE_LENGTH, at << 8 | (unsigned)byte);
		}
	/* Changes that give a valid text: other hexadecimal digits, other last digits of sizes,
	   other names. */
	ck_assert_uint_gt(accepted, 200 * 22);
	ck_assert_uint_lt(accepted, SAMPLE_LENGTH * 60);
}
END_TEST

/* One defect: a changed byte, a removed part, a repeated part, or a field from another place. */
static size_t damage(char *text, size_t length, size_t room, uint64_t *random)
{
	static const char likely[] = "\t\n\r\\0123456789abcdefF nrt";
	size_t from = next_random(random) % (length + 1);
	size_t piece = next_random(random) % (next_random(random) % 8 ? 8 : 100);
	size_t to = next_random(random) % (length + 1);

	piece = min_u64(piece, length - from);
	switch (next_random(random) % 5) {
	case 0:
		if (from < length)
			text[from] = (char)next_random(random);
		return length;
	case 1:
		if (from < length)
			text[from] = likely[next_random(random) % (sizeof(likely) - 1)];
		return length;
	case 2:
		memmove(text + from, text + from + piece, length - from - piece);
		return length - piece;
	case 3:
		memmove(text + min_u64(to, length - piece), text + from, piece);
		return length;
	default:
		if (length + piece > room)
			return length;
		memmove(text + from + piece, text + from, length - from);
		return length + piece;
	}
}

#define ROUNDS 5000

START_TEST(random_defects)
{
	uint64_t seed = test_seed() + (uint64_t)_i, random = seed;
	size_t accepted = 0;

	printf("seed %llu\n", (unsigned long long)seed);
	for (int round = 0; round < ROUNDS; round++) {
		char text[4 * sizeof(sample)];
		size_t length = SAMPLE_LENGTH;

		memcpy(text, sample, length);
		for (uint64_t i = next_random(&random) % 4; i < 4; i++)
			length = damage(text, length, sizeof(text), &random);
		accepted += read_any(text, length, seed);
	}
	ck_assert_uint_gt(accepted, 0);
	ck_assert_uint_lt(accepted, ROUNDS);
}
END_TEST

/* Random bytes, alone or after a valid first line. */
START_TEST(random_bytes)
{
	uint64_t seed = test_seed() + (uint64_t)_i, random = seed;

	printf("seed %llu\n", (unsigned long long)seed);
	for (int round = 0; round < ROUNDS / 3; round++) {
		char text[1000];
		size_t length = next_random(&random) % sizeof(text);

		fill_random(text, length, &random);
		if (_i % 2 && length >= sizeof(HEAD))
			memcpy(text, HEAD, sizeof(HEAD) - 1);
		read_any(text, length, seed);
	}
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{truncated_at_every_byte, 0},
		{every_byte_replaced, 0},
		{random_defects, 4},
		{random_bytes, 4},
	};

	return run_suite("checkpoints_damage", tests, ARRAY_SIZE(tests));
}
