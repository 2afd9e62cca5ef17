/* SPDX-License-Identifier: MIT */
#include "digest/digest.h"

#include <ctype.h>
#include <string.h>

#include "base/bytes.h"

#define DIGEST_WORD 4

/* Room for the longest digest with a separator after each digit. */
#define TEXT_MAX (4 * SSUM_DIGEST_MAX + 8)

void ssum_digest_hex(const struct ssum_digest *digest, char hex[SSUM_HEX_MAX])
{
	hex_encode(digest->bytes, digest->length, hex);
}

int ssum_digest_parse(const char *hex, struct ssum_digest *digest)
{
	size_t digits = strlen(hex);

	*digest = (struct ssum_digest){.length = digits / 2};
	if (!digits || digits % 2 || digest->length > SSUM_DIGEST_MAX ||
	    !hex_decode(hex, digest->length, digest->bytes)) {
		*digest = (struct ssum_digest){0};
		return SSUM_ERR_MALFORMED;
	}
	return 0;
}

int ssum_digest_equal(const struct ssum_digest *a, const struct ssum_digest *b)
{
	return a->length == b->length && !memcmp(a->bytes, b->bytes, a->length);
}

/* ---- Other spellings ---- */

/* Hexadecimal; separators, a leading 0x and upper case are allowed. */
static int digest_read_hex(const char *text, struct ssum_digest *digest, const char **spelling)
{
	static const struct {
		char separator;
		const char *spelling;
	} separators[] = {
		{':', "with colons"},
		{'-', "with dashes"},
		{' ', "with spaces"},
		{'\t', "with spaces"},
	};
	char digits[TEXT_MAX], *end = digits;
	bool has_upper_case = false;

	*spelling = NULL;
	for (; *text; text++) {
		size_t i = 0;

		while (i < ARRAY_SIZE(separators) && separators[i].separator != *text)
			i++;
		if (i == ARRAY_SIZE(separators))
			*end++ = *text;
		else if (!*spelling)
			*spelling = separators[i].spelling;
		has_upper_case |= isupper((unsigned char)*text) != 0;
	}
	*end = '\0';
	if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X')) {
		*spelling = "with 0x before it";
		return ssum_digest_parse(digits + 2, digest);
	}
	if (!*spelling && has_upper_case)
		*spelling = "in upper case";
	return ssum_digest_parse(digits, digest);
}

/* Base64 (RFC 4648, sections 4 and 5). */
static int digest_read_base64(const char *text, struct ssum_digest *digest)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";
	unsigned bits = 0, count = 0;
	const char *at;

	*digest = (struct ssum_digest){0};
	for (; *text && (at = strchr(alphabet, *text)); text++) {
		/* "-" and "_", of the alphabet for URLs, have the values of "+" and "/". */
		unsigned value = (unsigned)(at - alphabet);

		bits = bits << 6 | (value < 64 ? value : value - 2);
		count += 6;
		if (count < 8)
			continue;
		if (digest->length == SSUM_DIGEST_MAX)
			return SSUM_ERR_MALFORMED;
		count -= 8;
		digest->bytes[digest->length++] = (unsigned char)(bits >> count);
	}
	/* The unused bits of the last character must be zeros. */
	if (bits & ((1U << count) - 1))
		return SSUM_ERR_MALFORMED;
	text += strspn(text, "=");
	return *text || !digest->length ? SSUM_ERR_MALFORMED : 0;
}

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

	if (!digest_read_hex(word, digest, spelling))
		return 0;
	*spelling = "in base64";
	return digest_read_base64(word, digest);
}

void digest_reverse(const struct ssum_digest *digest, bool each_word, struct ssum_digest *reversed)
{
	size_t unit = each_word && digest->length % DIGEST_WORD == 0 ? DIGEST_WORD : digest->length;

	*reversed = (struct ssum_digest){.length = digest->length};
	for (size_t i = 0; i < digest->length; i++)
		reversed->bytes[i] = digest->bytes[i - i % unit + unit - 1 - i % unit];
}
