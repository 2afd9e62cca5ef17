/* SPDX-License-Identifier: MIT */
#include "support/made_text.h"

#include <stdarg.h>

#include "support/fuzz.h"

void text_put(struct text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int n = vsnprintf(text->bytes + text->length, sizeof(text->bytes) - text->length, format,
			  arguments);
	va_end(arguments);
	require(n >= 0 && (size_t)n < sizeof(text->bytes) - text->length);
	text->length += (size_t)n;
}

void text_put_name(struct text *text, const char *name, bool is_field)
{
	for (; *name; name++) {
		const char *letter = *name == '\\'               ? "\\\\"
				     : *name == '\n'             ? "\\n"
				     : *name == '\r'             ? "\\r"
				     : is_field && *name == '\t' ? "\\t"
								 : NULL;

		if (letter)
			text_put(text, "%s", letter);
		else
			text_put(text, "%c", *name);
	}
}

void text_put_hex(struct text *text, const struct ssum_digest *digest, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	require(text->length + SSUM_HEX_MAX < sizeof(text->bytes));
	for (size_t i = 0; i < digest->length; i++) {
		text->bytes[text->length++] = digits[digest->bytes[i] >> 4];
		text->bytes[text->length++] = digits[digest->bytes[i] & 15];
	}
}
