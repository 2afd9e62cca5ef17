/* SPDX-License-Identifier: MIT */
#include "manifest/escape.h"

#include <string.h>

/* What stands for itself, and the letter that stands for it. */
static const char raw[] = "\\\n\r\t";
static const char letters[] = "\\nrt";

static size_t set_length(enum escape_set set)
{
	return set == ESCAPE_NAME ? 3 : 4;
}

/* The partner of a byte in the other string, or 0. */
static char translate(char byte, const char *from, const char *to, enum escape_set set)
{
	const char *found = byte ? memchr(from, byte, set_length(set)) : NULL;

	return found ? to[found - from] : 0;
}

bool escape_needed(const char *name, enum escape_set set)
{
	for (; *name; name++)
		if (translate(*name, raw, letters, set))
			return true;
	return false;
}

int escape_append(struct bytes *text, const char *name, enum escape_set set)
{
	int rc = 0;

	for (; *name && !rc; name++) {
		char escaped[] = {'\\', translate(*name, raw, letters, set)};

		rc = escaped[1] ? bytes_append(text, escaped, 2) : bytes_append(text, name, 1);
	}
	return rc;
}

bool unescape(char *text, size_t *length, enum escape_set set)
{
	const char *from = text, *end = text + *length;
	char *to = text;

	while (from < end) {
		char byte = *from++;

		if (byte == '\\')
			byte = from < end ? translate(*from++, letters, raw, set) : 0;
		if (!byte)
			return false;
		*to++ = byte;
	}
	*length = (size_t)(to - text);
	return true;
}
