/* SPDX-License-Identifier: MIT */
#include "manifest/checkpoints.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "io/read_write.h"

#define MAGIC "sparsesum-checkpoints "
#define VERSION "1 "
#define ENTRY_WORD "file\t"

/* ---- In memory ---- */

bool checkpoint_interval_is_valid(uint64_t interval)
{
	return interval && interval % CHECKPOINT_UNIT == 0;
}

/* There is no checkpoint at the end of the content: the value there is the digest. */
uint64_t checkpoint_count(uint64_t length, uint64_t interval)
{
	return length ? (length - 1) / interval : 0;
}

uint64_t checkpoint_interval_for(uint64_t length, uint64_t wanted)
{
	while (checkpoint_count(length, wanted) > CHECKPOINTS_MAX)
		wanted *= 2;
	return wanted;
}

int checkpoints_init(struct ssum_checkpoints *checkpoints, const struct algorithm *algorithm,
		     uint64_t interval)
{
	*checkpoints = (struct ssum_checkpoints){.interval = interval,
						 .value_length = chain_length(algorithm)};
	strcpy(checkpoints->algorithm, algorithm->name);
	if (!checkpoints->value_length)
		return SSUM_ERR_NO_CHECKPOINT;
	return checkpoint_interval_is_valid(interval) ? 0 : SSUM_ERR_OPTIONS;
}

void checkpoints_clear(struct ssum_checkpoints *checkpoints)
{
	free(checkpoints->name);
	free(checkpoints->values);
	*checkpoints = (struct ssum_checkpoints){0};
}

int checkpoints_set_name(struct ssum_checkpoints *checkpoints, const char *name)
{
	char *copy = name ? strdup(name) : NULL;

	if (name && !copy)
		return -ENOMEM;
	free(checkpoints->name);
	checkpoints->name = copy;
	return 0;
}

int checkpoints_set(struct ssum_checkpoints *checkpoints, uint64_t offset,
		    const struct ssum_digest *value)
{
	uint64_t index = offset / checkpoints->interval;
	int rc;

	if (!index || offset % checkpoints->interval || index > checkpoints->count + 1 ||
	    index > CHECKPOINTS_MAX || value->length != checkpoints->value_length)
		return SSUM_ERR_NO_CHECKPOINT;
	checkpoints->count = (size_t)index - 1;
	rc = array_reserve(&checkpoints->values, &checkpoints->capacity, (size_t)index,
			   checkpoints->value_length);
	if (rc)
		return rc;
	memcpy(checkpoints->values + checkpoints->count++ * checkpoints->value_length, value->bytes,
	       value->length);
	return 0;
}

void checkpoints_correct(struct ssum_checkpoints *checkpoints, size_t index,
			 const struct ssum_digest *value)
{
	memcpy(checkpoints->values + (index - 1) * checkpoints->value_length, value->bytes,
	       checkpoints->value_length);
}

void checkpoints_finish(struct ssum_checkpoints *checkpoints, uint64_t length,
			const struct ssum_digest *digest)
{
	uint64_t needed = checkpoint_count(length, checkpoints->interval);

	checkpoints->count = needed <= checkpoints->count ? (size_t)needed : 0;
	checkpoints->length = length;
	checkpoints->digest = *digest;
}

void checkpoints_trim(struct ssum_checkpoints *checkpoints, size_t count)
{
	unsigned char *values;

	if (count >= checkpoints->count)
		return;
	checkpoints->count = count;
	if (!count) {
		free(checkpoints->values);
		checkpoints->values = NULL;
		checkpoints->capacity = 0;
		return;
	}
	values = realloc(checkpoints->values, count * checkpoints->value_length);
	if (!values)
		return; /* the larger block is still valid */
	checkpoints->values = values;
	checkpoints->capacity = count;
}

void checkpoints_value(const struct ssum_checkpoints *checkpoints, size_t index,
		       struct ssum_digest *value)
{
	*value = (struct ssum_digest){.length = checkpoints->value_length};
	memcpy(value->bytes, checkpoints->values + (index - 1) * value->length, value->length);
}

int checkpoints_copy(struct ssum_checkpoints *copy, const struct ssum_checkpoints *checkpoints)
{
	size_t length = checkpoints->count * checkpoints->value_length;
	unsigned char *values = length ? malloc(length) : NULL;

	if (length && !values)
		return -ENOMEM;
	if (length)
		memcpy(values, checkpoints->values, length);
	*copy = *checkpoints;
	copy->name = NULL;
	copy->values = values;
	copy->capacity = copy->count;
	return 0;
}

bool checkpoints_are_of(const struct ssum_checkpoints *checkpoints,
			const struct algorithm *algorithm, const struct ssum_digest *digest)
{
	return !strcmp(checkpoints->algorithm, algorithm->name) &&
	       ssum_digest_equal(&checkpoints->digest, digest);
}

/* ---- Writing ---- */

