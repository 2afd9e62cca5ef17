/* SPDX-License-Identifier: MIT */
/* Digests as values: hexadecimal and equality. */
#include <string.h>

#include "base/bytes.h"

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
