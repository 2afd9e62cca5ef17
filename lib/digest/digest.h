/* SPDX-License-Identifier: MIT */
/* Parsing digests in notations other than lower-case hexadecimal, and reversing their byte
   order. */
#ifndef DIGEST_DIGEST_H
#define DIGEST_DIGEST_H

#include "base/common.h"

/* A digest that digest_read() found in a text. */
struct digest_text {
	struct ssum_digest digest;
	const char *spelling; /* "in base64" ...; NULL: lower-case hexadecimal, and nothing else */
	char algorithm[32];   /* the algorithm that the text names, or "" */
};

/*
 * Parse a digest in any notation that other programs use: hexadecimal with or without separators,
 * base64, with the name of its algorithm before it ("sha256:...", "sha256-...="), or a line of a
 * manifest. 0, SSUM_ERR_MALFORMED, or what algorithm_find() returns for the name; that is in
 * read->algorithm then.
 */
int digest_read(const char *text, struct digest_text *read);

/* Reverse the bytes of the whole digest, or with each_word, the four bytes of each word. */
void digest_reverse(const struct ssum_digest *digest, bool each_word, struct ssum_digest *reversed);

#endif
