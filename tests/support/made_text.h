/* SPDX-License-Identifier: MIT */
/* Text of a manifest or of checkpoints, in a buffer of a fixed size. */
#ifndef SUPPORT_MADE_TEXT_H
#define SUPPORT_MADE_TEXT_H

#include <stdbool.h>

#include "sparsesum.h"

struct text {
	char bytes[1 << 16];
	size_t length;
	uint64_t lines; /* of a manifest */
};

void text_put(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Append an escaped name: as in sha1sum's lines, or as in fields of a comment line. */
void text_put_name(struct text *text, const char *name, bool is_field);

void text_put_hex(struct text *text, const struct ssum_digest *digest, bool upper);

#endif
