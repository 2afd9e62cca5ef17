/* SPDX-License-Identifier: MIT */
#include "manifest/manifest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/escape.h"
#include "manifest/manifest_words.h"

/* ---- Lines ---- */

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

static void skip_blanks(struct text *text)
{
	while (text->length && is_blank(*text->at))
		text_skip(text, 1);
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
	text_skip(&text, name.length + 1);
	skip_blanks(&text);
	if (!text_skip_word(&text, "="))
		return false;
	skip_blanks(&text);
	return text_take_digest(&text, algorithm->digest_length, &line->digest) && !text.length &&
	       take_name(&name, escaped, ESCAPE_NAME, &line->name);
}

static bool skip_tag(const struct algorithm *algorithm, struct text *text)
{
	struct text rest = *text;

	if (!text_skip_word(&rest, algorithm->tag))
		return false;
	text_skip_word(&rest, " ");
	if (!text_skip_word(&rest, "("))
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

	if (!text_take_digest(&text, manifest->algorithm.digest_length, &manifest->line.digest) ||
	    text.length < 2 || !is_blank(*text.at))
		return false;
	text_skip(&text, 1);

	if (text.length == 1 || (*text.at != ' ' && *text.at != '*')) {
		if (order == ORDER_STANDARD)
			return false;
		order = ORDER_REVERSED;
	} else if (order != ORDER_REVERSED) {
		order = ORDER_STANDARD;
		text_skip(&text, 1);
	}
	/* The form counts, as it does for sha1sum, even if the name cannot be accepted. */
	manifest->order = order;
	return take_name(&text, escaped, ESCAPE_NAME, &manifest->line.name);
}

static bool parse_file(struct ssum_manifest *manifest, struct text text)
{
	skip_blanks(&text);
	bool escaped = text_skip_word(&text, "\\");

	if (skip_tag(&manifest->algorithm, &text))
		return parse_tagged(&manifest->algorithm, text, escaped, &manifest->line);
	return parse_plain(manifest, text, escaped);
}

static bool parse_link(struct text text, struct ssum_line *line)
{
	struct text name;

	return text_take_field(&text, '\t', &name) &&
	       take_name(&name, true, ESCAPE_FIELD, &line->name) &&
	       take_name(&text, true, ESCAPE_FIELD, &line->target);
}

static void set_kind(struct ssum_line *line, enum ssum_line_kind kind)
{
	line->kind = kind;
	if (kind != SSUM_LINE_MALFORMED && kind != SSUM_LINE_BAD_COMMENT)
		return;
	line->name = NULL; /* a target is taken last, and makes the line a good one */
	line->digest = (struct ssum_digest){0};
}

/* Whether the line says anything; the result is in manifest->line. */
static bool parse_line(struct ssum_manifest *manifest, struct text text)
{
	struct ssum_line *line = &manifest->line;

	*line = (struct ssum_line){.size = sizeof(*line), .number = manifest->lines.number};
	if (manifest->lines.too_long) {
		set_kind(line, SSUM_LINE_MALFORMED);
		return true;
	}
	if (text.length && text.at[text.length - 1] == '\r')
		text.length--;
	if (!text.length)
		return false;

	if (text_skip_word(&text, SYMLINK_WORD))
		set_kind(line, parse_link(text, line) ? SSUM_LINE_SYMLINK : SSUM_LINE_BAD_COMMENT);
	else if (text_skip_word(&text, DIRECTORY_WORD))
		set_kind(line, take_name(&text, true, ESCAPE_FIELD, &line->name)
				       ? SSUM_LINE_DIRECTORY
				       : SSUM_LINE_BAD_COMMENT);
	else if (*text.at == '#')
		return false;
	else
		set_kind(line, parse_file(manifest, text) ? SSUM_LINE_FILE : SSUM_LINE_MALFORMED);
	return true;
}

/* ---- Reading ---- */

int ssum_manifest_next(struct ssum_manifest *manifest, const struct ssum_line **line)
{
	struct text text;
	bool says_something = false;

	*line = NULL;
	while (!says_something) {
		int rc = lines_next(&manifest->lines, &text);

		if (rc <= 0)
			return rc;
		says_something = parse_line(manifest, text);
	}
	*line = &manifest->line;
	return 1;
}

int ssum_manifest_ready(const struct ssum_manifest *manifest)
{
	return lines_ready(&manifest->lines);
}

/* ---- Opening ---- */

int manifest_init(struct ssum_manifest *manifest, int fd, const struct algorithm *algorithm)
{
	*manifest = (struct ssum_manifest){.algorithm = *algorithm};
	int rc = lines_init(&manifest->lines, fd, &manifest->content);

	if (!rc)
		rc = stream_init(&manifest->content, &manifest->algorithm);
	if (rc)
		manifest_clear(manifest);
	return rc;
}

void manifest_clear(struct ssum_manifest *manifest)
{
	stream_clear(&manifest->content);
	lines_free(&manifest->lines);
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
