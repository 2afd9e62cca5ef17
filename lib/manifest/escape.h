/* SPDX-License-Identifier: MIT */
/* Escapes in manifests: one letter after a backslash. */
#ifndef MANIFEST_ESCAPE_H
#define MANIFEST_ESCAPE_H

#include "base/bytes.h"

/* What is escaped: as sha1sum does in the names of files, and with the TAB that parts the fields
   of our own comment lines. */
enum escape_set { ESCAPE_NAME, ESCAPE_FIELD };

/* Whether a name holds anything that has to be escaped. */
bool escape_needed(const char *name, enum escape_set set);

/* Append the escaped name. 0 or -ENOMEM. */
int escape_append(struct bytes *text, const char *name, enum escape_set set);

/* Take the escapes out, in place; *length shrinks. False if an escape is none of the set, or a NUL
   stands in the text. */
bool unescape(char *text, size_t *length, enum escape_set set);

#endif
