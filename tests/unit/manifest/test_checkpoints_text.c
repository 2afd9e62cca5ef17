/* SPDX-License-Identifier: MIT */
/* Valid files of checkpoints: writing, reading, long lines, many entries. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/checkpoints.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/reference.h"
#include "support/suite.h"
#include "sparsesum/package.h"

#define INTERVAL 4096
#define HEAD "sparsesum-checkpoints 1 sha1\n"
#define DIGEST "a9993e364706816aba3e25717850c26c9cd0d89d"
#define VALUE "da39a3ee5e6b4b0d3255bfef95601890afd80709"
#define ENTRY(name) "file\t4097\t4096\t" DIGEST "\t" name "\n" VALUE "\n"

/* Checkpoints that belong to no content: random values and a random digest. */
static void make(struct ssum_checkpoints *checkpoints, const char *algorithm_name, const char *name,
		 uint64_t count, uint64_t *random)
{
	struct algorithm algorithm;
	struct ssum_digest value;
	uint64_t interval = INTERVAL * (1 + next_random(random) % 5);

	assert_ok(algorithm_find(algorithm_name, &algorithm));
	assert_ok(checkpoints_init(checkpoints, &algorithm, interval));
	value.length = checkpoints->value_length;
	for (uint64_t i = 1; i <= count; i++) {
		fill_random(value.bytes, value.length, random);
		assert_ok(checkpoints_set(checkpoints, i * interval, &value));
	}
	fill_random(value.bytes, value.length, random);
	value.length = algorithm.digest_length;
	checkpoints_finish(checkpoints, count * interval + 1 + next_random(random) % interval,
			   &value);
	ck_assert_uint_eq(checkpoints->count, count);
	assert_ok(checkpoints_set_name(checkpoints, name));
	algorithm_release(&algorithm);
}

/* ---- Writing and reading ---- */

START_TEST(written_text)
{
	struct algorithm algorithm;
	struct ssum_checkpoints entry;
	struct ssum_digest value;

	assert_ok(algorithm_find("sha1", &algorithm));
	assert_ok(checkpoints_init(&entry, &algorithm, INTERVAL));
	assert_ok(ssum_digest_parse(VALUE, &value));
	assert_ok(checkpoints_set(&entry, INTERVAL, &value));
	assert_ok(ssum_digest_parse(DIGEST, &value));
	checkpoints_finish(&entry, INTERVAL + 1, &value);
	assert_ok(checkpoints_set_name(&entry, "a\tb\\c\nd\re f/\xff"));

	struct bytes text = text_of("sha1", &entry, 1);
	assert_ok(bytes_append(&text, "", 1));
	ck_assert_str_eq(text.data, HEAD ENTRY("a\\tb\\\\c\\nd\\re f/\xff"));
	bytes_free(&text);
	checkpoints_clear(&entry);
}
END_TEST

/* Write the entries, read them back, and clear them. */
static void assert_come_back(const char *algorithm, struct ssum_checkpoints *entries, size_t count)
{
	struct bytes text = text_of(algorithm, entries, count);
	struct all_read all;

	read_text(&all, text.data, text.length);
	assert_code(all.code, 0);
	ck_assert_str_eq(all.algorithm, algorithm);
	ck_assert_uint_eq(all.count, count);
	for (size_t i = 0; i < count; i++) {
		assert_same_checkpoints(&all.entries[i], &entries[i]);
		checkpoints_clear(&entries[i]);
	}
	all_read_free(&all);
	bytes_free(&text);
}

/* Several entries of any size, in each algorithm. */
START_TEST(written_entries_are_read_back)
{
	uint64_t seed = test_seed() + (uint64_t)_i, random = seed;
	const char *algorithm = reference_names[_i % REFERENCES];
	struct ssum_checkpoints entries[20];
	size_t count = next_random(&random) % ARRAY_SIZE(entries);
	char name[32];

	printf("seed %llu\n", (unsigned long long)seed);
	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%zu \\\t%zu\n\r", i, i);
		make(&entries[i], algorithm, name, 1 + next_random(&random) % 300, &random);
	}
	assert_come_back(algorithm, entries, count);
}
END_TEST

START_TEST(names_of_every_byte)
{
	struct ssum_checkpoints entries[255 * 3];
	uint64_t random = 5;
	size_t count = 0;

	for (int byte = 1; byte < 256; byte++) {
		const char alone[] = {(char)byte, '\0'};
		const char twice[] = {(char)byte, (char)byte, '\0'};
		const char between[] = {'n', (char)byte, 't', '\\', (char)byte, 'r', '\0'};

		make(&entries[count++], "sha1", alone, 1, &random);
		make(&entries[count++], "sha1", twice, 2, &random);
		make(&entries[count++], "sha1", between, 1, &random);
	}
	assert_come_back("sha1", entries, count);
}
END_TEST

