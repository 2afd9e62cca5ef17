/* SPDX-License-Identifier: MIT */
/*
 * Names in other Unicode forms: all that needs libutf8proc, which a build may lack. Names in ASCII
 * have no forms but upper and lower case, so they are treated alike in every build.
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

/* The name in another form, or NULL if it is not UTF-8. */
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

static void say_what_is_missing(void)
{
	static bool told;

	if (!told)
		note("this build has no libutf8proc: names that are not ASCII are compared as "
		     "bytes");
	told = true;
}

/* The same for ASCII; NULL for every other name, which is told once. */
char *unicode_form(const char *name, unsigned form)
{
	char *copy = copy_string(name);

	for (char *c = copy; *c; c++) {
		if ((unsigned char)*c >= 0x80) {
			if (utf8_is(name))
				say_what_is_missing();
			free(copy);
			return NULL;
		}
		if (form & FORM_LOWER_CASE)
			*c = (char)tolower((unsigned char)*c);
	}
	return copy;
}

#endif

/* UTF-8, whatever the locale says: a name reads the same wherever a report of it is read. */

/* The smallest code point that may take 1, 2, 3 or 4 bytes: shorter ones are overlong there. */
static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};

static size_t length_from(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead < 0xc0 || lead > 0xf4)
		return 0;
	return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* The bytes of the character that text begins with, or 0 if it begins with none. */
size_t utf8_decode(const char *text, uint32_t *code)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t length = length_from(bytes[0]);

	*code = length > 1 ? bytes[0] & (0x7fu >> length) : bytes[0];
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

/* What moves the cursor, ends the line, turns around the text that follows, or is not seen: the
   categories Cc, Cf, Zl and Zp of Unicode 15, in order. */
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

/* Whether a character may reach a terminal. */
bool utf8_is_printable(uint32_t code)
{
	for (size_t i = 0; i < sizeof(unprintable) / sizeof(unprintable[0]); i++)
		if (code >= unprintable[i].first && code <= unprintable[i].last)
			return false;
	return true;
}

/* As utf8_decode(), and 0 also for what must not reach a terminal. */
size_t utf8_printable_length(const char *text)
{
	uint32_t code;
	size_t length = utf8_decode(text, &code);

	return utf8_is_printable(code) ? length : 0;
}
