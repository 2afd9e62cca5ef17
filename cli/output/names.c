/* SPDX-License-Identifier: MIT */
/*
 * Names in messages. A name is any bytes, so every one passes through here on its way to a reader:
 * quoted as GNU's programs quote file names, so that a shell reads back the same bytes.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "output/memory.h"
#include "output/names.h"
#include "output/unicode.h"

/* What a shell would take apart, and the colon, which ends a name in a message. */
static const char special[] = " !\"$&'()*:;<=>?[\\^`|";

/* What stands for itself also between double quotes, beside letters, digits and UTF-8. */
static const char harmless[] = " %+,-./:@]_'";

static bool by_locale;

/* From now on a character is what it is in the user's locale, as it is for GNU's programs. */
void names_by_locale(void)
{
	by_locale = setlocale(LC_CTYPE, "") != NULL;
}

/* The bytes of the character that text begins with, or 0 if it cannot be shown. */
static size_t shown_length(const char *text)
{
	mbstate_t state = {0};
	wchar_t wide;
	size_t length;

	if (!by_locale)
		return utf8_printable_length(text);
	length = mbrtowc(&wide, text, strnlen(text, MB_CUR_MAX), &state);
	if (!length || length > MB_CUR_MAX || !iswprint((wint_t)wide))
		return 0;
	return utf8_is_printable((uint32_t)wide) ? length : 0;
}

static bool alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool needs_quotes(const char *name)
{
	size_t length;

	if (!*name || strchr("#~", *name) || !strcmp(name, "{") || !strcmp(name, "}"))
		return true;
	for (; *name; name += length) {
		length = shown_length(name);
		if (!length || strchr(special, *name))
			return true;
	}
	return false;
}

static bool fits_double_quotes(const char *name)
{
	size_t i = 0;

	if (!strchr(name, '\''))
		return false;
	while (name[i]) {
		size_t length = shown_length(name + i);
		bool plain = name[i] & 0x80 || alphanumeric(name[i]) || strchr(harmless, name[i]);

		if (!length || !(plain || (i == 0 && strchr("#~", name[0]))))
			return false;
		i += length;
	}
	return true;
}

static char *put_escape(char *to, unsigned char byte)
{
	static const char letters[] = "abtnvfr"; /* in the order of their codes, from 7 */

	if (byte >= '\a' && byte <= '\r')
		return to + sprintf(to, "\\%c", letters[byte - '\a']);
	return to + sprintf(to, "\\%03o", byte);
}

/* Between single quotes; what cannot be shown becomes 'before'$'\n''after'. */
static void put_single_quoted(char *to, const char *name)
{
	bool escaping = false;

	*to++ = '\'';
	while (*name) {
		size_t length = shown_length(name);

		if (!length) {
			to = put_escape(escaping ? to : stpcpy(to, "'$'"), *name++);
			escaping = true;
			continue;
		}
		if (*name == '\'')
			to = stpcpy(to, "'\\'");
		if (escaping && *name != '\'')
			to = stpcpy(to, "''");
		escaping = false;
		to = mempcpy(to, name, length);
		name += length;
	}
	strcpy(to, "'");
}

/* Room for a text that is used in the same message, and freed when its turn comes again. */
static char *slot(size_t size)
{
	static char *slots[4];
	static unsigned turn;
	char **next = &slots[turn++ % 4];

	free(*next);
	return *next = allocate(size);
}

const char *in_quotes(const char *name)
{
	/* The dearest byte is an octal escape after plain text: '$'\ooo */
	char *text = slot(7 * strlen(name) + 3);

	if (fits_double_quotes(name))
		sprintf(text, "\"%s\"", name);
	else
		put_single_quoted(text, name);
	return text;
}

const char *quoted(const char *name)
{
	return needs_quotes(name) ? in_quotes(name) : strcpy(slot(strlen(name) + 1), name);
}

/* Put a '?' for each character that must not reach a terminal; gives the new length. */
size_t make_legible(char *text, size_t length)
{
	char *to = text, *end = text + length;

	for (const char *from = text; from < end;) {
		uint32_t code;
		size_t bytes = utf8_decode(from, &code);
		size_t shown = utf8_printable_length(from);

		if (shown)
			memmove(to, from, shown);
		else
			*to = '?';
		to += shown ? shown : 1;
		from += bytes ? bytes : 1;
	}
	*to = '\0';
	return (size_t)(to - text);
}

const char *legible(const char *text)
{
	char *copy = strcpy(slot(strlen(text) + 1), text);

	make_legible(copy, strlen(copy));
	return copy;
}
