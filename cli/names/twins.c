/* SPDX-License-Identifier: MIT */
/*
 * Twins: names that some file systems take for one, since they differ only in case or in the way
 * that an accented letter is written (Unicode normalization). A package that holds both arrives
 * there with one of them.
 */
#include <ctype.h>
#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/output.h"
#include "base/unicode.h"
#include "names/twins.h"

/* The name as such a file system keeps it; one that is not UTF-8 in ASCII lower case. */
static char *fold(const char *name)
{
	char *copy = unicode_form(name, FORM_COMPOSED | FORM_LOWER_CASE);

	if (copy)
		return copy;
	copy = copy_string(name);
	for (char *c = copy; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return copy;
}

/* FNV-1a, 64 bits (Fowler, Noll, Vo). */
static uint64_t number_of(const char *text)
{
	uint64_t number = UINT64_C(0xcbf29ce484222325);

	for (; *text; text++)
		number = (number ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return number;
}

static int by_number(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

/*
 * Whether a name is the twin of one that was seen before; it is seen now. A name is kept as a
 * number that its twins share. That two others share one too is as likely as a false alarm may be:
 * once in 2^64. They stand in a balanced tree: whoever chooses the names could fill one place of a
 * table.
 */
bool twins_see(void **all, const char *name)
{
	uint64_t *number = allocate(sizeof(*number));
	char *folded = fold(name);
	uint64_t **seen;

	*number = number_of(folded);
	free(folded);
	seen = tsearch(number, all, by_number);
	if (!seen)
		die("out of memory");
	if (*seen == number)
		return false;
	free(number);
	return true;
}

void twins_forget(void **all)
{
	tdestroy(*all, free);
	*all = NULL;
}
