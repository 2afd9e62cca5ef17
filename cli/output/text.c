/* SPDX-License-Identifier: MIT */
/* Sizes, durations, counts and verdicts as text for people. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "output/output.h"
#include "output/text.h"

struct text size_text(uint64_t bytes)
{
	static const char prefixes[] = "KMGTPE";
	double value = (double)bytes / 1024;
	struct text text;
	size_t i = 0;

	if (bytes < 1024)
		return count_text(bytes, "byte", "bytes");
	/* "%.1f" rounds 1023.95 to 1024.0: use the next unit from there on. */
	for (; value >= 1023.95 && prefixes[i + 1]; i++)
		value /= 1024;
	snprintf(text.s, sizeof(text.s), "%.1f %ciB", value, prefixes[i]);
	return text;
}

struct text duration_text(double seconds)
{
	static const struct {
		double length;
		const char *one, *many;
	} units[] = {
		{365.2425 * 86400, "year", "years"},
		{86400, "day", "days"},
		{3600, "hour", "hours"},
		{60, "minute", "minutes"},
	};
	struct text text;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (seconds >= 2 * units[i].length)
			return count_text((uint64_t)(seconds / units[i].length + 0.5), units[i].one,
					  units[i].many);
	snprintf(text.s, sizeof(text.s), "%.2f s", seconds);
	return text;
}

struct text clock_text(double seconds)
{
	unsigned whole = (unsigned)seconds;
	struct text text;

	if (seconds >= 86400)
		return duration_text(seconds);
	if (whole >= 3600)
		snprintf(text.s, sizeof(text.s), "%u:%02u:%02u", whole / 3600, whole / 60 % 60,
			 whole % 60);
	else
		snprintf(text.s, sizeof(text.s), "%u:%02u", whole / 60, whole % 60);
	return text;
}

struct text count_text(uint64_t count, const char *one, const char *many)
{
	struct text text;

	snprintf(text.s, sizeof(text.s), "%" PRIu64 " %s", count, count == 1 ? one : many);
	return text;
}

double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

bool parse_number(const char *text, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	/* strtoull() accepts blanks and signs. */
	return *text >= '0' && *text <= '9' && !*end && !errno;
}

bool parse_size(const char *text, uint64_t *bytes)
{
	static const char prefixes[] = "KMGT";
	const char *prefix;
	char *end;

	errno = 0;
	*bytes = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || errno)
		return false;
	prefix = *end ? strchr(prefixes, *end) : NULL;
	if (!prefix)
		return !*end;
	if (end[1] && strcmp(end + 1, "iB") != 0)
		return false;
	unsigned shift = 10 * (unsigned)(prefix - prefixes + 1);
	if (*bytes > UINT64_MAX >> shift)
		return false;
	*bytes <<= shift;
	return true;
}

/* Green: it holds; red: a difference is proven; yellow: it could not be decided. Only on a terminal
   with colours, unless NO_COLOR is set (https://no-color.org). */
struct changes_text changes_suffix(unsigned changes)
{
	struct changes_text text = {": "};

	ssum_changes_text(changes, text.s + 2);
	if (!text.s[2])
		*text.s = '\0';
	return text;
}

struct text verdict_text(enum ssum_verdict verdict, const char *word)
{
	static const char colours[SSUM_VERDICT_COUNT][3] = {
		[SSUM_HOLDS] = "32",      [SSUM_DIFFERS] = "31",    [SSUM_MISSING] = "31",
		[SSUM_EXTRA] = "31",      [SSUM_UNREADABLE] = "33", [SSUM_CHANGED] = "33",
		[SSUM_FALSE_HOLE] = "33", [SSUM_BAD_LINE] = "33",   [SSUM_UNDECIDED] = "33",
	};
	const char *no_color = getenv("NO_COLOR");
	struct text text;

	if (output_is_terminal() && !(no_color && *no_color) && output_has_escapes())
		snprintf(text.s, sizeof(text.s), "\x1b[%sm%.60s\x1b[0m", colours[verdict], word);
	else
		snprintf(text.s, sizeof(text.s), "%s", word);
	return text;
}
