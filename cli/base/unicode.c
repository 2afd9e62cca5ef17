/* SPDX-License-Identifier: MIT */
/*
 * Names in other Unicode forms: all that needs libutf8proc, which a build may lack. Names in ASCII
 * have no forms but upper and lower case, so they are treated alike in every build.
 */
#include <ctype.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/output.h"
#include "base/unicode.h"
#include "base/utf8.h"

#ifdef WITH_UTF8PROC

#include <utf8proc.h>

const char *unicode_library(void)
{
	return utf8proc_version();
}

/* The name in another form, or NULL if it is not UTF-8. */
char *unicode_form(const char *name, unsigned form)
{
	int options = UTF8PROC_NULLTERM | UTF8PROC_STABLE;
	utf8proc_uint8_t *result = NULL;

	options |= form & FORM_COMPOSED ? UTF8PROC_COMPOSE : 0;
	options |= form & FORM_DECOMPOSED ? UTF8PROC_DECOMPOSE : 0;
	options |= form & FORM_LOWER_CASE ? UTF8PROC_CASEFOLD : 0;
	utf8proc_map((const utf8proc_uint8_t *)name, 0, &result, (utf8proc_option_t)options);
	return (char *)result;
}

#else

const char *unicode_library(void)
{
	return NULL;
}

static void say_what_is_missing(void)
{
	static bool told;

	if (!told)
		note("this build has no libutf8proc: names that are not ASCII are compared as "
		     "bytes");
	told = true;
}

/* The same for ASCII; NULL for every other name, which is told once. */
char *unicode_form(const char *name, unsigned form)
{
	char *copy = copy_string(name);

	for (char *c = copy; *c; c++) {
		if ((unsigned char)*c >= 0x80) {
			if (utf8_is(name))
				say_what_is_missing();
			free(copy);
			return NULL;
		}
		if (form & FORM_LOWER_CASE)
			*c = (char)tolower((unsigned char)*c);
	}
	return copy;
}

#endif
