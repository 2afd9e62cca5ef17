/* SPDX-License-Identifier: MIT */
#include "manifest/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define HEAD_WORD "sparsesum-journal 1\t"
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

/* The check of a line that follows what the journal stands at. */
static int check_of(const struct journal *journal, const char *line, size_t length,
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

/* The line that begins at `from` in the text is complete but for its check. */
static int end_line(struct journal *journal, struct bytes *text, size_t from)
{
	char end[2 * JOURNAL_CHECK_LENGTH + 3] = "\t";
	int rc = check_of(journal, text->data + from, text->length - from, journal->check);

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
	return rc ? rc : end_line(journal, text, from);
}

int journal_append_file(struct journal *journal, struct bytes *text, const struct stat *state,
			const char *name, uint64_t *number)
{
	size_t from = text->length;
	char head[256];
	int rc;

	snprintf(head, sizeof(head),
		 FILE_WORD "%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRId64 "\t%ld\t%" PRId64
			   "\t%ld\t",
		 (uint64_t)state->st_dev, (uint64_t)state->st_ino, (uint64_t)state->st_size,
		 (int64_t)state->st_mtim.tv_sec, state->st_mtim.tv_nsec,
		 (int64_t)state->st_ctim.tv_sec, state->st_ctim.tv_nsec);
	rc = bytes_append_string(text, head);
	if (!rc)
		rc = escape_append(text, name, ESCAPE_FIELD);
	if (!rc)
		rc = end_line(journal, text, from);
	*number = journal->files++;
	return rc;
}

static int append_digests(struct bytes *text, const struct ssum_digest *digests, size_t count)
{
	char hex[SSUM_HEX_MAX];
	int rc = 0;

	for (size_t i = 0; i < count && !rc; i++) {
		ssum_digest_hex(&digests[i], hex);
		rc = bytes_append_string(text, hex);
	}
	return rc;
}

int journal_append_part(struct journal *journal, struct bytes *text, uint64_t number,
			uint64_t offset, const struct ssum_digest *values, size_t count)
{
	size_t from = text->length;
	char head[64];
	int rc;

	snprintf(head, sizeof(head), PART_WORD "%" PRIu64 "\t%" PRIu64 "\t", number, offset);
	rc = bytes_append_string(text, head);
	if (!rc)
		rc = append_digests(text, values, count);
	return rc ? rc : end_line(journal, text, from);
}

int journal_append_done(struct journal *journal, struct bytes *text, uint64_t number,
			const struct ssum_digest *digests, size_t count)
{
	size_t from = text->length;
	char head[64];
	int rc;

	snprintf(head, sizeof(head), DONE_WORD "%" PRIu64 "\t", number);
	rc = bytes_append_string(text, head);
	if (!rc)
		rc = append_digests(text, digests, count);
	return rc ? rc : end_line(journal, text, from);
}

/* ---- Reading ---- */

/* Take the check off a line. False if it is not the one that follows. */
static bool take_check(struct journal *journal, struct text *line)
{
	unsigned char written[JOURNAL_CHECK_LENGTH], check[JOURNAL_CHECK_LENGTH];
	size_t end = 2 * JOURNAL_CHECK_LENGTH + 1;

	if (line->length < end || line->at[line->length - end] != '\t' ||
	    !hex_decode(line->at + line->length - end + 1, sizeof(written), written))
		return false;
	line->length -= end;
	if (check_of(journal, line->at, line->length, check) ||
	    memcmp(check, written, sizeof(check)) != 0)
		return false;
	memcpy(journal->check, check, sizeof(check));
	return true;
}

static bool take_time(struct text *line, struct timespec *time)
{
	bool before = text_skip_word(line, "-");
	uint64_t seconds, nanoseconds;

	if (!text_take_number(line, &seconds) || !text_take_number(line, &nanoseconds) ||
	    seconds > INT64_MAX)
		return false;
	time->tv_sec = before ? -(time_t)seconds : (time_t)seconds;
	time->tv_nsec = (long)nanoseconds;
	return true;
}

static bool take_state(struct text *line, struct stat *state)
{
	uint64_t device, inode, size;

	if (!text_take_number(line, &device) || !text_take_number(line, &inode) ||
	    !text_take_number(line, &size) || !take_time(line, &state->st_mtim) ||
	    !take_time(line, &state->st_ctim))
		return false;
	state->st_dev = (dev_t)device;
	state->st_ino = (ino_t)inode;
	state->st_size = (off_t)size;
	return true;
}

static int add_file(struct text line, struct journal_entries *entries)
{
	struct journal_entry entry = {.number = entries->count};

	if (!take_state(&line, &entry.state) || !unescape(line.at, &line.length, ESCAPE_FIELD))
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

/* Append that many bytes that the rest of a line has in hexadecimal. */
static int take_bytes(struct text line, size_t length, struct bytes *bytes)
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

static int add_part(const struct journal *journal, struct text line, struct journal_entry *entry)
{
	uint64_t offset;
	int rc;

	if (!text_take_number(&line, &offset) || !offset)
		return SSUM_ERR_MALFORMED;
	if (!entry->parts)
		entry->interval = offset;
	if (offset / entry->interval != entry->parts + 1 || offset % entry->interval)
		return SSUM_ERR_MALFORMED;
	rc = take_bytes(line, journal->value_length, &entry->values);
	entry->parts += !rc;
	return rc;
}

static int take_line(const struct journal *journal, struct text line,
		     struct journal_entries *entries)
{
	struct journal_entry *entry;
	uint64_t number;
	bool is_part;
	int rc;

	if (text_skip_word(&line, FILE_WORD))
		return add_file(line, entries);
	is_part = text_skip_word(&line, PART_WORD);
	if ((!is_part && !text_skip_word(&line, DONE_WORD)) || !text_take_number(&line, &number) ||
	    number >= entries->count)
		return SSUM_ERR_MALFORMED;
	entry = &entries->rows[number];
	if (is_part)
		return add_part(journal, line, entry);
	if (entry->done)
		return SSUM_ERR_MALFORMED;
	rc = take_bytes(line, journal->digest_length, &entry->digests);
	entry->done = !rc; /* who sees it done takes the digests */
	return rc;
}

static bool is_head(struct text line, const char *key)
{
	return text_skip_word(&line, HEAD_WORD) && text_skip_word(&line, key) && !line.length;
}

/* One whole line: 1, 0 where the good part of the journal ends, or a code. */
static int read_line(struct journal *journal, struct lines *lines, const char *key,
		     struct journal_entries *entries)
{
	struct text line;
	int rc = lines_next(lines, &line);
	size_t length = line.length + 1;

	if (rc != 1)
		return rc;
	if (lines->too_long || lines->is_cut || !take_check(journal, &line))
		return 0;
	if (lines->number == 1 && !is_head(line, key))
		return 0;
	if (lines->number > 1)
		rc = take_line(journal, line, entries);
	else
		rc = 0;
	if (rc)
		return rc == -ENOMEM ? rc : 0;
	entries->length += length;
	return 1;
}

int journal_read(struct journal *journal, int fd, const char *key, struct journal_entries *entries)
{
	struct lines lines;
	int rc = lines_init(&lines, fd, NULL);

	*entries = (struct journal_entries){0};
	for (bool more = !rc; more; more = rc == 1) {
		unsigned char check[JOURNAL_CHECK_LENGTH];

		memcpy(check, journal->check, sizeof(check));
		rc = read_line(journal, &lines, key, entries);
		if (rc != 1)
			memcpy(journal->check, check, sizeof(check));
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
