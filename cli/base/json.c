/* SPDX-License-Identifier: MIT */
/* JSON: one object a line. Jansson gets an allocator that cannot fail, so nothing here can. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/output.h"
#include "base/utf8.h"

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
	json_object_set_new(object, key, json_string(text));
}

void json_count(json_t *object, const char *key, uint64_t value)
{
	/* Only sums can pass the range of JSON integers here; rounded they are still true. */
	json_object_set_new(object, key,
			    value <= INT64_MAX ? json_integer((json_int_t)value)
					       : json_real((double)value));
}

void json_code(json_t *object, int code, const char *error)
{
	json_object_set_new(object, "code", json_integer(code));
	json_text(object, "error", error);
}

/* The object that ends every run; error may be NULL if code is not negative. */
json_t *json_summary(int status, int code, const char *error)
{
	json_t *object = json_typed("summary");

	json_object_set_new(object, "status", json_integer(status));
	if (code < 0)
		json_code(object, code, error);
	return object;
}

/* Text that is UTF-8, with U+FFFD for each byte that is not; *exact tells if there was none. */
static char *to_utf8(const char *bytes, bool *exact)
{
	char *text = allocate(3 * strlen(bytes) + 1), *to = text;
	uint32_t code;

	*exact = true;
	while (*bytes) {
		size_t length = utf8_character(bytes, &code);

		if (length) {
			to = mempcpy(to, bytes, length);
			bytes += length;
		} else {
			to = stpcpy(to, "\xef\xbf\xbd");
			bytes++;
			*exact = false;
		}
	}
	*to = '\0';
	return text;
}

static void set_hex(json_t *object, const char *key, const char *bytes)
{
	char *hex = allocate(2 * strlen(bytes) + 1), *to = hex;
	char hex_key[32];

	*to = '\0';
	for (; *bytes; bytes++)
		to += sprintf(to, "%02x", (unsigned char)*bytes);
	snprintf(hex_key, sizeof(hex_key), "%s_hex", key);
	json_text(object, hex_key, hex);
	free(hex);
}

/* A name is any bytes, JSON is UTF-8: a name that is not stands twice, the exact one in hex. */
void json_name(json_t *object, const char *key, const char *bytes)
{
	bool exact;
	char *text = to_utf8(bytes, &exact);

	json_text(object, key, text);
	if (!exact)
		set_hex(object, key, bytes);
	free(text);
}

/* Prints the object and frees it. In ASCII, so that nothing in it acts on a terminal. */
void json_print(json_t *object)
{
	char *line = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
	const char *rest = line;

	for (size_t plain; rest[plain = strcspn(rest, "\x7f")]; rest += plain + 1)
		out("%.*s\\u007f", (int)plain, rest);
	out("%s\n", rest);
	free(line);
	json_decref(object);
}
