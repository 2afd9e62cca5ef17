/* SPDX-License-Identifier: MIT */
/* Verdicts in colour, on a terminal that has colours and for somebody who wants them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/colour.h"
#include "base/output.h"

/* See https://no-color.org */
static bool is_wanted(void)
{
	const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return output_is_terminal() && !(no_color && *no_color) && terminal && *terminal &&
	       strcmp(terminal, "dumb") != 0;
}

/* A word that is coloured by what it says: green is good, red is proven, yellow is undecided. */
struct text painted(enum ssum_verdict verdict, const char *word)
{
	static const char colours[SSUM_VERDICT_COUNT][3] = {
		[SSUM_HOLDS] = "32",      [SSUM_DIFFERS] = "31",    [SSUM_MISSING] = "31",
		[SSUM_EXTRA] = "31",      [SSUM_UNREADABLE] = "33", [SSUM_CHANGED] = "33",
		[SSUM_FALSE_HOLE] = "33", [SSUM_BAD_LINE] = "33",
	};
	struct text text;

	if (is_wanted())
		snprintf(text.s, sizeof(text.s), "\x1b[%sm%.60s\x1b[0m", colours[verdict], word);
	else
		snprintf(text.s, sizeof(text.s), "%s", word);
	return text;
}
