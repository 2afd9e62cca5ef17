/* SPDX-License-Identifier: MIT */
/* Sizes, durations and counts as people read them. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/units.h"

struct text size_text(uint64_t bytes)
{
	static const char prefixes[] = "KMGTPE";
	double value = (double)bytes / 1024;
	struct text text;
	size_t i = 0;

	if (bytes < 1024)
		return count_text(bytes, "byte", "bytes");
	/* 1023.95 would be printed as 1024.0 of the smaller unit. */
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

/* A number of bytes, or with K, M, G, T or KiB, MiB ... behind it that many of 1024 and so on. */
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
