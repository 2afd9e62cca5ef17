/* SPDX-License-Identifier: MIT */
/* Digests as people and other programs write them. */
#ifndef DIGEST_SPELLING_H
#define DIGEST_SPELLING_H

#include "base/common.h"

/*
 * Read a digest that may be written in another way than as lower-case hexadecimal digits. *spelling
 * is NULL for those, else it says how it is written: "base64". 0 or SSUM_ERR_MALFORMED.
 */
int digest_read(const char *text, struct ssum_digest *digest, const char **spelling);

/* The same bytes in reverse order: of the whole, or of each word of four, which keeps its place. */
void digest_reverse(const struct ssum_digest *digest, bool each_word, struct ssum_digest *reversed);

#endif
