/* SPDX-License-Identifier: MIT */
/* Names that were read in another encoding than they were written in, or converted to one. */
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/unicode.h"
#include "base/utf8.h"
#include "names/name_change.h"

/* Those that names of UTF-8 are taken for, or are converted to. */
static const struct {
	const char *name, *shown;
} encodings[] = {
	{"ISO-8859-1", "Latin-1"},
	{"CP1252", "CP1252"},
	{"CP437", "CP437"},
	{"CP850", "CP850"},
};

#define ENCODINGS (sizeof(encodings) / sizeof(encodings[0]))
#define UTF8 "UTF-8"

/* Converted to the last character, or NULL. */
static char *converted(const char *name, const char *from, const char *to)
{
	size_t left = name ? strlen(name) : 0, room = 4 * left;
	iconv_t conversion = name ? iconv_open(to, from) : (iconv_t)-1;
	char *in = (char *)name, *text, *out_at;
	bool done;

	if (conversion == (iconv_t)-1)
		return NULL;
	text = out_at = allocate(room + 1);
	done = iconv(conversion, &in, &left, &out_at, &room) == 0 && !left;
	iconv_close(conversion);
	*out_at = '\0';
	if (done)
		return text;
	free(text);
	return NULL;
}

/* Several encodings may do the same to the characters of a name: all are told. */
static void add_encoding(char *text, size_t index)
{
	size_t length = strlen(text);

	snprintf(text + length, NAME_DETAIL - length, "%s%s", length ? " or " : "",
		 encodings[index].shown);
}

/* The encodings by which one name becomes the other. */
static bool find_encodings(const char *from, const char *to, char *text)
{
	*text = '\0';
	for (size_t i = 0; i < ENCODINGS; i++)
		if (frees_as(converted(from, encodings[i].name, UTF8), to))
			add_encoding(text, i);
	return *text;
}

/* As old archives do: one such encoding is taken for another. All that fit are told, on either
   side. */
static bool find_confusion(const char *listed, const char *found, char *detail)
{
	char *written = allocate(NAME_DETAIL), *read = allocate(NAME_DETAIL);
	char *last = allocate(NAME_DETAIL);
	bool is;

	*written = *last = '\0';
	for (size_t i = 0; i < ENCODINGS; i++) {
		char *bytes = converted(listed, UTF8, encodings[i].name);

		if (bytes && find_encodings(bytes, found, read)) {
			add_encoding(written, i);
			strcpy(last, read);
		}
		free(bytes);
	}
	is = *written;
	if (is)
		snprintf(detail, NAME_DETAIL, "the name was re-encoded: %.50s read as %.50s",
			 written, last);
	free(written);
	free(read);
	free(last);
	return is;
}

static bool find_reencoding(const char *listed, const char *found, char *detail)
{
	static const char *const formats[] = {
		"the name was re-encoded: UTF-8 read as %s",
		"the name was re-encoded: from %s to UTF-8",
		"the name was re-encoded: what was listed is UTF-8 read as %s",
		"the name was re-encoded: from UTF-8 to %s",
	};
	char *text = allocate(NAME_DETAIL);
	const char *format = NULL;

	if (find_encodings(listed, found, text))
		format = formats[utf8_is(listed) ? 0 : 1];
	else if (find_encodings(found, listed, text))
		format = formats[utf8_is(found) ? 2 : 3];
	if (format) {
		size_t before = strcspn(format, "%");

		snprintf(detail, NAME_DETAIL, "%.*s%s%s", (int)before, format, text,
			 format + before + 2);
	}
	free(text);
	return format;
}

/* The name may have been taken apart or put together before: archives that a Macintosh made. */
bool name_reencoded(const char *listed, const char *found, char *detail)
{
	static const struct {
		unsigned form;
		const char *shown;
	} forms[] = {{FORM_DECOMPOSED, "NFD"}, {FORM_COMPOSED, "NFC"}};
	bool is = find_reencoding(listed, found, detail) || find_confusion(listed, found, detail);

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]) && !is; i++) {
		char *form = unicode_form(listed, forms[i].form);
		size_t length;

		is = form && strcmp(form, listed) != 0 && find_reencoding(form, found, detail);
		free(form);
		length = strlen(detail);
		if (is)
			snprintf(detail + length, NAME_DETAIL - length, ", in Unicode form %s",
				 forms[i].shown);
	}
	return is;
}
