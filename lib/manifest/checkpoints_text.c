/* SPDX-License-Identifier: MIT */
/* Checkpoints as text: docs/checkpoints.md says what it is. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "io/reader.h"
#include "manifest/checkpoints.h"
#include "manifest/escape.h"

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

/* The next line without a CR at its end. */
static int next_line(struct checkpoints_reader *reader, struct text *line)
{
	int rc = lines_next(&reader->lines, line);

	if (rc != 1)
		return rc;
	if (reader->lines.too_long)
		return SSUM_ERR_MALFORMED;
	if (line->length && line->at[line->length - 1] == '\r')
		line->length--;
	return 1;
}

/* Only the names that we write: none of the other ones that libcrypto has for them. */
static int take_head(struct checkpoints_reader *reader, struct text *line)
{
	char name[sizeof(reader->algorithm.name)];
	int rc;

	if (!text_skip_word(line, MAGIC VERSION) || line->length >= sizeof(name))
		return SSUM_ERR_MALFORMED;
	memcpy(name, line->at, line->length);
	name[line->length] = '\0';
	rc = algorithm_find(name, &reader->algorithm);
	if (!rc && (!chain_length(&reader->algorithm) || strcmp(name, reader->algorithm.name) ||
		    strlen(name) != line->length))
		rc = SSUM_ERR_ALGORITHM;
	return rc;
}

int checkpoints_reader_begin(struct checkpoints_reader *reader, int fd)
{
	struct text line;
	int rc;

	*reader = (struct checkpoints_reader){.due = 0};
	rc = lines_init(&reader->lines, fd, NULL);
	reader->lines.only_short = true;
	if (!rc)
		rc = next_line(reader, &line);
	if (rc != 1)
		return rc ? rc : SSUM_ERR_MALFORMED;
	return take_head(reader, &line);
}

void checkpoints_reader_end(struct checkpoints_reader *reader)
{
	algorithm_release(&reader->algorithm);
	lines_free(&reader->lines);
}

static bool is_possible(const struct ssum_checkpoints *entry, const struct algorithm *algorithm)
{
	return checkpoint_interval_is_valid(entry->interval) && entry->length > entry->interval &&
	       entry->length <= algorithm->max_length &&
	       checkpoint_count(entry->length, entry->interval) <= CHECKPOINTS_MAX;
}

/* One field, to the end of the line. */
static bool take_name(struct text *line)
{
	return line->length && !memchr(line->at, '\t', line->length) &&
	       unescape(line->at, &line->length, ESCAPE_FIELD);
}

static int take_entry(const struct checkpoints_reader *reader, struct text line,
		      struct ssum_checkpoints *entry)
{
	const struct algorithm *algorithm = &reader->algorithm;

	if (!text_skip_word(&line, ENTRY_WORD) || !text_take_number(&line, &entry->length) ||
	    !text_take_number(&line, &entry->interval) || !is_possible(entry, algorithm) ||
	    !text_take_digest(&line, algorithm->digest_length, &entry->digest) ||
	    !text_skip_word(&line, "\t") || !take_name(&line))
		return SSUM_ERR_MALFORMED;
	line.at[line.length] = '\0';
	strcpy(entry->algorithm, algorithm->name);
	entry->value_length = chain_length(algorithm);
	return checkpoints_set_name(entry, line.at);
}

/* The next of the values that are due: 0 or a code, also at the end. */
static int next_value(struct checkpoints_reader *reader, struct ssum_digest *value)
{
	struct text line;
	int rc = next_line(reader, &line);

	if (rc < 0)
		return rc;
	if (rc == 0 || !text_take_digest(&line, chain_length(&reader->algorithm), value) ||
	    line.length)
		return SSUM_ERR_MALFORMED;
	reader->due--;
	return 0;
}

int checkpoints_reader_next(struct checkpoints_reader *reader, struct ssum_checkpoints *entry)
{
	struct ssum_digest skipped;
	struct text line;
	int rc = 0;

	*entry = (struct ssum_checkpoints){0};
	while (!rc && reader->due)
		rc = next_value(reader, &skipped);
	if (!rc)
		rc = next_line(reader, &line);
	if (rc != 1)
		return rc;
	rc = take_entry(reader, line, entry);
	if (rc)
		return rc;
	reader->due = checkpoint_count(entry->length, entry->interval);
	return 1;
}

int checkpoints_reader_values(struct checkpoints_reader *reader, struct ssum_checkpoints *entry)
{
	int rc = 0;

	while (!rc && reader->due) {
		struct ssum_digest value;

		rc = next_value(reader, &value);
		if (!rc)
			rc = checkpoints_set(entry, (entry->count + 1) * entry->interval, &value);
	}
	return rc;
}
