/* SPDX-License-Identifier: MIT */
/*
 * How the name of a file has changed. Archives and file systems convert names to other encodings,
 * change their case, and compose or decompose their characters. When the content of a missing file
 * is found under another name, the functions in this file find out which of these changes the name
 * shows.
 */
#include <ctype.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "commands/name_change.h"
#include "output/memory.h"
#include "output/unicode.h"

/* Whether two texts are equal; frees both. NULL is the result of a failed conversion, and is never
   equal. */
static bool name_equal(char *a, char *b)
{
	bool equal = a && b && !strcmp(a, b);

	free(a);
	free(b);
	return equal;
}

/* ---- Case and Unicode normalization ---- */

static bool name_check_case(const char *listed, const char *found, char *detail)
{
	strcpy(detail, "only upper and lower case differ");
	return !strcasecmp(listed, found) || name_equal(unicode_form(listed, FORM_LOWER_CASE),
							unicode_form(found, FORM_LOWER_CASE));
}

static const char *name_form(const char *name)
{
	if (name_equal(unicode_form(name, FORM_COMPOSED), copy_string(name)))
		return "NFC";
	if (name_equal(unicode_form(name, FORM_DECOMPOSED), copy_string(name)))
		return "NFD";
	return "neither NFC nor NFD";
}

static bool name_check_form(const char *listed, const char *found, char *detail)
{
	unsigned form = FORM_COMPOSED;
	bool same = name_equal(unicode_form(listed, form), unicode_form(found, form));

	snprintf(detail, NAME_DETAIL, "Unicode form %s instead of %s%s", name_form(found),
		 name_form(listed), same ? "" : ", and other upper and lower case");
	form |= FORM_LOWER_CASE;
	return same || name_equal(unicode_form(listed, form), unicode_form(found, form));
}

/* ---- Encodings ---- */

#define UTF8 "UTF-8"

/* The encodings that are tried in addition to UTF-8. */
static const struct {
	const char *name, *shown;
} name_encodings[] = {
	{"ISO-8859-1", "Latin-1"},
	{"CP1252", "CP1252"},
	{"CP437", "CP437"},
	{"CP850", "CP850"},
};

#define NAME_ENCODINGS (sizeof(name_encodings) / sizeof(name_encodings[0]))

/* The name in another encoding, to be freed; NULL if a character cannot be converted. */
static char *name_converted(const char *name, const char *from, const char *to)
{
	size_t left = strlen(name), room = 4 * left + 4;
	iconv_t conversion = iconv_open(to, from);
	char *in = (char *)name, *text, *end;
	bool converted;

	if (conversion == (iconv_t)-1)
		return NULL;
	text = end = allocate(room + 1);
	/* The second call writes a last character that iconv() has buffered. */
	converted = iconv(conversion, &in, &left, &end, &room) == 0 && !left &&
		    iconv(conversion, NULL, NULL, &end, &room) == 0;
	iconv_close(conversion);
	*end = '\0';
	if (converted)
		return text;
	free(text);
	return NULL;
}

/* Append to "Latin-1 or CP1252": several encodings may have the same bytes for a name. */
static void name_add_encoding(char **text, size_t index)
{
	const char *shown = name_encodings[index].shown;
	char *longer = *text ? format_text("%s or %s", *text, shown) : copy_string(shown);

	free(*text);
	*text = longer;
}

/* The encodings that one name is in if the other is the same in UTF-8. To be freed; NULL: none. */
static char *name_find_encodings(const char *name, const char *in_utf8)
{
	char *text = NULL;

	for (size_t i = 0; i < NAME_ENCODINGS; i++)
		if (name_equal(name_converted(name, name_encodings[i].name, UTF8),
			       copy_string(in_utf8)))
			name_add_encoding(&text, i);
	return text;
}

/* Whether one conversion from or to UTF-8 makes one name of the other. */
static bool name_check_conversion(const char *listed, const char *found, char *detail)
{
	char *text = name_find_encodings(listed, found);
	bool to_utf8 = text != NULL;

	if (!text)
		text = name_find_encodings(found, listed);
	if (!text)
		return false;
	/* A name in UTF-8 that is converted to UTF-8 again was taken for another encoding. */
	if (to_utf8 && utf8_is(listed))
		snprintf(detail, NAME_DETAIL, "the name was re-encoded: UTF-8 read as %s", text);
	else if (to_utf8)
		snprintf(detail, NAME_DETAIL, "the name was re-encoded: from %s to UTF-8", text);
	else if (utf8_is(found))
		snprintf(detail, NAME_DETAIL,
			 "the name was re-encoded: the listed one is UTF-8 read as %s", text);
	else
		snprintf(detail, NAME_DETAIL, "the name was re-encoded: from UTF-8 to %s", text);
	free(text);
	return true;
}