/* The largest possible entry: 8 MiB of text for SHA-512. */
START_TEST(maximum_number_of_values)
{
	uint64_t random = 6;
	struct ssum_checkpoints entry;

	make(&entry, reference_names[_i], "large", CHECKPOINTS_MAX, &random);
	assert_come_back(reference_names[_i], &entry, 1);
}
END_TEST

/* ---- Values that are not read ---- */

START_TEST(values_may_be_skipped)
{
	uint64_t seed = test_seed() + (uint64_t)_i, random = seed;
	struct ssum_checkpoints entries[12], entry;
	struct checkpoints_reader reader;

	printf("seed %llu\n", (unsigned long long)seed);
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
		make(&entries[i], "sha1", i % 2 ? "odd" : "even", 1 + next_random(&random) % 20,
		     &random);
	struct bytes text = text_of("sha1", entries, ARRAY_SIZE(entries));
	int fd = memory_file(text.data, text.length);

	assert_ok(checkpoints_reader_begin(&reader, fd));
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		ck_assert_int_eq(checkpoints_reader_next(&reader, &entry), 1);
		ck_assert_uint_eq(entry.count, 0);
		if (next_random(&random) % 2) {
			assert_ok(checkpoints_reader_values(&reader, &entry));
			assert_same_checkpoints(&entry, &entries[i]);
			assert_ok(checkpoints_reader_values(&reader, &entry));
			ck_assert_uint_eq(entry.count, entries[i].count);
		}
		ck_assert_str_eq(entry.name, entries[i].name);
		checkpoints_clear(&entry);
		checkpoints_clear(&entries[i]);
	}
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(checkpoints_reader_next(&reader, &entry), 0);
		ck_assert_ptr_null(entry.name);
	}
	checkpoints_reader_end(&reader);
	bytes_free(&text);
	ck_assert(!close(fd));
}
END_TEST

/* ---- Accepted variants of the format ---- */

static const struct {
	const char *text;
	size_t entries;
	const char *name; /* of the first */
} texts[] = {
	{HEAD, 0, NULL},
	{"sparsesum-checkpoints 1 sha1", 0, NULL},
	{"sparsesum-checkpoints 1 sha1\r", 0, NULL},
	{HEAD ENTRY("n") ENTRY("m"), 2, "n"},
	{HEAD "file\t4097\t4096\t" DIGEST "\tn\n" VALUE, 1, "n"},
	{HEAD "file\t4097\t4096\t" DIGEST "\tn\n" VALUE "\r", 1, "n"},
	{"sparsesum-checkpoints 1 sha1\r\nfile\t4097\t4096\t" DIGEST "\tn\r\n" VALUE "\r\n", 1,
	 "n"},
	{HEAD "file\t4097\t4096\tA9993E364706816ABA3E25717850C26C9CD0D89D\tn\n"
	      "DA39a3ee5e6b4b0d3255bfef95601890afd80709\n",
	 1, "n"},
	{HEAD "file\t8192\t4096\t" DIGEST "\tn\n" VALUE "\n", 1, "n"},
	{HEAD "file\t8193\t8192\t" DIGEST "\tn\n" VALUE "\n", 1, "n"},
	{HEAD "file\t8193\t4096\t" DIGEST "\tn\n" VALUE "\n" VALUE "\n", 1, "n"},
	{HEAD "file\t2305843009213693951\t2305843009213689856\t" DIGEST "\tn\n" VALUE "\n", 1, "n"},
	{HEAD ENTRY("\\r"), 1, "\r"},
	{HEAD ENTRY("\\\\n"), 1, "\\n"},
	{HEAD ENTRY(" "), 1, " "},
	{HEAD ENTRY("file"), 1, "file"},
	{HEAD ENTRY(VALUE), 1, VALUE},
	{HEAD ENTRY("/../x"), 1, "/../x"}, /* code that opens the file must check the name */
	{HEAD ENTRY("n") ENTRY("n"), 2, "n"},
	{HEAD ENTRY("z") ENTRY("a"), 2, "z"},
};

