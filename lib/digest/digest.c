/* SPDX-License-Identifier: MIT */
#include "digest/digest.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "digest/algorithm.h"

#define DIGEST_WORD 4

#define BLANKS " \t\r\n"

/* The fewest characters of a digest: MD5 in base64 without padding. */
#define DIGITS_MIN 22

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

/* Hexadecimal digits of one case, at most a quarter of which are mistyped: "O" for "0", or some are
   missing. It may have a length of base64 too. */
static bool digest_resembles_hex(const char *text)
{
	size_t length = strlen(text), lower = 0, upper = 0;

	for (; *text; text++) {
		lower += strchr("0123456789abcdef", *text) != NULL;
		upper += strchr("0123456789ABCDEF", *text) != NULL;
	}
	return 4 * (lower > upper ? lower : upper) >= 3 * length;
}

/* Read a digest of which each character is so many bits. */
static int digest_read_base(const char *text, const char *alphabet, unsigned character_bits,
			    struct ssum_digest *digest)
{
	const unsigned base = 1U << character_bits;
	unsigned bits = 0, count = 0;
	const char *at;

	*digest = (struct ssum_digest){0};
	for (; *text && (at = strchr(alphabet, *text)); text++) {
		unsigned value = (unsigned)(at - alphabet);

		/* "-" and "_", of the base64 alphabet for URLs, have the values of "+" and "/". */
		bits = bits << character_bits | (value < base ? value : value - 2);
		count += character_bits;
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

/* Base64 (RFC 4648, sections 4 and 5). */
static int digest_read_base64(const char *text, struct ssum_digest *digest)
{
	return digest_read_base(
		text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_", 6,
		digest);
}

/* Base32 (RFC 4648, section 6), in upper case as in WARC files and rhash(1). Lower case is base32
   with the alphabet of Nix. */
static int digest_read_base32(const char *text, struct ssum_digest *digest)
{
	return digest_read_base(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5, digest);
}

/* ---- With the name of the algorithm, or of a file ---- */

/* Read the digest from a text that also contains the name of its algorithm. */
static int digest_read_named(const char *name, size_t name_length, char *value,
			     struct digest_text *read)
{
	struct algorithm algorithm;
	const char *spelling;
	size_t length = strlen(value), digest_length;
	int rc;

	if (!name_length || name_length >= sizeof(read->algorithm) || length >= TEXT_MAX)
		return SSUM_ERR_MALFORMED;
	memcpy(read->algorithm, name, name_length);
	read->algorithm[name_length] = '\0';
	rc = algorithm_find(read->algorithm, &algorithm);
	if (rc)
		return rc;
	strcpy(read->algorithm, algorithm.name);
	digest_length = algorithm.digest_length;
	algorithm_release(&algorithm);

	/* In HTTP fields (RFC 9530) colons enclose base64. The options of subresource integrity
	   begin with "?". */
	value[strcspn(value, "?")] = '\0';
	length = strlen(value);
	if (length > 2 && value[0] == ':' && value[length - 1] == ':') {
		value[length - 1] = '\0';
		value++;
	}
	/* The length of the digest decides which notation it is. */
	if ((!digest_read_hex(value, &read->digest, &spelling) &&
	     read->digest.length == digest_length) ||
	    (!digest_read_base64(value, &read->digest) && read->digest.length == digest_length) ||
	    (!digest_read_base32(value, &read->digest) && read->digest.length == digest_length))
		return 0;
	return SSUM_ERR_MALFORMED;
}

/*
 * "sha256:DIGEST", "sha256=DIGEST", "sha256-DIGEST" (subresource integrity), "{SHA256}DIGEST". The
 * name may contain the separator itself, as "sha3-256" does.
 */
static int digest_read_prefixed(char *text, struct digest_text *read)
{
	char *name = text, *end = text;
	int rc = SSUM_ERR_MALFORMED;

	if (*text == '{' && (end = strchr(text, '}')))
		return digest_read_named(text + 1, (size_t)(end - text - 1), end + 1, read);
	if (!strncmp(text, "urn:", 4))
		name = end += 4;
	while (rc && (end = strpbrk(end, ":=-"))) {
		struct digest_text found = {.spelling = NULL};
		int code = digest_read_named(name, (size_t)(end - name), end + 1, &found);

		/* Base64 may contain '-' and end in '='. */
		bool is_name = *end != '-' && strlen(end + 1) >= DIGITS_MIN;
		if (!code || (code != SSUM_ERR_MALFORMED && rc == SSUM_ERR_MALFORMED && is_name)) {
			*read = found;
			rc = code;
		}
		end++;
	}
	return rc;
}

/* A line of a manifest: "DIGEST  NAME", "SHA256 (NAME) = DIGEST", "SHA2-256(NAME)= DIGEST". */
static int digest_read_line(char *text, struct digest_text *read)
{
	size_t length, name_length;
	char *name, *close;

	text += *text == '\\'; /* the name is escaped */
	length = strcspn(text, BLANKS);
	if (length >= DIGITS_MIN && strspn(text, "0123456789abcdefABCDEF") == length &&
	    text[length]) {
		text[length] = '\0';
		return ssum_digest_parse(text, &read->digest);
	}
	name = strchr(text, '(');
	close = strrchr(text, ')');
	if (!name || !close || close < name)
		return SSUM_ERR_MALFORMED;
	name_length = (size_t)(name - text);
	name_length -= name_length && name[-1] == ' ';
	close++;
	close += strspn(close, BLANKS);
	if (*close++ != '=')
		return SSUM_ERR_MALFORMED;
	close += strspn(close, BLANKS);
	return digest_read_named(text, name_length, close, read);
}

int digest_read(const char *text, struct digest_text *read)
{
	size_t length;
	char *word;
	int rc;

	*read = (struct digest_text){.spelling = "in a line of a manifest"};
	text += strspn(text, BLANKS);
	length = strlen(text);
	while (length && strchr(BLANKS, text[length - 1]))
		length--;
	word = strndup(text, length);
	if (!word)
		return -ENOMEM;
	rc = digest_read_line(word, read);
	if (rc == SSUM_ERR_MALFORMED && length < TEXT_MAX) {
		*read = (struct digest_text){.spelling = NULL};
		memcpy(word, text, length);
		rc = digest_read_hex(word, &read->digest, &read->spelling);
		if (rc) {
			rc = digest_read_prefixed(word, read);
			read->spelling = "with its algorithm before it";
		}
		if (rc == SSUM_ERR_MALFORMED && !digest_resembles_hex(word)) {
			rc = digest_read_base64(word, &read->digest);
			read->spelling = "in base64";
		}
	}
	free(word);
	return rc;
}

void digest_reverse(const struct ssum_digest *digest, bool each_word, struct ssum_digest *reversed)
{
	size_t unit = each_word && digest->length % DIGEST_WORD == 0 ? DIGEST_WORD : digest->length;

	*reversed = (struct ssum_digest){.length = digest->length};
	for (size_t i = 0; i < digest->length; i++)
		reversed->bytes[i] = digest->bytes[i - i % unit + unit - 1 - i % unit];
}
