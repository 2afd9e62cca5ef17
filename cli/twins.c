/* SPDX-License-Identifier: MIT */
/*
 * Twins: names that some file systems take for one, since they differ only in case or in the way
 * that an accented letter is written (Unicode normalization). A package that holds both arrives
 * there with one of them.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <uthash.h>

#include "cli.h"

/* A name that was seen, by a number that its twins share. That two others share one too is as
   likely as a false alarm may be: once in 2^64. */
struct seen {
	uint64_t number;
	UT_hash_handle hh;
};

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

/* Whether a name is the twin of one that was seen before; it is seen now. */
bool twins_see(struct seen **all, const char *name)
{
	char *folded = fold(name);
	struct seen *seen, *entry;

	uint64_t number = number_of(folded);
	free(folded);
	HASH_FIND(hh, *all, &number, sizeof(number), seen);
	if (seen)
		return true;
	entry = allocate(sizeof(*entry));
	entry->number = number;
	HASH_ADD(hh, *all, number, sizeof(number), entry);
	return false;
}

void twins_forget(struct seen **all)
{
	struct seen *seen, *next;

	HASH_ITER(hh, *all, seen, next)
	{
		HASH_DEL(*all, seen);
		free(seen);
	}
}
