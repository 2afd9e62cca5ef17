/* SPDX-License-Identifier: MIT */
/* Escapes in names: encoding and decoding. */
#include <string.h>

#include "manifest/lines.h"
#include "support/fuzz.h"

/* The bytes that are escaped in a set, and so do not occur in escaped text. */
static const char *const raw[] = {[ESCAPE_NAME] = "\n\r", [ESCAPE_FIELD] = "\n\r\t"};

static void require_comes_back(const char *name, enum escape_set set)
{
	struct bytes text = {0};
	size_t length;

	require(!bytes_reserve(&text, 1) && !escape_append(&text, name, set));
	length = text.length;
	require(escape_needed(name, set) == (length > strlen(name)));
	for (const char *byte = raw[set]; *byte; byte++)
		require(!memchr(text.data, *byte, length));
	require(unescape(text.data, &length, set));
	require(length == strlen(name) && !memcmp(text.data, name, length));
	bytes_free(&text);
}

/* Each name has only one escaped form, except for bytes that are written unescaped. */
static void require_only_form(const char *text, size_t length, enum escape_set set)
{
	char *name = calloc(length + 1, 1);
	size_t name_length = length;
	struct bytes again = {0};

	require(name);
	memcpy(name, text, length);
	if (unescape(name, &name_length, set)) {
		require(name_length <= length && !memchr(name, '\0', name_length));
		name[name_length] = '\0';
		require(!bytes_reserve(&again, 1) && !escape_append(&again, name, set));
		if (strcspn(text, raw[set]) == length)
			require(again.length == length && !memcmp(again.data, text, length));
	}
	bytes_free(&again);
	free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	char *text = calloc(length + 1, 1);

	require(text);
	if (length)
		memcpy(text, data, length);
	for (enum escape_set set = ESCAPE_NAME; set <= ESCAPE_FIELD; set++) {
		require_comes_back(text, set);
		require_only_form(text, length, set);
	}
	free(text);
	return 0;
}