START_TEST(accepted_variants)
{
	struct ssum_digest digest;
	struct all_read all;

	read_text(&all, texts[_i].text, strlen(texts[_i].text));
	ck_assert_msg(all.code == 0, "%s: %d in line %d", texts[_i].text, all.code, (int)all.line);
	ck_assert_uint_eq(all.count, texts[_i].entries);
	if (all.count) {
		ck_assert_str_eq(all.entries[0].name, texts[_i].name);
		assert_ok(ssum_digest_parse(DIGEST, &digest));
		assert_digest_eq(all.entries[0].digest, digest);
		checkpoints_value(&all.entries[0], 1, &digest);
		assert_digest_eq(digest, oracle_of_bytes("sha1", "", 0));
	}
	all_read_free(&all);
}
END_TEST

START_TEST(reads_from_the_current_position)
{
	static const char text[] = "something else\n" HEAD ENTRY("n");
	int fd = memory_file(text, sizeof(text) - 1);
	struct all_read all;

	ck_assert_int_eq(lseek(fd, 15, SEEK_SET), 15);
	read_all(&all, fd);
	assert_code(all.code, 0);
	ck_assert_uint_eq(all.count, 1);
	ck_assert_uint_eq(all.line, 3);
	all_read_free(&all);
	ck_assert(!close(fd));
}
END_TEST

/* ---- Long lines ---- */

static const struct {
	size_t length; /* length of the line with the name, without its newline */
	bool good;
} long_lines[] = {
	{65535, true},    {65536, true},        {65537, true},
	{MIB - 1, true},  {MIB, true},          {MIB + 1, false},
	{3 * MIB, false}, {MIB + 65536, false}, {2 * (MIB + 65536), false},
};

START_TEST(lines_of_up_to_1_mib)
{
	static const char begin[] = HEAD ENTRY("first") "file\t4097\t4096\t" DIGEST "\t";
	size_t head = sizeof(begin) - sizeof(HEAD ENTRY("first"));
	size_t length = long_lines[_i].length;
	struct bytes text = {0};
	struct all_read all;

	assert_ok(bytes_append_string(&text, begin));
	assert_ok(bytes_reserve(&text, length));
	memset(text.data + text.length, 'n', length - head);
	text.length += length - head;
	assert_ok(bytes_append_string(&text, "\n" VALUE "\n" ENTRY("z")));
	read_text(&all, text.data, text.length);
	assert_code(all.code, long_lines[_i].good ? 0 : SSUM_ERR_MALFORMED);
	ck_assert_uint_eq(all.count, long_lines[_i].good ? 3 : 1);
	ck_assert_uint_eq(all.line, long_lines[_i].good ? 7 : 4);
	if (long_lines[_i].good)
		ck_assert_uint_eq(strlen(all.entries[1].name), length - head);
	all_read_free(&all);
	bytes_free(&text);
}
END_TEST

/* ---- Many entries ---- */

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define MANY (SANITIZED ? 20000 : 1000000)

/* A separate process writes the entries, so that its memory is not counted. */
static pid_t write_many(int fd)
{
	pid_t child = fork();

	if (child)
		return child;
	FILE *file = fdopen(fd, "w");
	fputs(HEAD, file);
	for (int i = 0; i < MANY; i++)
		fprintf(file, "file\t4097\t4096\t" DIGEST "\tdirectory/%07d\n" VALUE "\n", i);
	_exit(fclose(file) ? 1 : 0);
}

static long peak_kib(void)
{
	struct rusage usage;

	ck_assert(!getrusage(RUSAGE_SELF, &usage));
	return usage.ru_maxrss;
}

/* The reader needs memory for one entry only. Every second entry is read with its values. */
START_TEST(million_entries_need_constant_memory)
{
	struct checkpoints_reader reader;
	struct ssum_checkpoints entry;
	int ends[2], status;
	char name[32];

	ck_assert(!pipe(ends));
	pid_t child = write_many(ends[1]);
	ck_assert_int_gt(child, 0);
	ck_assert(!close(ends[1]));
	long before = peak_kib();

	assert_ok(checkpoints_reader_begin(&reader, ends[0]));
	for (int i = 0; i < MANY; i++) {
		ck_assert_int_eq(checkpoints_reader_next(&reader, &entry), 1);
		snprintf(name, sizeof(name), "directory/%07d", i);
		ck_assert_str_eq(entry.name, name);
		if (i % 2)
			assert_ok(checkpoints_reader_values(&reader, &entry));
		checkpoints_clear(&entry);
	}
	ck_assert_int_eq(checkpoints_reader_next(&reader, &entry), 0);
	ck_assert_uint_le(reader.lines.text.capacity, 2 * MIB);
	checkpoints_reader_end(&reader);
	if (!SANITIZED)
		ck_assert_int_lt(peak_kib() - before, 2048);

	ck_assert(!close(ends[0]));
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}
END_TEST

