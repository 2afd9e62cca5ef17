/* SPDX-License-Identifier: MIT */
#include "manifest/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define HEAD_WORD "sparsesum-journal 2\t"
#define FILE_WORD "file\t"
#define PART_WORD "part\t"
#define DONE_WORD "done\t"

int journal_begin(struct journal *journal, const struct algorithms *algorithms)
{
	bool all_have_values = true;

	*journal = (struct journal){.files = 0};
	for (size_t i = 0; i < algorithms->count; i++) {
		size_t length = chain_length(&algorithms->rows[i]);

		all_have_values = all_have_values && length;
		journal->value_length += length;
		journal->digest_length += algorithms->rows[i].digest_length;
	}
	if (!all_have_values)
		journal->value_length = 0;
	return algorithm_find("sha1", &journal->sha1);
}

void journal_end(struct journal *journal)
{
	algorithm_release(&journal->sha1);
}

/* The check of a line that follows the last one. 0 or a code. */
static int journal_check(const struct journal *journal, const char *line, size_t length,
			 unsigned char check[JOURNAL_CHECK_LENGTH])
{
	struct ssum_stream stream;
	struct ssum_digest digest;
	int rc = stream_init(&stream, &journal->sha1);

	if (!rc)
		rc = ssum_stream_update(&stream, journal->check, sizeof(journal->check));
	if (!rc)
		rc = ssum_stream_update(&stream, line, length);
	if (!rc)
		rc = ssum_stream_final(&stream, &digest);
	if (!rc)
		memcpy(check, digest.bytes, JOURNAL_CHECK_LENGTH);
	stream_clear(&stream);
	return rc;
}

/* ---- Writing ---- */

/* End the line that begins at `from`: append its check and a newline. */
static int journal_seal(struct journal *journal, struct bytes *text, size_t from)
{
	char end[2 * JOURNAL_CHECK_LENGTH + 3] = "\t";
	int rc = journal_check(journal, text->data + from, text->length - from, journal->check);

	if (rc)
		return rc;
	hex_encode(journal->check, JOURNAL_CHECK_LENGTH, end + 1);
	strcat(end, "\n");
	return bytes_append_string(text, end);
}

int journal_append_head(struct journal *journal, struct bytes *text, const char *key)
{
	size_t from = text->length;
	int rc = bytes_append_string(text, HEAD_WORD);

	if (!rc)
		rc = bytes_append_string(text, key);
	return rc ? rc : journal_seal(journal, text, from);
}

int journal_append_file(struct journal *journal, struct bytes *text,
			const struct file_identity *identity, const char *name, uint64_t *number)
{
	size_t from = text->length;
	char formatted[IDENTITY_MAX];
	int rc;

	identity_format(formatted, identity);
	rc = bytes_append_strings(text, FILE_WORD, formatted, "\t", NULL);
	if (!rc)
		rc = escape_append(text, name, ESCAPE_FIELD);
	if (!rc)
		rc = journal_seal(journal, text, from);
	*number = journal->files++;
	return rc;
}

int journal_append_progress(struct journal *journal, struct bytes *text, uint64_t number,
			    uint64_t offset, const struct ssum_digest *values, size_t count)
{
	size_t from = text->length;
	char head[64], hex[SSUM_HEX_MAX];
	int rc;

	if (offset == JOURNAL_DONE)
		snprintf(head, sizeof(head), DONE_WORD "%" PRIu64 "\t", number);
	else
		snprintf(head, sizeof(head), PART_WORD "%" PRIu64 "\t%" PRIu64 "\t", number,
			 offset);
	rc = bytes_append_string(text, head);
	for (size_t i = 0; i < count && !rc; i++) {
		ssum_digest_hex(&values[i], hex);
		rc = bytes_append_string(text, hex);
	}
	return rc ? rc : journal_seal(journal, text, from);
}

/* ---- Reading ---- */

/* Remove the check from a line. False if the line does not follow the last one. */
static bool journal_unseal(struct journal *journal, struct text *line)
{
	unsigned char written[JOURNAL_CHECK_LENGTH], check[JOURNAL_CHECK_LENGTH];
	size_t end = 2 * JOURNAL_CHECK_LENGTH + 1;

	if (line->length < end || line->at[line->length - end] != '\t' ||
	    !hex_decode(line->at + line->length - end + 1, sizeof(written), written))
		return false;
	line->length -= end;
	if (journal_check(journal, line->at, line->length, check) ||
	    memcmp(check, written, sizeof(check)) != 0)
		return false;
	memcpy(journal->check, check, sizeof(check));
	return true;
}

