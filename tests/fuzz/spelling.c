/* SPDX-License-Identifier: MIT */
/* Digests as text: hexadecimal, and other notations. */
#include <ctype.h>
#include <openssl/evp.h>
#include <string.h>

#include "digest/digest.h"
#include "support/fuzz.h"

/* Whether ssum_digest_parse() must accept a text. */
static bool is_hex(const char *text)
{
	size_t length = strlen(text);

	return length && length % 2 == 0 && length <= 2 * SSUM_DIGEST_MAX &&
	       strspn(text, "0123456789abcdefABCDEF") == length;
}

static void require_parsed(const char *text)
{
	struct ssum_digest digest;
	char hex[SSUM_HEX_MAX];
	int rc = ssum_digest_parse(text, &digest);

	require(rc == (is_hex(text) ? 0 : SSUM_ERR_MALFORMED));
	if (rc)
		return;
	ssum_digest_hex(&digest, hex);
	require(!strcasecmp(hex, text));
}

static void require_reads_as(const char *text, const struct ssum_digest *expected,
			     const char *expected_spelling)
{
	struct digest_text read;

	require(!digest_read(text, &read));
	require(ssum_digest_equal(&read.digest, expected));
	require(read.spelling == expected_spelling ||
		(read.spelling && expected_spelling && !strcmp(read.spelling, expected_spelling)));
}

/* Each notation of the digest is parsed as that digest. */
static void require_comes_back(const struct ssum_digest *digest)
{
	char hex[SSUM_HEX_MAX], other[2 * SSUM_HEX_MAX], *to = other;

	ssum_digest_hex(digest, hex);
	require_reads_as(hex, digest, NULL);
	sprintf(other, " 0x%s\r\n", hex);
	require_reads_as(other, digest, "with 0x before it");
	for (size_t i = 0; i < 2 * digest->length; i += 2)
		to += sprintf(to, "%s%.2s", i ? ":" : "", hex + i);
	if (digest->length > 1)
		require_reads_as(other, digest, "with colons");
	EVP_EncodeBlock((unsigned char *)other, digest->bytes, (int)digest->length);
	/* Hexadecimal digits are accepted with 0x before them or without. */
	if (!is_hex(other) && !is_hex(other + 2))
		require_reads_as(other, digest, "in base64");
}

static void require_reversible(const struct ssum_digest *digest)
{
	struct ssum_digest once, twice;

	for (int each_word = 0; each_word < 2; each_word++) {
		digest_reverse(digest, each_word, &once);
		digest_reverse(&once, each_word, &twice);
		require(ssum_digest_equal(digest, &twice));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	char *text = calloc(length + 1, 1);
	struct digest_text read;

	require(text);
	if (length)
		memcpy(text, data, length);
	require_parsed(text);
	int rc = digest_read(text, &read);
	require(rc == 0 || rc == SSUM_ERR_MALFORMED || rc == SSUM_ERR_ALGORITHM);
	require(rc == 0 || !is_hex(text));
	if (!rc) {
		require(read.digest.length && read.digest.length <= SSUM_DIGEST_MAX);
		require_comes_back(&read.digest);
		require_reversible(&read.digest);
	}
	free(text);
	return 0;
}