int checkpoints_append_head(struct bytes *text, const char *algorithm)
{
	return bytes_append_strings(text, MAGIC VERSION, algorithm, "\n", NULL);
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
	for (size_t i = 1; i <= checkpoints->count && !rc; i++) {
		struct ssum_digest value;

		checkpoints_value(checkpoints, i, &value);
		ssum_digest_hex(&value, hex);
		rc = bytes_append_strings(text, hex, "\n", NULL);
	}
	return rc;
}

/* ---- Reading ---- */

int is_checkpoints_file(int fd)
{
	char begin[sizeof(MAGIC) - 1];
	size_t got;
	int rc = read_until_end(fd, begin, sizeof(begin), 0, &got);

	return rc ? rc : got == sizeof(begin) && !memcmp(begin, MAGIC, sizeof(begin));
}

/* Read the next line, without a CR at its end. 1, 0 at the end of the file, or an error. */
static int checkpoints_next_line(struct checkpoints_reader *reader, struct text *line)
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

/* Read the first line. */
static int checkpoints_reader_head(struct checkpoints_reader *reader)
{
	char name[sizeof(reader->algorithm.name)];
	struct text line;
	int rc;

	reader->lines.only_short = true;
	rc = checkpoints_next_line(reader, &line);
	if (rc < 0)
		return rc;
	if (rc != 1 || !text_skip_word(&line, MAGIC VERSION) || line.length >= sizeof(name))
		return SSUM_ERR_MALFORMED;

	/* Accept exactly the names that we write, not the other names that libcrypto knows. */
	memcpy(name, line.at, line.length);
	name[line.length] = '\0';
	rc = algorithm_find(name, &reader->algorithm);
	if (!rc && (!chain_length(&reader->algorithm) || strcmp(name, reader->algorithm.name) ||
		    strlen(name) != line.length))
		rc = SSUM_ERR_ALGORITHM;
	return rc;
}

int checkpoints_reader_begin(struct checkpoints_reader *reader, int fd)
{
	*reader = (struct checkpoints_reader){.values_left = 0};
	int rc = lines_init(&reader->lines, fd, NULL);

	return rc ? rc : checkpoints_reader_head(reader);
}

int checkpoints_reader_begin_text(struct checkpoints_reader *reader, const char *text,
				  size_t length)
{
	*reader = (struct checkpoints_reader){.values_left = 0};
	int rc = lines_init_text(&reader->lines, text, length, NULL);

	return rc ? rc : checkpoints_reader_head(reader);
}

void checkpoints_reader_end(struct checkpoints_reader *reader)
{
	algorithm_release(&reader->algorithm);
	lines_free(&reader->lines);
}

int checkpoints_reader_values(struct checkpoints_reader *reader, struct ssum_checkpoints *entry)
{
	size_t value_length = chain_length(&reader->algorithm);
	struct ssum_digest value;
	struct text line;
	int rc = 0;

	while (!rc && reader->values_left) {
		rc = checkpoints_next_line(reader, &line);
		if (rc < 0)
			return rc;
		if (!rc || !text_take_digest(&line, value_length, &value) || line.length)
			return SSUM_ERR_MALFORMED;
		reader->values_left--;
		rc = entry ? checkpoints_set(entry, (entry->count + 1) * entry->interval, &value)
			   : 0;
	}
	return rc;
}

int checkpoints_reader_next(struct checkpoints_reader *reader, struct ssum_checkpoints *entry)
{
	const struct algorithm *algorithm = &reader->algorithm;
	struct text line;
	int rc;

	*entry = (struct ssum_checkpoints){0};
	rc = checkpoints_reader_values(reader, NULL);
	if (!rc)
		rc = checkpoints_next_line(reader, &line);
	if (rc != 1)
		return rc;

	/* The name is the last field. Lengths and intervals that need no values, or too many, are
	   malformed. */
	if (!text_skip_word(&line, ENTRY_WORD) || !text_take_number(&line, &entry->length) ||
	    !text_take_number(&line, &entry->interval) ||
	    !checkpoint_interval_is_valid(entry->interval) || entry->length <= entry->interval ||
	    entry->length > algorithm->max_length ||
	    checkpoint_count(entry->length, entry->interval) > CHECKPOINTS_MAX ||
	    !text_take_digest(&line, algorithm->digest_length, &entry->digest) ||
	    !text_skip_word(&line, "\t") || !line.length || memchr(line.at, '\t', line.length) ||
	    !unescape(line.at, &line.length, ESCAPE_FIELD))
		return SSUM_ERR_MALFORMED;
	line.at[line.length] = '\0';
	strcpy(entry->algorithm, algorithm->name);
	entry->value_length = chain_length(algorithm);
	rc = checkpoints_set_name(entry, line.at);
	if (rc)
		return rc;
	reader->values_left = checkpoint_count(entry->length, entry->interval);
	return 1;
}
