/* SPDX-License-Identifier: MIT */
#include "digest/spelling.h"

#include <ctype.h>
#include <string.h>

#define WORD 4

/* Room for the longest digest with a separator behind each digit. */
#define TEXT_MAX (4 * SSUM_DIGEST_MAX + 8)

/* ---- Hexadecimal ---- */

static bool has_upper_case(const char *text)
{
	while (*text && !isupper((unsigned char)*text))
		text++;
	return *text;
}

/* What stands between digits, in the order in which it is looked for. */
static const struct {
	char separator;
	const char *spelling;
} separators[] = {
	{':', "with colons"},
	{'-', "with dashes"},
	{' ', "with spaces"},
	{'\t', "with spaces"},
};

/* Leave out all separators; the name of the first kind that there is, or NULL. */
static const char *strip_separators(const char *text, char *digits)
{
	const char *spelling = NULL;

	for (; *text; text++) {
		size_t i = 0;

		while (i < ARRAY_SIZE(separators) && separators[i].separator != *text)
			i++;
		if (i == ARRAY_SIZE(separators))
			*digits++ = *text;
		else if (!spelling)
			spelling = separators[i].spelling;
	}
	*digits = '\0';
	return spelling;
}

static int read_hex(const char *text, struct ssum_digest *digest, const char **spelling)
{
	char digits[TEXT_MAX];

	*spelling = strip_separators(text, digits);
	text = digits;
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		text += 2;
		*spelling = "with 0x before it";
	}
	if (!*spelling && has_upper_case(text))
		*spelling = "in upper case";
	return ssum_digest_parse(text, digest);
}

/* ---- Base64 (RFC 4648, sections 4 and 5) ---- */

static int base64_value(char c)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";
	const char *at = c ? strchr(alphabet, c) : NULL;

	if (!at)
		return -1;
	return at - alphabet < 64 ? (int)(at - alphabet) : (int)(at - alphabet) - 2;
}

static int read_base64(const char *text, struct ssum_digest *digest)
{
	unsigned bits = 0, count = 0;

	*digest = (struct ssum_digest){0};
	for (; base64_value(*text) >= 0; text++) {
		bits = bits << 6 | (unsigned)base64_value(*text);
		count += 6;
		if (count < 8)
			continue;
		if (digest->length == SSUM_DIGEST_MAX)
			return SSUM_ERR_MALFORMED;
		count -= 8;
		digest->bytes[digest->length++] = (unsigned char)(bits >> count);
	}
	/* Bits that fill the last character up are zeros. */
	if (bits & ((1U << count) - 1))
		return SSUM_ERR_MALFORMED;
	text += strspn(text, "=");
	return *text || !digest->length ? SSUM_ERR_MALFORMED : 0;
}

/* ---- All of them ---- */

int digest_read(const char *text, struct ssum_digest *digest, const char **spelling)
{
	char word[TEXT_MAX];
	size_t length;

	*spelling = NULL;
	*digest = (struct ssum_digest){0};
	text += strspn(text, " \t\r\n");
	length = strlen(text);
	while (length && strchr(" \t\r\n", text[length - 1]))
		length--;
	if (length >= sizeof(word))
		return SSUM_ERR_MALFORMED;
	memcpy(word, text, length);
	word[length] = '\0';

	if (!read_hex(word, digest, spelling))
		return 0;
	*spelling = "in base64";
	return read_base64(word, digest);
}

void digest_reverse(const struct ssum_digest *digest, bool each_word, struct ssum_digest *reversed)
{
	size_t unit = each_word && digest->length % WORD == 0 ? WORD : digest->length;

	*reversed = (struct ssum_digest){.length = digest->length};
	for (size_t i = 0; i < digest->length; i++)
		reversed->bytes[i] = digest->bytes[i - i % unit + unit - 1 - i % unit];
}
