/* SPDX-License-Identifier: MIT */
/* A journal returns only what was written into it, as far as it can be read. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "manifest/journal.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/scratch.h"
#include "support/suite.h"

#define KEY "00112233445566778899aabbccddeeff00112233"
#define FILES 4
#define PARTS 3

static const char *const names[FILES] = {"plain", "a\tb\nc\\d\re", "\xff\xfe", "plain"};
static const char *const lists[][3] = {{"sha1"}, {"sha512", "sha1"}, {"sha1", "md5"}};

static struct algorithms algorithms;
static struct bytes text;
static size_t head_length;

static struct file_identity identity_number(size_t file)
{
	return (struct file_identity){
		.device = 0x801,
		.inode = 12345678901 + file,
		.size = INT64_MAX - file,
		.modified = {.seconds = file ? 1700000000 : -5, .nanoseconds = (uint32_t)file},
		.changed = {.seconds = 1800000000, .nanoseconds = 999999999},
	};
}

static void fill(struct ssum_digest *digests, size_t file, size_t part)
{
	for (size_t i = 0; i < algorithms.count; i++) {
		uint64_t seed = 1000 * file + 10 * part + i;

		digests[i].length =
			part ? chain_length(&algorithms.rows[i]) : algorithms.rows[i].digest_length;
		fill_random(digests[i].bytes, digests[i].length, &seed);
	}
}

/* Write all files, then their parts in rotation, then the digests of the last two files. */
static void write_journal(struct journal *journal)
{
	struct ssum_digest digests[2] = {{0}};
	uint64_t number;

	assert_ok(journal_append_head(journal, &text, KEY));
	head_length = text.length;
	for (size_t i = 0; i < FILES; i++) {
		struct file_identity identity = identity_number(i);

		assert_ok(journal_append_file(journal, &text, &identity, names[i], &number));
		ck_assert_uint_eq(number, i);
	}
	for (size_t part = 1; part <= PARTS && journal->value_length; part++)
		for (size_t i = 0; i < FILES; i++) {
			fill(digests, i, part);
			assert_ok(journal_append_progress(journal, &text, i, part * 8192, digests,
							  algorithms.count));
		}
	for (size_t i = 2; i < FILES; i++) {
		fill(digests, i, 0);
		assert_ok(journal_append_progress(journal, &text, i, JOURNAL_DONE, digests,
						  algorithms.count));
	}
}

static void begin(size_t list)
{
	struct journal journal;
	const char *culprit;

	scratch_enter_tmpfs();
	text = (struct bytes){0};
	assert_ok(algorithms_find(lists[list], &algorithms, &culprit));
	assert_ok(journal_begin(&journal, &algorithms));
	write_journal(&journal);
	journal_end(&journal);
}

static void end(void)
{
	bytes_free(&text);
	algorithms_release(&algorithms);
	scratch_leave();
}

static void read_back(struct journal *journal, const void *data, size_t length, const char *key,
		      struct journal_entries *entries)
{
	write_file("journal", data, length);
	int fd = open("journal", O_RDONLY);

	assert_ok(journal_begin(journal, &algorithms));
	assert_ok(journal_read(journal, fd, key, entries));
	close(fd);
}

/* The entries that were read are a prefix of those that were written. */
static void expect_part(const struct journal_entries *entries)
{
	struct ssum_digest digests[2];

	ck_assert_uint_le(entries->count, FILES);
	for (size_t i = 0; i < entries->count; i++) {
		const struct journal_entry *row = &entries->rows[i];
		struct file_identity identity = identity_number(i);
		const char *at = row->values.data;

		ck_assert_str_eq(row->name, names[i]);
		ck_assert_uint_eq(row->number, i);
		ck_assert(identity_equal(&row->identity, &identity));
		ck_assert_uint_le(row->parts, PARTS);
		if (row->parts)
			ck_assert_uint_eq(row->interval, 8192);
		for (size_t part = 1; part <= row->parts; part++) {
			fill(digests, i, part);
			for (size_t k = 0; k < algorithms.count; at += digests[k++].length)
				ck_assert(!memcmp(at, digests[k].bytes, digests[k].length));
		}
		ck_assert_uint_eq((size_t)(at - (row->parts ? row->values.data : at)),
				  row->values.length);
		if (!row->done)
			continue;
		ck_assert_uint_ge(i, 2);
		fill(digests, i, 0);
		at = row->digests.data;
		for (size_t k = 0; k < algorithms.count; at += digests[k++].length)
			ck_assert(!memcmp(at, digests[k].bytes, digests[k].length));
	}
}

