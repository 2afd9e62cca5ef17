/* SPDX-License-Identifier: MIT */
/* JSON output: one object on each line. */
#include <stdlib.h>
#include <string.h>

#include "output/json.h"
#include "output/memory.h"
#include "output/unicode.h"

void json_begin(void)
{
	json_set_alloc_funcs(allocate, free);
}

json_t *json_typed(const char *type)
{
	json_t *object = json_object();

	json_text(object, "type", type);
	return object;
}

void json_text(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, json_string(text));
}

void json_flag(json_t *object, const char *key, bool value)
{
	json_object_set_new(object, key, json_boolean(value));
}

void json_count(json_t *object, const char *key, uint64_t value)
{
	/* Only sums can exceed INT64_MAX, the largest integer of jansson. Those are rounded. */
	json_object_set_new(object, key,
			    value <= INT64_MAX ? json_integer((json_int_t)value)
					       : json_real((double)value));
}

void json_digest(json_t *object, const char *key, const struct ssum_digest *digest)
{
	char hex[SSUM_HEX_MAX];

	ssum_digest_hex(digest, hex);
	json_text(object, key, hex);
}

void json_seconds(json_t *object, double seconds)
{
	double rounded = (double)(uint64_t)(seconds * 1e6 + 0.5) / 1e6;

	json_object_set_new(object, "seconds", json_real(rounded));
}

void json_changes(json_t *object, unsigned changes)
{
	json_t *words = changes ? json_array() : NULL;

	for (unsigned bit = 1; changes && bit; bit <<= 1)
		if (changes & bit && ssum_change_name(bit))
			json_array_append_new(words, json_string(ssum_change_name(bit)));
	if (words)
		json_object_set_new(object, "changes", words);
}

void json_code(json_t *object, int code)
{
	if (code >= 0)
		return;
	json_object_set_new(object, "code", json_integer(code));
	json_text(object, "error", ssum_strerror(code));
}

json_t *json_summary(int status, int code)
{
	json_t *object = json_typed("summary");

	json_object_set_new(object, "status", json_integer(status));
	json_code(object, code);
	return object;
}

void json_name(json_t *object, const char *key, const char *bytes)
{
	size_t length = bytes ? strlen(bytes) : 0, at = 0;
	char *text = allocate(3 * length + 1), *to = text;
	bool exact = true;

	while (at < length) {
		uint32_t code;
		size_t character = utf8_decode(bytes + at, &code);

		to = character ? mempcpy(to, bytes + at, character) : stpcpy(to, "\xef\xbf\xbd");
		exact = exact && character;
		at += character ? character : 1;
	}
	*to = '\0';
	if (bytes)
		json_text(object, key, text);
	if (!exact) {
		char hex_key[32];

		/* This takes 2 of the 3 bytes that are allocated for each byte. */
		for (at = 0; at < length; at++)
			sprintf(text + 2 * at, "%02x", (unsigned char)bytes[at]);
		snprintf(hex_key, sizeof(hex_key), "%s_hex", key);
		json_text(object, hex_key, text);
	}
	free(text);
}

char *json_line(json_t *object)
{
	/* ASCII only, so that the output cannot control a terminal. DEL is the one control
	   character that jansson does not escape. A double has 15 significant decimal digits. */
	char *line = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15));
	size_t length;
	char *text;
	FILE *stream = text_stream(&text, &length);
	const char *rest = line;

	for (size_t plain; rest[plain = strcspn(rest, "\x7f")]; rest += plain + 1)
		fprintf(stream, "%.*s\\u007f", (int)plain, rest);
	fputs(rest, stream);
	text_stream_end(stream);
	free(line);
	json_decref(object);
	return text;
}

void json_print(json_t *object)
{
	char *line = json_line(object);

	out("%s\n", line);
	free(line);
}
