/* SPDX-License-Identifier: MIT */
#include "manifest/manifest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The format of sha1sum has no lines for symlinks and directories. They are listed in comment lines
   that begin with these words. */
#define SYMLINK_WORD "# symlink\t"
#define DIRECTORY_WORD "# folder\t"

#define FORMAT_FLAGS (SSUM_FORMAT_BINARY | SSUM_FORMAT_TAGGED | SSUM_FORMAT_ZERO)

/* ---- Parsing ---- */

static void manifest_skip_blanks(struct text *text)
{
	while (text->length && (*text->at == ' ' || *text->at == '\t'))
		text_skip(text, 1);
}

/* Make the whole text a name, in place: unescape it if it is escaped, and end it with a NUL. False
   if the name is malformed. */
static bool manifest_take_name(struct text *text, bool escaped, enum escape_set set,
			       const char **name)
{
	if (escaped ? !unescape(text->at, &text->length, set)
		    : memchr(text->at, '\0', text->length) != NULL)
		return false;
	text->at[text->length] = '\0';
	*name = text->at;
	return true;
}

/* Whether the text before "(" names the algorithm; one blank may follow the name. */
static bool manifest_has_tag(const struct ssum_manifest *manifest, const struct text *tag)
{
	const char *name = manifest->algorithm.tag;
	size_t length = tag->length - (tag->length && tag->at[tag->length - 1] == ' ');

	return manifest->any_spelling ? algorithm_is_named(&manifest->algorithm, tag->at, length)
				      : length == strlen(name) && !memcmp(tag->at, name, length);
}

/* Parse a line for a file as sha1sum writes it. False if it is malformed. */
static bool manifest_parse_file(struct ssum_manifest *manifest, struct text text)
{
	const struct algorithm *algorithm = &manifest->algorithm;
	struct ssum_line *line = &manifest->line;
	enum manifest_form form = manifest->form;

	manifest_skip_blanks(&text);
	bool escaped = text_skip_word(&text, "\\");

	/* TAG (name) = digest, or TAG(name)= digest as OpenSSL writes it. */
	struct text name = text, tag;
	if (text_take_field(&name, '(', &tag) && manifest_has_tag(manifest, &tag)) {
		/* The name may contain parentheses itself: it ends at the last one. */
		char *close = memrchr(name.at, ')', name.length);

		if (!close)
			return false;
		text = name;
		name.length = (size_t)(close - name.at);
		text_skip(&text, name.length + 1);
		manifest_skip_blanks(&text);
		if (!text_skip_word(&text, "="))
			return false;
		manifest_skip_blanks(&text);
		return text_take_digest(&text, algorithm->digest_length, &line->digest) &&
		       !text.length && manifest_take_name(&name, escaped, ESCAPE_NAME, &line->name);
	}

	/*
	 * Digest, blank, a blank or an asterisk, name. Old BSD programs wrote only one blank. The
	 * first untagged line decides which of the two forms the manifest has: otherwise a name
	 * that begins with a blank would be ambiguous.
	 */
	if (!text_take_digest(&text, algorithm->digest_length, &line->digest) || text.length < 2 ||
	    (*text.at != ' ' && *text.at != '\t'))
		return false;
	text_skip(&text, 1);
	if (text.length == 1 || (*text.at != ' ' && *text.at != '*')) {
		if (form == FORM_STANDARD)
			return false;
		form = FORM_ONE_BLANK;
	} else if (form != FORM_ONE_BLANK) {
		form = FORM_STANDARD;
		text_skip(&text, 1);
	}
	/* As in sha1sum, the form is decided even if the name turns out to be malformed. */
	manifest->form = form;
	return manifest_take_name(&text, escaped, ESCAPE_NAME, &line->name);
}

/* Parse a line into manifest->line. False for an empty line and for a comment of others. */
static bool manifest_parse_line(struct ssum_manifest *manifest, struct text text)
{
	struct ssum_line *line = &manifest->line;
	const struct ssum_line unknown = {.size = sizeof(*line), .number = manifest->lines.number};
	enum ssum_line_kind kind_if_bad = SSUM_LINE_BAD_COMMENT;
	struct text name;
	bool good;

	*line = unknown;
	if (manifest->lines.too_long) {
		line->kind = SSUM_LINE_MALFORMED;
		return true;
	}
	if (text.length && text.at[text.length - 1] == '\r')
		text.length--;
	if (!text.length)
		return false;

	if (text_skip_word(&text, SYMLINK_WORD)) {
		line->kind = SSUM_LINE_SYMLINK;
		good = text_take_field(&text, '\t', &name) &&
		       manifest_take_name(&name, true, ESCAPE_FIELD, &line->name) &&
		       manifest_take_name(&text, true, ESCAPE_FIELD, &line->target);
	} else if (text_skip_word(&text, DIRECTORY_WORD)) {
		line->kind = SSUM_LINE_DIRECTORY;
		good = manifest_take_name(&text, true, ESCAPE_FIELD, &line->name);
	} else if (*text.at == '#') {
		return false;
	} else {
		line->kind = SSUM_LINE_FILE;
		good = manifest_parse_file(manifest, text);
		kind_if_bad = SSUM_LINE_MALFORMED;
	}
	if (!good) {
		*line = unknown;
		line->kind = kind_if_bad;
	}
	return true;
}