static void expect_all(const struct journal_entries *entries)
{
	expect_part(entries);
	ck_assert_uint_eq(entries->count, FILES);
	ck_assert_uint_eq(entries->length, text.length);
	ck_assert(entries->rows[2].done && entries->rows[3].done && !entries->rows[0].done);
	for (size_t i = 0; i < FILES; i++) /* the library has no chaining values for MD5 */
		ck_assert_uint_eq(entries->rows[i].parts,
				  strcmp(algorithms.rows[algorithms.count - 1].name, "md5") ? PARTS
											    : 0);
}

START_TEST(complete_journal)
{
	struct journal_entries entries;
	struct journal journal;

	begin((size_t)_i);
	read_back(&journal, text.data, text.length, KEY, &entries);
	expect_all(&entries);
	journal_entries_free(&entries);
	journal_end(&journal);

	read_back(&journal, text.data, text.length, "another key", &entries);
	ck_assert(!entries.count && !entries.length);
	journal_entries_free(&entries);
	journal_end(&journal);
	end();
}
END_TEST

/* First lines of several versions, each with a valid check. Only version 2 is read. */
START_TEST(journals_of_other_versions)
{
	begin(0);
	for (int version = 1; version <= 3; version++) {
		unsigned char content[JOURNAL_CHECK_LENGTH + 128] = {0};
		char *line = (char *)content + JOURNAL_CHECK_LENGTH, head[256], hex[SSUM_HEX_MAX];
		int length = sprintf(line, "sparsesum-journal %d\t" KEY, version);
		struct ssum_digest digest =
			oracle_of_bytes("sha1", content, JOURNAL_CHECK_LENGTH + (size_t)length);
		struct journal_entries entries;
		struct journal journal;

		ssum_digest_hex(&digest, hex);
		length = sprintf(head, "%s\t%.16s\n", line, hex);
		read_back(&journal, head, (size_t)length, KEY, &entries);
		ck_assert_uint_eq(entries.length, version == 2 ? head_length : 0);
		journal_entries_free(&entries);
		journal_end(&journal);
	}
	end();
}
END_TEST

/* A journal that a crash has truncated can be continued. */
START_TEST(journal_truncated_at_each_byte)
{
	struct journal_entries entries;
	struct journal journal;

	begin((size_t)_i);
	for (size_t cut = 0; cut <= text.length; cut++) {
		struct bytes more = {0};
		struct file_identity identity = identity_number(9);
		uint64_t number;

		read_back(&journal, text.data, cut, KEY, &entries);
		expect_part(&entries);
		size_t good = 0;
		for (size_t i = 0; i < cut; i++)
			good = text.data[i] == '\n' ? i + 1 : good;
		ck_assert_uint_eq(entries.length, good);
		size_t count = entries.count;
		journal_entries_free(&entries);

		/* Continue after the valid lines. */
		ck_assert(!bytes_append(&more, text.data, good));
		if (!good)
			assert_ok(journal_append_head(&journal, &more, KEY));
		assert_ok(journal_append_file(&journal, &more, &identity, "more", &number));
		ck_assert_uint_eq(number, count);
		journal_end(&journal);
		read_back(&journal, more.data, more.length, KEY, &entries);
		ck_assert_uint_eq(entries.length, more.length);
		ck_assert_uint_eq(entries.count, count + 1);
		ck_assert_str_eq(entries.rows[count].name, "more");
		journal_entries_free(&entries);
		journal_end(&journal);
		bytes_free(&more);
	}
	end();
}
END_TEST