/* Memory is allocated as values are read, not for the number that the file claims. */
START_TEST(memory_does_not_depend_on_the_claimed_count)
{
	static const char text[] =
		HEAD "file\t268435457\t4096\t" DIGEST "\tn\n" VALUE "\n" VALUE "\n";
	int fd = memory_file(text, sizeof(text) - 1);
	struct checkpoints_reader reader;
	struct ssum_checkpoints entry;

	assert_ok(checkpoints_reader_begin(&reader, fd));
	ck_assert_int_eq(checkpoints_reader_next(&reader, &entry), 1);
	ck_assert_ptr_null(entry.values);
	assert_code(checkpoints_reader_values(&reader, &entry), SSUM_ERR_MALFORMED);
	ck_assert_uint_le(entry.capacity, 16);
	checkpoints_clear(&entry);
	checkpoints_reader_end(&reader);
	ck_assert(!close(fd));
}
END_TEST

/* ---- Detection ---- */

static const struct {
	const char *text;
	bool is;
} beginnings[] = {
	{HEAD, true},
	{"sparsesum-checkpoints 2 sha1\n", true}, /* a later version */
	{"sparsesum-checkpoints ", true},
	{"sparsesum-checkpoints\n", false},
	{"sparsesum-checkpoints", false},
	{"Sparsesum-checkpoints 1 sha1\n", false},
	{" " HEAD, false},
	{"\n" HEAD, false},
	{DIGEST "  sparsesum-checkpoints \n", false},
	{"", false},
};

START_TEST(file_type_is_recognised)
{
	size_t length = strlen(beginnings[_i].text);
	int fd = memory_file(beginnings[_i].text, length);

	ck_assert_int_eq(is_checkpoints_file(fd), beginnings[_i].is);
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 0);
	ck_assert_int_eq(lseek(fd, 0, SEEK_END), (off_t)length);
	ck_assert_int_eq(is_checkpoints_file(fd), beginnings[_i].is);
	ck_assert(!close(fd));
}
END_TEST

START_TEST(unreadable_descriptors)
{
	int directory = open("/", O_RDONLY | O_CLOEXEC), ends[2];
	struct all_read all;

	ck_assert(!pipe(ends));
	assert_code(is_checkpoints_file(directory), -EISDIR);
	assert_code(is_checkpoints_file(ends[0]), -ESPIPE);
	assert_code(is_checkpoints_file(-1), -EBADF);
	read_all(&all, directory);
	assert_code(all.code, -EISDIR);
	read_all(&all, -1);
	assert_code(all.code, -EBADF);
	ck_assert(!close(directory) && !close(ends[0]) && !close(ends[1]));
}
END_TEST

/* Only digits, at most 64 bits, and only one form of each number. */
static const struct {
	const char *text;
	bool good;
	uint64_t number;
} numbers[] = {
	{"0", true, 0},
	{"9", true, 9},
	{"18446744073709551615", true, UINT64_MAX},
	{"18446744073709551616", false, 0},
	{"", false, 0},
	{"00", false, 0},
	{"01", false, 0},
	{"1:", false, 0}, /* the characters before '0' and after '9' */
	{"1/", false, 0},
	{"-1", false, 0},
	{" 1", false, 0},
};

START_TEST(numbers_are_digits)
{
	char copy[32];
	struct text text = {strcpy(copy, numbers[_i].text), strlen(numbers[_i].text)};
	uint64_t number;

	ck_assert_int_eq(text_is_number(&text, &number), numbers[_i].good);
	if (numbers[_i].good)
		ck_assert_uint_eq(number, numbers[_i].number);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{numbers_are_digits, ARRAY_SIZE(numbers)},
		{written_text, 0},
		{written_entries_are_read_back, 4 * REFERENCES},
		{names_of_every_byte, 0},
		{maximum_number_of_values, REFERENCES},
		{values_may_be_skipped, 5},
		{accepted_variants, ARRAY_SIZE(texts)},
		{reads_from_the_current_position, 0},
		{lines_of_up_to_1_mib, ARRAY_SIZE(long_lines)},
		{million_entries_need_constant_memory, 0},
		{memory_does_not_depend_on_the_claimed_count, 0},
		{file_type_is_recognised, ARRAY_SIZE(beginnings)},
		{unreadable_descriptors, 0},
	};

	return run_suite("checkpoints_text", tests, ARRAY_SIZE(tests));
}
