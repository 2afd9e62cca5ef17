/* SPDX-License-Identifier: MIT */
/*
 * Names in other Unicode forms, and UTF-8. Other forms need libutf8proc, which is optional. ASCII
 * has no other forms than upper and lower case, so every build treats ASCII names in the same way.
 */
#include <ctype.h>
#include <stdlib.h>

#include "output/memory.h"
#include "output/output.h"
#include "output/unicode.h"

#ifdef WITH_UTF8PROC

#include <utf8proc.h>

const char *unicode_library(void)
{
	return utf8proc_version();
}

char *unicode_form(const char *name, unsigned form)
{
	int options = UTF8PROC_NULLTERM | UTF8PROC_STABLE;
	utf8proc_uint8_t *result = NULL;

	options |= form & FORM_COMPOSED ? UTF8PROC_COMPOSE : 0;
	options |= form & FORM_DECOMPOSED ? UTF8PROC_DECOMPOSE : 0;
	options |= form & FORM_LOWER_CASE ? UTF8PROC_CASEFOLD : 0;
	utf8proc_map((const utf8proc_uint8_t *)name, 0, &result, (utf8proc_option_t)options);
	return (char *)result;
}

#else

const char *unicode_library(void)
{
	return NULL;
}

char *unicode_form(const char *name, unsigned form)
{
	static bool is_reported;
	char *copy = copy_string(name);

	for (char *c = copy; *c; c++) {
		if ((unsigned char)*c >= 0x80) {
			if (utf8_is(name) && !is_reported)
				note("this build has no libutf8proc: names that are not ASCII are compared as bytes");
			is_reported |= utf8_is(name);
			free(copy);
			return NULL;
		}
		if (form & FORM_LOWER_CASE)
			*c = (char)tolower((unsigned char)*c);
	}
	return copy;
}

#endif

/* ---- UTF-8 ---- */

size_t utf8_decode(const char *text, uint32_t *code)
{
	/* The smallest code point for each length in bytes. A smaller one is an overlong form. */
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *bytes = (const unsigned char *)text;
	unsigned char lead = bytes[0];
	size_t length = lead < 0x80                  ? 1
			: lead < 0xc0 || lead > 0xf4 ? 0
			: lead < 0xe0                ? 2
			: lead < 0xf0                ? 3
						     : 4;

	*code = length > 1 ? lead & (0x7fu >> length) : lead;
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (bytes[i] & 0x3f);
	}
	if (*code > 0x10ffff || *code < smallest[length] || (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return length;
}

bool utf8_is(const char *text)
{
	uint32_t code;
	size_t length;

	for (; *text; text += length)
		if (!(length = utf8_decode(text, &code)))
			return false;
	return true;
}

/* Characters that move the cursor, end the line, change the direction of the text or are invisible:
   the categories Cc, Cf, Zl and Zp of Unicode 15, in ascending order. */
static const struct {
	uint32_t first, last;
} unprintable[] = {
	{0, 0x1f},          {0x7f, 0x9f},       {0xad, 0xad},       {0x600, 0x605},
	{0x61c, 0x61c},     {0x6dd, 0x6dd},     {0x70f, 0x70f},     {0x890, 0x891},
	{0x8e2, 0x8e2},     {0x180e, 0x180e},   {0x200b, 0x200f},   {0x2028, 0x202e},
	{0x2060, 0x206f},   {0xfeff, 0xfeff},   {0xfff9, 0xfffb},   {0x110bd, 0x110bd},
	{0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
	{0xe0001, 0xe0001}, {0xe0020, 0xe007f},
};

bool utf8_is_printable(uint32_t code)
{
	for (size_t i = 0; i < sizeof(unprintable) / sizeof(unprintable[0]); i++)
		if (code >= unprintable[i].first && code <= unprintable[i].last)
			return false;
	return true;
}

size_t utf8_printable_length(const char *text)
{
	uint32_t code;
	size_t length = utf8_decode(text, &code);

	return utf8_is_printable(code) ? length : 0;
}
