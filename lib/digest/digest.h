/* SPDX-License-Identifier: MIT */
/* Digests as values: spellings other than lower-case hexadecimal, and reversed byte orders. */
#ifndef DIGEST_DIGEST_H
#define DIGEST_DIGEST_H

#include "base/common.h"

/*
 * Parse a digest in any spelling that other programs use. *spelling describes it, for example "in
 * base64"; it is NULL for lower-case hexadecimal. 0 or SSUM_ERR_MALFORMED.
 */
int digest_read(const char *text, struct ssum_digest *digest, const char **spelling);

/* Reverse the bytes of the whole digest, or with each_word, the four bytes of each word. */
void digest_reverse(const struct ssum_digest *digest, bool each_word, struct ssum_digest *reversed);

#endif
