/* SPDX-License-Identifier: MIT */
/*
 * What became of a name on its way: archives and file systems re-encode names, fold their case,
 * take them apart or put them together. Content that is there under another name tells that a
 * name changed; here it is found out how.
 */
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "commands/name_change.h"
#include "output/memory.h"
#include "output/unicode.h"
#include "output/unicode.h"

/* ---- Unicode ---- */

/* Whether a text, which is freed, is as it should be. NULL is not. */
bool frees_as(char *text, const char *due)
{
	bool same = text && !strcmp(text, due);

	free(text);
	return same;
}

static bool same_when_mapped(const char *a, const char *b, unsigned form)
{
	char *a_mapped = unicode_form(a, form), *b_mapped = unicode_form(b, form);
	bool same = a_mapped && b_mapped && !strcmp(a_mapped, b_mapped);

	free(a_mapped);
	free(b_mapped);
	return same;
}

static bool check_case(const char *listed, const char *found, char *detail)
{
	strcpy(detail, "only upper and lower case differ");
	return !strcasecmp(listed, found) || same_when_mapped(listed, found, FORM_LOWER_CASE);
}

static const char *form_of(const char *name)
{
	char *composed = unicode_form(name, FORM_COMPOSED);
	char *decomposed = unicode_form(name, FORM_DECOMPOSED);
	const char *form = composed && !strcmp(composed, name)       ? "NFC"
			   : decomposed && !strcmp(decomposed, name) ? "NFD"
								     : "neither NFC nor NFD";

	free(composed);
	free(decomposed);
	return form;
}

static bool check_form(const char *listed, const char *found, char *detail)
{
	bool same = same_when_mapped(listed, found, FORM_COMPOSED);

	snprintf(detail, NAME_DETAIL, "Unicode form %s instead of %s%s", form_of(found),
		 form_of(listed), same ? "" : ", and other upper and lower case");
	return same || same_when_mapped(listed, found, FORM_COMPOSED | FORM_LOWER_CASE);
}

/* ---- Characters ---- */

/* Without the dots and blanks that components end in. */
static char *stripped(const char *name)
{
	char *copy = allocate(strlen(name) + 1), *to = copy;

	for (; *name; name++) {
		size_t trailing = strspn(name, ". ");

		if (!name[trailing] || name[trailing] == '/')
			name += trailing;
		if (!*name)
			break;
		*to++ = *name;
	}
	*to = '\0';
	return copy;
}

static bool check_trailing(const char *listed, const char *found, char *detail)
{
	char *bare = stripped(listed);
	bool same = frees_as(stripped(found), bare);

	free(bare);
	snprintf(detail, NAME_DETAIL, "a trailing dot or space was %s",
		 strlen(found) < strlen(listed) ? "lost" : "added");
	return same;
}

static int digit(char c)
{
	const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) % 16 : -1;
}

static char *percent_decoded(const char *name, bool plus)
{
	char *copy = allocate(strlen(name) + 1), *to = copy;

	for (; *name; name++) {
		int high = *name == '%' ? digit(name[1]) : -1;
		int low = high >= 0 ? digit(name[2]) : -1;

		*to++ = (char)(low >= 0 ? high * 16 + low : plus && *name == '+' ? ' ' : *name);
		name += low >= 0 ? 2 : 0;
	}
	*to = '\0';
	return copy;
}

static bool check_percent(const char *listed, const char *found, char *detail)
{
	bool encoded = frees_as(percent_decoded(found, false), listed) ||
		       frees_as(percent_decoded(found, true), listed);

	snprintf(detail, NAME_DETAIL, "the name was percent-%s", encoded ? "encoded" : "decoded");
	return encoded || frees_as(percent_decoded(listed, false), found) ||
	       frees_as(percent_decoded(listed, true), found);
}

/* ---- All together ---- */

static const struct {
	const char *kind;
	bool (*check)(const char *listed, const char *found, char *detail);
} checks[] = {
	{"case", check_case},
	{"normalization", check_form},
	{"re-encoded", name_reencoded},
	{"trailing", check_trailing},
	{"percent-encoding", check_percent},
};

static bool check_all(const char *listed, const char *found, struct name_change *change)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		change->kind = checks[i].kind;
		change->detail[0] = '\0';
		if (checks[i].check(listed, found, change->detail))
			return true;
	}
	return false;
}

static size_t directory_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

bool name_change(const char *listed, const char *found, struct name_change *change)
{
	size_t from = directory_length(listed), to = directory_length(found);
	bool same_directory = from == to && !memcmp(listed, found, from);

	if (check_all(listed, found, change))
		return true;
	if (!strcmp(listed + from, found + to)) {
		*change = (struct name_change){"moved", "it was moved to another directory"};
		return true;
	}
	if (!same_directory && check_all(listed + from, found + to, change)) {
		size_t length = strlen(change->detail);

		snprintf(change->detail + length, NAME_DETAIL - length, "; and it was moved");
		return true;
	}
	*change = (struct name_change){"renamed", "it was renamed"};
	if (!same_directory)
		strcpy(change->detail, "it was moved to another directory and renamed");
	return false;
}

/* Names that were read in another encoding than they were written in, or converted to one. */

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