/* ---- Reading ---- */

/* Read a text; or if that is NULL, read fd. */
static int manifest_open(int fd, const char *text, size_t length, const char *name,
			 struct ssum_manifest **manifest)
{
	struct ssum_manifest *made = calloc(1, sizeof(*made));
	int rc = made ? algorithm_find(name, &made->algorithm) : -ENOMEM;

	if (!rc)
		rc = stream_init(&made->content, &made->algorithm);
	if (!rc)
		rc = text ? lines_init_text(&made->lines, text, length, &made->content)
			  : lines_init(&made->lines, fd, &made->content);
	if (rc) {
		ssum_manifest_close(made);
		made = NULL;
	}
	*manifest = made;
	return rc;
}

int ssum_manifest_open(int fd, const char *algorithm, struct ssum_manifest **manifest)
{
	return manifest_open(fd, NULL, 0, algorithm, manifest);
}

int ssum_manifest_open_text(const char *text, size_t length, const char *algorithm,
			    struct ssum_manifest **manifest)
{
	return manifest_open(-1, text ? text : "", length, algorithm, manifest);
}

void ssum_manifest_close(struct ssum_manifest *manifest)
{
	if (!manifest)
		return;
	stream_clear(&manifest->content);
	lines_free(&manifest->lines);
	algorithm_release(&manifest->algorithm);
	free(manifest);
}

int ssum_manifest_next(struct ssum_manifest *manifest, const struct ssum_line **line)
{
	struct text text;

	*line = NULL;
	do {
		int rc = lines_next(&manifest->lines, &text);

		if (rc <= 0)
			return rc;
	} while (!manifest_parse_line(manifest, text));
	*line = &manifest->line;
	return 1;
}

int ssum_manifest_ready(const struct ssum_manifest *manifest)
{
	return lines_ready(&manifest->lines);
}

/* ---- Writing ---- */

int manifest_append_file(struct bytes *text, unsigned flags, const struct algorithm *algorithm,
			 const struct ssum_digest *digest, const char *name)
{
	bool tagged = flags & SSUM_FORMAT_TAGGED, zero = flags & SSUM_FORMAT_ZERO;
	const char *escape = !zero && escape_needed(name, ESCAPE_NAME) ? "\\" : "";
	char hex[SSUM_HEX_MAX];
	int rc;

	ssum_digest_hex(digest, hex);
	if (tagged)
		rc = bytes_append_strings(text, escape, algorithm->tag, " (", NULL);
	else
		rc = bytes_append_strings(text, escape, hex,
					  flags & SSUM_FORMAT_BINARY ? " *" : "  ", NULL);
	if (!rc)
		rc = zero ? bytes_append_string(text, name)
			  : escape_append(text, name, ESCAPE_NAME);
	if (!rc && tagged)
		rc = bytes_append_strings(text, ") = ", hex, NULL);
	return rc ? rc : bytes_append(text, zero ? "" : "\n", 1);
}

int manifest_append_comment(struct bytes *text, const char *name, const char *target)
{
	int rc = bytes_append_string(text, target ? SYMLINK_WORD : DIRECTORY_WORD);

	if (!rc)
		rc = escape_append(text, name, ESCAPE_FIELD);
	if (!rc && target)
		rc = bytes_append_string(text, "\t");
	if (!rc && target)
		rc = escape_append(text, target, ESCAPE_FIELD);
	return rc ? rc : bytes_append_string(text, "\n");
}

int ssum_format_line(unsigned flags, const char *name_of_algorithm,
		     const struct ssum_digest *digest, const char *name, char **line,
		     size_t *length)
{
	struct algorithm algorithm;
	struct bytes text = {0};
	int rc;

	*line = NULL;
	*length = 0;
	if (flags & ~FORMAT_FLAGS)
		return SSUM_ERR_OPTIONS;
	rc = algorithm_find(name_of_algorithm, &algorithm);
	if (rc)
		return rc;
	rc = manifest_append_file(&text, flags, &algorithm, digest, name);
	if (!rc)
		rc = bytes_append(&text, "", 1);
	algorithm_release(&algorithm);
	if (rc) {
		bytes_free(&text);
		return rc;
	}
	*line = text.data;
	*length = text.length - 1;
	return 0;
}
