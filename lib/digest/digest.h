/* SPDX-License-Identifier: MIT */
/* Digests as values: other spellings than hexadecimal, other orders of their bytes. */
#ifndef DIGEST_DIGEST_H
#define DIGEST_DIGEST_H

#include "base/common.h"

/*
 * Read a digest in any spelling that other programs use. *spelling says which one: "base64"; NULL
 * is plain lower-case hexadecimal. 0 or SSUM_ERR_MALFORMED.
 */
int digest_read(const char *text, struct ssum_digest *digest, const char **spelling);

/* The same bytes in reverse order: of the whole, or of each word of four, which keeps its place. */
void digest_reverse(const struct ssum_digest *digest, bool each_word, struct ssum_digest *reversed);

#endif