/* The rest of a line is `length` bytes in hexadecimal: append them. */
static int journal_take_bytes(struct text line, size_t length, struct bytes *bytes)
{
	if (line.length != 2 * length || !length)
		return SSUM_ERR_MALFORMED;
	if (bytes_reserve(bytes, length))
		return -ENOMEM;
	if (!hex_decode(line.at, length, (unsigned char *)bytes->data + bytes->length))
		return SSUM_ERR_MALFORMED;
	bytes->length += length;
	return 0;
}

static int journal_take_file(struct text line, struct journal_entries *entries)
{
	struct journal_entry entry = {.number = entries->count};
	struct text identity;

	if (!text_take_field(&line, '\t', &identity) ||
	    !identity_parse(identity.at, identity.length, &entry.identity) ||
	    !unescape(line.at, &line.length, ESCAPE_FIELD))
		return SSUM_ERR_MALFORMED;
	if (array_reserve(&entries->rows, &entries->capacity, entries->count + 1,
			  sizeof(*entries->rows)))
		return -ENOMEM;
	entry.name = strndup(line.at, line.length);
	if (!entry.name)
		return -ENOMEM;
	entries->rows[entries->count++] = entry;
	return 0;
}

/* Any line after the first, without its check. 0, SSUM_ERR_MALFORMED or -ENOMEM. */
static int journal_take_line(const struct journal *journal, struct text line,
			     struct journal_entries *entries)
{
	struct journal_entry *entry;
	uint64_t number, offset;
	bool is_part;
	int rc;

	if (text_skip_word(&line, FILE_WORD))
		return journal_take_file(line, entries);
	is_part = text_skip_word(&line, PART_WORD);
	if ((!is_part && !text_skip_word(&line, DONE_WORD)) || !text_take_number(&line, &number) ||
	    number >= entries->count)
		return SSUM_ERR_MALFORMED;
	entry = &entries->rows[number];

	if (!is_part) {
		if (entry->done)
			return SSUM_ERR_MALFORMED;
		rc = journal_take_bytes(line, journal->digest_length, &entry->digests);
		entry->done = !rc;
		return rc;
	}
	/* The length of the first part is the interval. The other parts follow without a gap. */
	if (!text_take_number(&line, &offset) || !offset)
		return SSUM_ERR_MALFORMED;
	if (!entry->parts)
		entry->interval = offset;
	if (offset / entry->interval != entry->parts + 1 || offset % entry->interval)
		return SSUM_ERR_MALFORMED;
	rc = journal_take_bytes(line, journal->value_length, &entry->values);
	entry->parts += !rc;
	return rc;
}

int journal_read(struct journal *journal, int fd, const char *key, struct journal_entries *entries)
{
	struct lines lines;
	struct text line;
	int rc = lines_init(&lines, fd, NULL);

	*entries = (struct journal_entries){0};
	while (!rc) {
		unsigned char check[JOURNAL_CHECK_LENGTH];
		bool is_good;
		size_t length;

		rc = lines_next(&lines, &line);
		if (rc != 1)
			break;
		length = line.length + 1;
		memcpy(check, journal->check, sizeof(check));
		is_good = !lines.too_long && !lines.is_cut && journal_unseal(journal, &line);
		rc = 0;
		if (is_good && lines.number == 1)
			is_good = text_skip_word(&line, HEAD_WORD) && text_skip_word(&line, key) &&
				  !line.length;
		else if (is_good)
			rc = journal_take_line(journal, line, entries);
		if (!is_good || rc) {
			/* Writing continues after the line before this one. */
			memcpy(journal->check, check, sizeof(check));
			rc = rc == -ENOMEM ? rc : 0;
			break;
		}
		entries->length += length;
	}
	journal->files = entries->count;
	lines_free(&lines);
	return rc;
}

void journal_entry_free(struct journal_entry *entry)
{
	free(entry->name);
	bytes_free(&entry->values);
	bytes_free(&entry->digests);
}

void journal_entries_free(struct journal_entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		journal_entry_free(&entries->rows[i]);
	free(entries->rows);
	*entries = (struct journal_entries){0};
}

/* ---- Values of an entry ---- */

void journal_entry_digests(const struct journal_entry *entry, const struct algorithms *algorithms,
			   struct ssum_digest *digests)
{
	const char *at = entry->digests.data;

	for (size_t i = 0; i < algorithms->count; i++) {
		digests[i] = (struct ssum_digest){.length = algorithms->rows[i].digest_length};
		memcpy(digests[i].bytes, at, digests[i].length);
		at += digests[i].length;
	}
}

void journal_entry_value(const struct journal_entry *entry, size_t parts,
			 const struct algorithms *algorithms, size_t row, struct ssum_digest *value)
{
	const char *at = entry->values.data + (parts - 1) * (entry->values.length / entry->parts);

	for (size_t i = 0; i < row; i++)
		at += chain_length(&algorithms->rows[i]);
	*value = (struct ssum_digest){.length = chain_length(&algorithms->rows[row])};
	memcpy(value->bytes, at, value->length);
}
