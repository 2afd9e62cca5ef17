/* SPDX-License-Identifier: MIT */
#include "manifest/lines.h"

#include <poll.h>
#include <string.h>

#include "io/read_write.h"

#define READ_LENGTH (64 * KIB)

/* ---- Lines ---- */

int lines_init(struct lines *lines, int fd, struct ssum_stream *content)
{
	*lines = (struct lines){.fd = fd, .content = content};
	return bytes_reserve(&lines->text, 2 * READ_LENGTH);
}

int lines_init_text(struct lines *lines, const char *text, size_t length,
		    struct ssum_stream *content)
{
	int rc = content ? ssum_stream_update(content, text, length) : 0;

	*lines = (struct lines){.fd = -1, .content = content, .at_end = true};
	if (!rc)
		rc = bytes_append(&lines->text, text, length);
	/* The byte after the last line. */
	return rc ? rc : bytes_reserve(&lines->text, 1);
}

void lines_free(struct lines *lines)
{
	bytes_free(&lines->text);
}

/* Move the text that was not returned yet to the start of the buffer, and read more after it. */
static int lines_read_more(struct lines *lines)
{
	struct bytes *text = &lines->text;
	size_t got;
	int rc;

	memmove(text->data, text->data + lines->begin, text->length - lines->begin);
	text->length -= lines->begin;
	lines->begin = 0;
	if (text->length > LINE_MAX_LENGTH) {
		lines->skipping = true;
		text->length = 0;
		lines->at_end = lines->only_short;
	}
	if (lines->at_end)
		return 0;

	/* Even if nothing more is read, the buffer now has room for a byte after the last line. */
	rc = bytes_reserve(text, READ_LENGTH);
	if (!rc)
		rc = read_available(lines->fd, text->data + text->length, READ_LENGTH, &got);
	if (!rc && lines->content)
		rc = ssum_stream_update(lines->content, text->data + text->length, got);
	if (rc)
		return rc;
	text->length += got;
	lines->at_end = !got;
	return 0;
}

int lines_next(struct lines *lines, struct text *line)
{
	struct bytes *text = &lines->text;
	size_t searched = 0; /* bytes of the line that contain no newline */

	for (;;) {
		char *begin = text->data + lines->begin;
		size_t length = text->length - lines->begin;
		char *end = memchr(begin + searched, '\n', length - searched);

		if (end || (lines->at_end && (length || lines->skipping))) {
			if (end)
				length = (size_t)(end - begin);
			*line = (struct text){begin, length};
			lines->begin += length + (end != NULL);
			lines->number++;
			lines->too_long = lines->skipping || length > LINE_MAX_LENGTH;
			lines->is_cut = !end;
			lines->skipping = false;
			return 1;
		}
		if (lines->at_end)
			return 0;
		searched = length;
		int rc = lines_read_more(lines);
		if (rc)
			return rc;
		if (lines->skipping)
			searched = 0;
	}
}

bool lines_ready(const struct lines *lines)
{
	const char *begin = lines->text.data + lines->begin;
	struct pollfd more = {.fd = lines->fd, .events = POLLIN};

	return lines->at_end || lines->fd < 0 ||
	       memchr(begin, '\n', lines->text.length - lines->begin) || poll(&more, 1, 0) != 0;
}

/* ---- Fields ---- */

void text_skip(struct text *text, size_t count)
{
	text->at += count;
	text->length -= count;
}

bool text_skip_word(struct text *text, const char *word)
{
	size_t length = strlen(word);

	if (text->length < length || memcmp(text->at, word, length))
		return false;
	text_skip(text, length);
	return true;
}

bool text_take_field(struct text *text, char end, struct text *field)
{
	char *at = memchr(text->at, end, text->length);

	if (!at)
		return false;
	*field = (struct text){text->at, (size_t)(at - text->at)};
	text_skip(text, field->length + 1);
	return true;
}

bool text_take_digest(struct text *text, size_t length, struct ssum_digest *digest)
{
	if (text->length < 2 * length || !hex_decode(text->at, length, digest->bytes))
		return false;
	digest->length = length;
	text_skip(text, 2 * length);
	return true;
}

bool text_is_number(const struct text *text, uint64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < text->length; i++) {
		unsigned digit = (unsigned char)text->at[i] - (unsigned)'0';

		if (digit > 9 || *number > (UINT64_MAX - digit) / 10)
			return false;
		*number = *number * 10 + digit;
	}
	return text->length && (text->at[0] != '0' || text->length == 1);
}

bool text_take_number(struct text *text, uint64_t *number)
{
	struct text field;

	return text_take_field(text, '\t', &field) && text_is_number(&field, number);
}

/* ---- Escapes ---- */

/* The bytes of each set, and the letter after the backslash in the escape for each. */
static const char *const escape_bytes[] = {[ESCAPE_NAME] = "\\\n\r", [ESCAPE_FIELD] = "\\\n\r\t"};
static const char escape_letters[] = "\\nrt";

bool escape_needed(const char *name, enum escape_set set)
{
	return name[strcspn(name, escape_bytes[set])] != '\0';
}

int escape_append(struct bytes *text, const char *name, enum escape_set set)
{
	const char *bytes = escape_bytes[set];

	for (;;) {
		size_t plain = strcspn(name, bytes);
		int rc = bytes_append(text, name, plain);

		name += plain;
		if (rc || !*name)
			return rc;
		const char pair[] = {'\\', escape_letters[strchr(bytes, *name) - bytes]};
		rc = bytes_append(text, pair, sizeof(pair));
		if (rc)
			return rc;
		name++;
	}
}

bool unescape(char *text, size_t *length, enum escape_set set)
{
	const char *bytes = escape_bytes[set];
	const char *from = text, *end = text + *length;
	char *to = text;

	while (from < end) {
		char byte = *from++;

		if (byte == '\\') {
			const char *letter =
				from < end ? memchr(escape_letters, *from++, strlen(bytes)) : NULL;

			byte = letter ? bytes[letter - escape_letters] : '\0';
		}
		if (!byte)
			return false;
		*to++ = byte;
	}
	*length = (size_t)(to - text);
	return true;
}
