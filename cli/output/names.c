/* SPDX-License-Identifier: MIT */
/*
 * File names in messages. A name can contain any bytes, so every name is quoted before it is
 * printed: like GNU programs do it, so that a shell reads the same bytes.
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

/* Characters that a shell interprets, and the colon, which ends a name in a message. */
static const char names_special[] = " !\"$&'()*:;<=>?[\\^`|";

/* The ASCII characters that have no special meaning between double quotes. */
static const char names_plain[] =
	" %+,-./:@]_'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static bool by_locale;

void names_by_locale(void)
{
	by_locale = setlocale(LC_CTYPE, "") != NULL;
}

/* The length in bytes of the first character; 0 if it is not printable. */
static size_t names_character(const char *text)
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

static bool names_need_quotes(const char *name)
{
	size_t length;

	if (!*name || strchr("#~", *name) || !strcmp(name, "{") || !strcmp(name, "}"))
		return true;
	for (; *name; name += length) {
		length = names_character(name);
		if (!length || strchr(names_special, *name))
			return true;
	}
	return false;
}

static bool names_fit_double_quotes(const char *name)
{
	size_t i = 0;

	if (!strchr(name, '\''))
		return false;
	while (name[i]) {
		size_t length = names_character(name + i);
		bool plain = name[i] & 0x80 || strchr(names_plain, name[i]);

		if (!length || !(plain || (i == 0 && strchr("#~", name[0]))))
			return false;
		i += length;
	}
	return true;
}

/* Single quotes. A byte that is not printable is escaped: 'before'$'\n''after'. */
static void names_put_single_quoted(char *to, const char *name)
{
	static const char letters[] = "abtnvfr"; /* the escapes of the bytes 7 to 13 */
	bool escaping = false;

	*to++ = '\'';
	while (*name) {
		size_t length = names_character(name);
		unsigned char byte = (unsigned char)*name;

		if (!length) {
			to = escaping ? to : stpcpy(to, "'$'");
			to += byte >= '\a' && byte <= '\r'
				      ? sprintf(to, "\\%c", letters[byte - '\a'])
				      : sprintf(to, "\\%03o", byte);
			escaping = true;
			name++;
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

/* A buffer for a text that is used in one message. The fourth call after this one frees it. */
static char *names_buffer(size_t size)
{
	static char *slots[4];
	static unsigned turn;
	char **next = &slots[turn++ % 4];

	free(*next);
	return *next = allocate(size);
}

const char *in_quotes(const char *name)
{
	/* The longest form of a byte is an octal escape after plain text: '$'\ooo */
	char *text = names_buffer(7 * strlen(name) + 3);

	if (names_fit_double_quotes(name))
		sprintf(text, "\"%s\"", name);
	else
		names_put_single_quoted(text, name);
	return text;
}

const char *quoted(const char *name)
{
	return names_need_quotes(name) ? in_quotes(name)
				       : strcpy(names_buffer(strlen(name) + 1), name);
}

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
	char *copy = strcpy(names_buffer(strlen(text) + 1), text);

	make_legible(copy, strlen(copy));
	return copy;
}
