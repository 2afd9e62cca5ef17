/* SPDX-License-Identifier: MIT */
/*
 * Journals. If the first line of an input contains "sealed", this target appends a valid check to
 * each of the other lines; otherwise the lines are unchanged. With "two" there are two algorithms.
 */
#include <string.h>
#include <unistd.h>

#include "manifest/journal.h"
#include "support/checkpoints.h"
#include "support/fuzz.h"
#include "support/oracle.h"

#define KEY "key"

static const char *const one[] = {"sha1", NULL}, *const two[] = {"sha256", "sha512", NULL};

/* The first 8 bytes of the SHA-1 over the previous check and the line, by libcrypto. */
static void seal_line(struct bytes *text, unsigned char check[8], const char *line, size_t length)
{
	char hex[18] = "\t";
	struct bytes content = {0};

	require(!bytes_append(&content, check, 8) && !bytes_append(&content, line, length));
	struct ssum_digest digest = oracle_of_bytes("sha1", content.data, content.length);
	memcpy(check, digest.bytes, 8);
	hex_encode(check, 8, hex + 1);
	require(!bytes_append(text, line, length) && !bytes_append(text, hex, 17) &&
		!bytes_append(text, "\n", 1));
	bytes_free(&content);
}

static struct bytes sealed(const struct fuzz_text *input)
{
	const char *at = input->text, *end = at + input->length, *next;
	unsigned char check[8] = {0};
	struct bytes text = {0};

	for (; at < end && (next = memchr(at, '\n', (size_t)(end - at))); at = next + 1)
		seal_line(&text, check, at, (size_t)(next - at));
	require(!bytes_append(&text, at, (size_t)(end - at)));
	return text;
}

static void require_possible(const struct journal *journal, const struct journal_entries *entries)
{
	for (size_t i = 0; i < entries->count; i++) {
		const struct journal_entry *row = &entries->rows[i];

		require(row->name && row->number == i);
		require(row->values.length == row->parts * journal->value_length);
		require(!row->parts || (row->interval && journal->value_length));
		require(row->digests.length == (row->done ? journal->digest_length : 0));
	}
}

static bool same_row(const struct journal_entry *a, const struct journal_entry *b)
{
	return !strcmp(a->name, b->name) && a->parts == b->parts && a->done == b->done &&
	       (!a->parts || a->interval == b->interval) &&
	       identity_equal(&a->identity, &b->identity) &&
	       (!a->values.length || !memcmp(a->values.data, b->values.data, a->values.length)) &&
	       (!a->digests.length || !memcmp(a->digests.data, b->digests.data, a->digests.length));
}

static void read_it(struct journal *journal, const char *const *algorithms, const char *text,
		    size_t length, struct journal_entries *entries)
{
	struct algorithms found;
	const char *culprit;
	int fd = memory_file(text, length);

	require(!algorithms_find(algorithms, &found, &culprit));
	require(!journal_begin(journal, &found));
	require(!journal_read(journal, fd, KEY, entries));
	algorithms_release(&found);
	require(entries->length <= length);
	require(!entries->length || text[entries->length - 1] == '\n');
	require_possible(journal, entries);
	close(fd);
}

/* A valid journal can be continued: add another file, and all is read back. */
static void require_goes_on(struct journal *journal, const char *const *algorithms,
			    const struct journal_entries *before, const char *good)
{
	const struct file_identity identity = {.size = 7, .modified = {-5, 6}};
	struct journal_entries after;
	struct journal again;
	struct bytes text = {0};
	uint64_t number;

	if (before->length)
		require(!bytes_append(&text, good, before->length));
	else
		require(!journal_append_head(journal, &text, KEY));
	require(!journal_append_file(journal, &text, &identity, "a\tb\n\\", &number));
	require(number == before->count);
	read_it(&again, algorithms, text.data, text.length, &after);
	require(after.length == text.length && after.count == before->count + 1);
	for (size_t i = 0; i < before->count; i++)
		require(same_row(&before->rows[i], &after.rows[i]));
	require(!strcmp(after.rows[number].name, "a\tb\n\\"));
	require(identity_equal(&after.rows[number].identity, &identity));
	journal_entries_free(&after);
	journal_end(&again);
	bytes_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	struct journal_entries entries;
	struct fuzz_text input;
	struct bytes text = {0};
	struct journal journal;

	if (!fuzz_text(&input, data, length))
		return 0;
	const char *const *algorithms = chooses(&input, "two") ? two : one;
	if (chooses(&input, "sealed"))
		text = sealed(&input);
	else
		require(!bytes_append(&text, input.text, input.length));
	read_it(&journal, algorithms, text.data, text.length, &entries);
	require_goes_on(&journal, algorithms, &entries, text.data);
	journal_entries_free(&entries);
	journal_end(&journal);
	bytes_free(&text);
	fuzz_text_free(&input);
	return 0;
}