/* Whether a name was written in one of the encodings and read in another, as old archivers do. */
static bool name_check_confusion(const char *listed, const char *found, char *detail)
{
	char *written = NULL, *read = NULL;
	bool confused;

	for (size_t i = 0; i < NAME_ENCODINGS; i++) {
		char *bytes = name_converted(listed, UTF8, name_encodings[i].name);
		char *text = bytes ? name_find_encodings(bytes, found) : NULL;

		free(bytes);
		if (!text)
			continue;
		name_add_encoding(&written, i);
		free(read);
		read = text;
	}
	confused = written;
	if (confused)
		snprintf(detail, NAME_DETAIL, "the name was re-encoded: %s read as %s", written,
			 read);
	free(written);
	free(read);
	return confused;
}

static bool name_check_encoding(const char *listed, const char *found, char *detail)
{
	static const struct {
		unsigned form;
		const char *shown;
	} forms[] = {{FORM_DECOMPOSED, "NFD"}, {FORM_COMPOSED, "NFC"}};
	bool converted = name_check_conversion(listed, found, detail) ||
			 name_check_confusion(listed, found, detail);

	/* Archivers on macOS decompose names before they convert them. */
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]) && !converted; i++) {
		char *form = unicode_form(listed, forms[i].form);
		size_t length;

		converted = form && strcmp(form, listed) != 0 &&
			    name_check_conversion(form, found, detail);
		free(form);
		length = strlen(detail);
		if (converted)
			snprintf(detail + length, NAME_DETAIL - length, ", in Unicode form %s",
				 forms[i].shown);
	}
	return converted;
}

/* ---- Characters ---- */

/* The path without dots and blanks at the ends of its components. To be freed. */
static char *name_without_trailing(const char *name)
{
	char *copy = copy_string(name), *to = copy;

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

static bool name_check_trailing(const char *listed, const char *found, char *detail)
{
	snprintf(detail, NAME_DETAIL, "a trailing dot or space was %s",
		 strlen(found) < strlen(listed) ? "lost" : "added");
	return name_equal(name_without_trailing(listed), name_without_trailing(found));
}

/* plus: '+' is a blank, as in forms. */
static char *name_percent_decoded(const char *name, bool plus)
{
	char *copy = copy_string(name), *to = copy;
	unsigned char byte;

	for (; *name; name++)
		if (*name == '%' && isxdigit((unsigned char)name[1]) &&
		    isxdigit((unsigned char)name[2]) && sscanf(name + 1, "%2hhx", &byte) == 1) {
			*to++ = (char)byte;
			name += 2;
		} else {
			*to++ = (char)(plus && *name == '+' ? ' ' : *name);
		}
	*to = '\0';
	return copy;
}

static bool name_check_percent(const char *listed, const char *found, char *detail)
{
	bool encoded = name_equal(name_percent_decoded(found, false), copy_string(listed)) ||
		       name_equal(name_percent_decoded(found, true), copy_string(listed));

	snprintf(detail, NAME_DETAIL, "the name was percent-%s", encoded ? "encoded" : "decoded");
	return encoded || name_equal(name_percent_decoded(listed, false), copy_string(found)) ||
	       name_equal(name_percent_decoded(listed, true), copy_string(found));
}

/* ---- All changes ---- */

static bool name_check_all(const char *listed, const char *found, struct name_change *change)
{
	static const struct {
		const char *kind;
		bool (*check)(const char *listed, const char *found, char *detail);
	} checks[] = {
		{"case", name_check_case},
		{"normalization", name_check_form},
		{"re-encoded", name_check_encoding},
		{"trailing", name_check_trailing},
		{"percent-encoding", name_check_percent},
	};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		change->kind = checks[i].kind;
		change->detail[0] = '\0';
		if (checks[i].check(listed, found, change->detail))
			return true;
	}
	return false;
}

/* Whether the listed name has Windows path separators, and is otherwise the found one, or one in
   another directory. */
static bool name_check_separators(const char *listed, const char *found)
{
	char *converted = copy_string(listed), *tail = converted;
	bool same = false;

	for (char *c = converted; *c; c++)
		if (*c == '\\')
			*c = '/';
	while (!same && tail) {
		same = !strcmp(tail, found);
		tail = strchr(tail, '/');
		if (tail)
			tail++;
	}
	free(converted);
	return same && strchr(listed, '\\') && !strchr(found, '\\');
}

bool name_change(const char *listed, const char *found, struct name_change *change)
{
	const char *slash = strrchr(listed, '/'), *found_slash = strrchr(found, '/');
	size_t from = slash ? (size_t)(slash - listed) + 1 : 0;
	size_t to = found_slash ? (size_t)(found_slash - found) + 1 : 0;
	bool same_directory = from == to && !memcmp(listed, found, from);

	if (name_check_separators(listed, found)) {
		*change =
			(struct name_change){"separators", "the list has Windows path separators"};
		return true;
	}
	if (name_check_all(listed, found, change))
		return true;
	if (!strcmp(listed + from, found + to)) {
		*change = (struct name_change){"moved", "it was moved to another directory"};
		return true;
	}
	if (!same_directory && name_check_all(listed + from, found + to, change)) {
		size_t length = strlen(change->detail);

		snprintf(change->detail + length, NAME_DETAIL - length, "; and it was moved");
		return true;
	}
	*change = (struct name_change){"renamed", "it was renamed"};
	if (!same_directory)
		strcpy(change->detail, "it was moved to another directory and renamed");
	return false;
}
