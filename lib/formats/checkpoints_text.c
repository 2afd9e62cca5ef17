/* SPDX-License-Identifier: MIT */
/* Checkpoints as text: docs/checkpoints.md says what it is. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "file/reader.h"
#include "formats/checkpoints.h"
#include "formats/escape.h"

#define MAGIC "sparsesum-checkpoints "
#define VERSION "1 "
#define ENTRY_WORD "file\t"

/* ---- Writing ---- */

int checkpoints_append_head(struct bytes *text, const char *algorithm)
{
	int rc = bytes_append_string(text, MAGIC VERSION);

	if (!rc)
		rc = bytes_append_string(text, algorithm);
	return rc ? rc : bytes_append_string(text, "\n");
}

static int append_value(struct bytes *text, const struct ssum_checkpoints *checkpoints,
			size_t index)
{
	struct ssum_digest value;
	char hex[SSUM_HEX_MAX];
	int rc;

	checkpoints_value(checkpoints, index, &value);
	ssum_digest_hex(&value, hex);
	rc = bytes_append_string(text, hex);
	return rc ? rc : bytes_append_string(text, "\n");
}

int checkpoints_append(struct bytes *text, const struct ssum_checkpoints *checkpoints)
{
	char hex[SSUM_HEX_MAX], head[64 + SSUM_HEX_MAX];
	int rc;

	ssum_digest_hex(&checkpoints->digest, hex);
	snprintf(head, sizeof(head), ENTRY_WORD "%" PRIu64 "\t%" PRIu64 "\t%s\t",
		 checkpoints->length, checkpoints->interval, hex);
	rc = bytes_append_string(text, head);
	if (!rc)
		rc = escape_append(text, checkpoints->name, ESCAPE_FIELD);
	if (!rc)
		rc = bytes_append_string(text, "\n");
	for (size_t i = 1; i <= checkpoints->count && !rc; i++)
		rc = append_value(text, checkpoints, i);
	return rc;
}

/* ---- Reading ---- */

bool is_checkpoints_file(int fd)
{
	char begin[sizeof(MAGIC) - 1];
	size_t got;

	return !read_until_end(fd, begin, sizeof(begin), 0, &got) && got == sizeof(begin) &&
	       !memcmp(begin, MAGIC, sizeof(begin));
}

/* The line that was left over, or the next one, without a CR at its end. */
static int next_line(struct checkpoints_reader *reader, struct text *line)
{
	int rc = 1;

	if (!reader->has_line)
		rc = lines_next(&reader->lines, &reader->line);
	reader->has_line = false;
	if (rc != 1)
		return rc;
	*line = reader->line;
	if (reader->lines.too_long)
		return SSUM_ERR_MALFORMED;
	if (line->length && line->at[line->length - 1] == '\r')
		line->length--;
	return 1;
}

static void keep_line(struct checkpoints_reader *reader)
{
	reader->has_line = true;
}

static int take_head(struct checkpoints_reader *reader, struct text *line)
{
	char name[sizeof(reader->algorithm.name)];

	if (!text_skip_word(line, MAGIC VERSION) || line->length >= sizeof(name))
		return SSUM_ERR_MALFORMED;
	memcpy(name, line->at, line->length);
	name[line->length] = '\0';
	return algorithm_find(name, &reader->algorithm);
}

int checkpoints_reader_begin(struct checkpoints_reader *reader, int fd)
{
	struct text line;
	int rc;

	*reader = (struct checkpoints_reader){.has_line = false};
	rc = lines_init(&reader->lines, fd, NULL);
	if (!rc)
		rc = next_line(reader, &line);
	if (rc != 1)
		return rc ? rc : SSUM_ERR_MALFORMED;
	rc = take_head(reader, &line);
	if (!rc && !chain_length(&reader->algorithm))
		rc = SSUM_ERR_ALGORITHM;
	return rc;
}

void checkpoints_reader_end(struct checkpoints_reader *reader)
{
	algorithm_release(&reader->algorithm);
	lines_free(&reader->lines);
}

static bool take_number(struct text *line, uint64_t *number)
{
	struct text field;

	return text_take_field(line, '\t', &field) && text_is_number(&field, number);
}

static bool is_possible(const struct ssum_checkpoints *entry, const struct algorithm *algorithm)
{
	return checkpoint_interval_is_valid(entry->interval) && entry->length > entry->interval &&
	       entry->length <= algorithm->max_length &&
	       checkpoint_count(entry->length, entry->interval) <= CHECKPOINTS_MAX;
}

static int take_entry(const struct checkpoints_reader *reader, struct text line,
		      struct ssum_checkpoints *entry)
{
	const struct algorithm *algorithm = &reader->algorithm;

	if (!text_skip_word(&line, ENTRY_WORD) || !take_number(&line, &entry->length) ||
	    !take_number(&line, &entry->interval) || !is_possible(entry, algorithm) ||
	    !text_take_digest(&line, algorithm->digest_length, &entry->digest) ||
	    !text_skip_word(&line, "\t") || !unescape(line.at, &line.length, ESCAPE_FIELD))
		return SSUM_ERR_MALFORMED;
	line.at[line.length] = '\0';
	strcpy(entry->algorithm, algorithm->name);
	entry->value_length = chain_length(algorithm);
	return checkpoints_set_name(entry, line.at);
}

/* Lines of an entry whose values nobody wanted. */
static bool is_value(const struct checkpoints_reader *reader, struct text line)
{
	struct ssum_digest value;

	return text_take_digest(&line, chain_length(&reader->algorithm), &value) && !line.length;
}

int checkpoints_reader_next(struct checkpoints_reader *reader, struct ssum_checkpoints *entry)
{
	struct text line;
	int rc;

	*entry = (struct ssum_checkpoints){0};
	do
		rc = next_line(reader, &line);
	while (rc == 1 && is_value(reader, line));
	if (rc != 1)
		return rc;
	rc = take_entry(reader, line, entry);
	return rc ? rc : 1;
}

int checkpoints_reader_values(struct checkpoints_reader *reader, struct ssum_checkpoints *entry)
{
	uint64_t count = checkpoint_count(entry->length, entry->interval);

	for (uint64_t i = 1; i <= count; i++) {
		struct ssum_digest value;
		struct text line;
		int rc = next_line(reader, &line);

		if (rc == 1 && !is_value(reader, line)) {
			keep_line(reader);
			rc = SSUM_ERR_MALFORMED;
		}
		if (rc != 1)
			return rc ? rc : SSUM_ERR_MALFORMED;
		text_take_digest(&line, entry->value_length, &value);
		rc = checkpoints_set(entry, i * entry->interval, &value);
		if (rc)
			return rc;
	}
	return 0;
}
