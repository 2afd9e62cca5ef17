/* SPDX-License-Identifier: MIT */
#include "formats/manifest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file/reader.h"
#include "formats/escape.h"
#include "formats/manifest_words.h"

#define READ_LENGTH (64 * KIB)

/* ---- Lines ---- */

/* A line without its end; it is followed by a byte that may be written to. */
struct text {
	char *at;
	size_t length;
};

static void skip(struct text *text, size_t count)
{
	text->at += count;
	text->length -= count;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

static void skip_blanks(struct text *text)
{
	while (text->length && is_blank(*text->at))
		skip(text, 1);
}

static bool skip_word(struct text *text, const char *word)
{
	size_t length = strlen(word);

	if (text->length < length || memcmp(text->at, word, length))
		return false;
	skip(text, length);
	return true;
}

static bool take_digest(struct text *text, size_t length, struct ssum_digest *digest)
{
	if (text->length < 2 * length || !hex_decode(text->at, length, digest->bytes))
		return false;
	digest->length = length;
	skip(text, 2 * length);
	return true;
}

/* The name is what the text holds; it becomes a string where it stands. */
static bool take_name(struct text *text, bool escaped, enum escape_set set, const char **name)
{
	if (escaped ? !unescape(text->at, &text->length, set)
		    : memchr(text->at, '\0', text->length) != NULL)
		return false;
	text->at[text->length] = '\0';
	*name = text->at;
	return true;
}

/* TAG (name) = digest, where the name ends at the last parenthesis. */
static bool parse_tagged(const struct algorithm *algorithm, struct text text, bool escaped,
			 struct ssum_line *line)
{
	char *close = memrchr(text.at, ')', text.length);
	struct text name = text;

	if (!close)
		return false;
	name.length = (size_t)(close - text.at);
	skip(&text, name.length + 1);
	skip_blanks(&text);
	if (!skip_word(&text, "="))
		return false;
	skip_blanks(&text);
	return take_digest(&text, algorithm->digest_length, &line->digest) && !text.length &&
	       take_name(&name, escaped, ESCAPE_NAME, &line->name);
}

static bool skip_tag(const struct algorithm *algorithm, struct text *text)
{
	struct text rest = *text;

	if (!skip_word(&rest, algorithm->tag))
		return false;
	skip_word(&rest, " ");
	if (!skip_word(&rest, "("))
		return false;
	*text = rest;
	return true;
}

/*
 * digest, a blank, a blank or an asterisk, name. Old BSD programs wrote one blank alone; a manifest
 * is of the one kind or the other throughout, so that a name which begins with a blank cannot be
 * mistaken.
 */
static bool parse_plain(struct ssum_manifest *manifest, struct text text, bool escaped)
{
	enum manifest_order order = manifest->order;

	if (!take_digest(&text, manifest->algorithm.digest_length, &manifest->line.digest) ||
	    text.length < 2 || !is_blank(*text.at))
		return false;
	skip(&text, 1);

	if (text.length == 1 || (*text.at != ' ' && *text.at != '*')) {
		if (order == ORDER_STANDARD)
			return false;
		order = ORDER_REVERSED;
	} else if (order != ORDER_REVERSED) {
		order = ORDER_STANDARD;
		skip(&text, 1);
	}
	/* The form counts, as it does for sha1sum, even if the name cannot be accepted. */
	manifest->order = order;
	return take_name(&text, escaped, ESCAPE_NAME, &manifest->line.name);
}

static bool parse_file(struct ssum_manifest *manifest, struct text text)
{
	skip_blanks(&text);
	bool escaped = skip_word(&text, "\\");

	if (skip_tag(&manifest->algorithm, &text))
		return parse_tagged(&manifest->algorithm, text, escaped, &manifest->line);
	return parse_plain(manifest, text, escaped);
}

static bool parse_link(struct text text, struct ssum_line *line)
{
	char *tab = memchr(text.at, '\t', text.length);
	struct text name = text;

	if (!tab)
		return false;
	name.length = (size_t)(tab - text.at);
	skip(&text, name.length + 1);
	return take_name(&name, true, ESCAPE_FIELD, &line->name) &&
	       take_name(&text, true, ESCAPE_FIELD, &line->target);
}

static void set_kind(struct ssum_line *line, enum ssum_line_kind kind)
{
	line->kind = kind;
	if (kind != SSUM_LINE_MALFORMED && kind != SSUM_LINE_BAD_COMMENT)
		return;
	line->name = NULL;
	line->target = NULL;
	line->digest = (struct ssum_digest){0};
}

/* Whether the line says anything; the result is in manifest->line. */
static bool parse_line(struct ssum_manifest *manifest, struct text text)
{
	struct ssum_line *line = &manifest->line;

	*line = (struct ssum_line){.size = sizeof(*line), .number = line->number + 1};
	if (manifest->too_long || text.length > MANIFEST_LINE_MAX) {
		set_kind(line, SSUM_LINE_MALFORMED);
		return true;
	}
	if (text.length && text.at[text.length - 1] == '\r')
		text.length--;
	if (!text.length)
		return false;

	if (skip_word(&text, SYMLINK_WORD))
		set_kind(line, parse_link(text, line) ? SSUM_LINE_SYMLINK : SSUM_LINE_BAD_COMMENT);
	else if (skip_word(&text, FOLDER_WORD))
		set_kind(line, take_name(&text, true, ESCAPE_FIELD, &line->name)
				       ? SSUM_LINE_FOLDER
				       : SSUM_LINE_BAD_COMMENT);
	else if (*text.at == '#')
		return false;
	else
		set_kind(line, parse_file(manifest, text) ? SSUM_LINE_FILE : SSUM_LINE_MALFORMED);
	return true;
}

/* ---- Reading ---- */

/* Read on behind the text that is not used up yet. */
static int read_more(struct ssum_manifest *manifest)
{
	struct bytes *text = &manifest->text;
	size_t got;
	int rc;

	memmove(text->data, text->data + manifest->begin, text->length - manifest->begin);
	text->length -= manifest->begin;
	manifest->begin = 0;
	if (text->length > MANIFEST_LINE_MAX) {
		manifest->too_long = true;
		text->length = 0;
	}

	rc = bytes_reserve(text, READ_LENGTH + 1);
	if (!rc)
		rc = read_sequentially(manifest->fd, text->data + text->length, READ_LENGTH, &got);
	if (!rc)
		rc = ssum_stream_update(&manifest->content, text->data + text->length, got);
	if (rc)
		return rc;
	text->length += got;
	manifest->at_end = got < READ_LENGTH;
	return 0;
}

/* The next line without its newline: 1, 0 at the end, or a code. */
static int next_text(struct ssum_manifest *manifest, struct text *line)
{
	struct bytes *text = &manifest->text;
	size_t looked_at = 0;

	for (;;) {
		char *begin = text->data + manifest->begin;
		size_t length = text->length - manifest->begin;
		char *end = memchr(begin + looked_at, '\n', length - looked_at);

		if (end || (manifest->at_end && (length || manifest->too_long))) {
			*line = (struct text){begin, end ? (size_t)(end - begin) : length};
			manifest->begin += line->length + (end != NULL);
			return 1;
		}
		if (manifest->at_end)
			return 0;
		looked_at = length;
		int rc = read_more(manifest);
		if (rc)
			return rc;
		if (manifest->too_long)
			looked_at = 0;
	}
}

int ssum_manifest_next(struct ssum_manifest *manifest, const struct ssum_line **line)
{
	struct text text;
	bool says_something = false;

	*line = NULL;
	while (!says_something) {
		int rc = next_text(manifest, &text);

		if (rc <= 0)
			return rc;
		says_something = parse_line(manifest, text);
		manifest->too_long = false;
	}
	*line = &manifest->line;
	return 1;
}

/* ---- Opening ---- */

int manifest_init(struct ssum_manifest *manifest, int fd, const struct algorithm *algorithm)
{
	*manifest = (struct ssum_manifest){.fd = fd, .algorithm = *algorithm};
	int rc = bytes_reserve(&manifest->text, 2 * READ_LENGTH);

	if (!rc)
		rc = stream_init(&manifest->content, &manifest->algorithm);
	if (rc)
		manifest_clear(manifest);
	return rc;
}

void manifest_clear(struct ssum_manifest *manifest)
{
	stream_clear(&manifest->content);
	bytes_free(&manifest->text);
	algorithm_release(&manifest->algorithm);
}

int manifest_content_hash(struct ssum_manifest *manifest, struct ssum_digest *digest)
{
	return ssum_stream_final(&manifest->content, digest);
}

int ssum_manifest_open(int fd, const char *name, struct ssum_manifest **manifest)
{
	struct ssum_manifest *made = malloc(sizeof(*made));
	struct algorithm algorithm;
	int rc = made ? algorithm_find(name, &algorithm) : -ENOMEM;

	if (!rc)
		rc = manifest_init(made, fd, &algorithm);
	if (rc) {
		free(made);
		made = NULL;
	}
	*manifest = made;
	return rc;
}

void ssum_manifest_close(struct ssum_manifest *manifest)
{
	if (!manifest)
		return;
	manifest_clear(manifest);
	free(manifest);
}
