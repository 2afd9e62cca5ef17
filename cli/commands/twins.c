/* SPDX-License-Identifier: MIT */
/*
 * Twins: names that some file systems take for one, since they differ only in case or in the way
 * that an accented letter is written (Unicode normalization). Of a package that holds both, only
 * one arrives there.
 */
#include <ctype.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "output/memory.h"
#include "output/output.h"
#include "output/unicode.h"
#include "commands/twins.h"

static int twins_by_text(const void *left, const void *right)
{
	return strcmp(left, right);
}

/*
 * Add a name to the set, and say whether a twin of it was there already. The folded names
 * themselves are kept and compared, in a balanced tree: names may be chosen by an enemy, who can
 * make any two have the same hash, or fill one bucket of a hash table.
 */
bool twins_see(void **all, const char *name)
{
	/* The name as such a file system keeps it; one that is not UTF-8 in ASCII lower case. */
	char *folded = unicode_form(name, FORM_COMPOSED | FORM_LOWER_CASE);
	char **seen;

	if (!folded) {
		folded = copy_string(name);
		for (char *c = folded; *c; c++)
			*c = (char)tolower((unsigned char)*c);
	}
	seen = tsearch(folded, all, twins_by_text);
	if (!seen)
		die("out of memory");
	if (*seen == folded)
		return false;
	free(folded);
	return true;
}

void twins_forget(void **all)
{
	tdestroy(*all, free);
	*all = NULL;
}