START_TEST(journal_with_each_byte_changed)
{
	static const char bytes[] = {'\0', '\n', '\t', '0', 'f', '-', '\x80'};
	struct journal_entries entries;
	struct journal journal;

	begin((size_t)_i);
	for (size_t at = 0; at < text.length; at++) {
		char byte = text.data[at];

		for (size_t i = 0; i <= ARRAY_SIZE(bytes); i++) {
			text.data[at] = i ? bytes[i - 1] : (char)(byte ^ 1);
			if (text.data[at] == byte)
				continue;
			read_back(&journal, text.data, text.length, KEY, &entries);
			expect_part(&entries);
			ck_assert_uint_le(entries.length, at);
			journal_entries_free(&entries);
			journal_end(&journal);
		}
		text.data[at] = byte;
	}
	end();
}
END_TEST

/* If a whole line is removed or repeated, only the lines before the change are read. */
START_TEST(journal_with_each_line_removed_or_repeated)
{
	size_t starts[64], count = 0;
	struct journal_entries entries;
	struct journal journal;

	begin((size_t)_i);
	for (size_t i = 0; i < text.length; i++)
		if (!i || text.data[i - 1] == '\n')
			starts[count++] = i;
	starts[count] = text.length;
	for (size_t i = 0; i < count; i++) {
		struct bytes other = {0};

		ck_assert(!bytes_append(&other, text.data, starts[i]));
		ck_assert(!bytes_append(&other, text.data + starts[i + 1],
					text.length - starts[i + 1]));
		read_back(&journal, other.data, other.length, KEY, &entries);
		ck_assert_uint_eq(entries.length, starts[i]);
		journal_entries_free(&entries);
		journal_end(&journal);

		other.length = starts[i];
		for (int twice = 0; twice < 2; twice++)
			ck_assert(!bytes_append(&other, text.data + starts[i],
						starts[i + 1] - starts[i]));
		read_back(&journal, other.data, other.length, KEY, &entries);
		ck_assert_uint_eq(entries.length, starts[i + 1]);
		journal_entries_free(&entries);
		journal_end(&journal);
		bytes_free(&other);
	}
	end();
}
END_TEST

/* Impossible lines with a valid check: only the lines before them are read. */
START_TEST(journal_with_impossible_lines)
{
	struct ssum_digest value[2] = {{.length = 20}};
	struct journal_entries entries;
	struct journal journal;
	const struct {
		uint64_t number, offset;
	} parts[] = {{9, 8192}, {0, 8192}, {0, 4 * 8192 + 1}, {0, 5 * 8192}, {0, 0}};

	for (size_t i = 0; i <= ARRAY_SIZE(parts); i++) {
		struct file_identity identity = identity_number(0);
		uint64_t number;

		begin(0);
		read_back(&journal, text.data, text.length, KEY, &entries);
		journal_entries_free(&entries);
		size_t good = text.length;
		if (i < ARRAY_SIZE(parts))
			assert_ok(journal_append_progress(&journal, &text, parts[i].number,
							  parts[i].offset, value, 1));
		else
			assert_ok(journal_append_progress(&journal, &text, FILES - 1, JOURNAL_DONE,
							  value, 1));
		assert_ok(journal_append_file(&journal, &text, &identity, "after", &number));
		journal_end(&journal);
		read_back(&journal, text.data, text.length, KEY, &entries);
		ck_assert_uint_eq(entries.length, good);
		expect_part(&entries);
		journal_entries_free(&entries);
		journal_end(&journal);
		end();
	}
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{complete_journal, ARRAY_SIZE(lists)},
		{journals_of_other_versions, 0},
		{journal_truncated_at_each_byte, ARRAY_SIZE(lists)},
		{journal_with_each_byte_changed, ARRAY_SIZE(lists)},
		{journal_with_each_line_removed_or_repeated, ARRAY_SIZE(lists)},
		{journal_with_impossible_lines, 0},
	};

	return run_suite("journal", tests, ARRAY_SIZE(tests));
}
