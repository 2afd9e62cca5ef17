/* SPDX-License-Identifier: MIT */
/*
 * What became of a name on its way: archives and file systems re-encode names, fold their case,
 * take them apart or put them together. Content that is there under another name tells that a
 * name changed; here it is found out how.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/unicode.h"
#include "names/name_change.h"

/* ---- Unicode ---- */

/* Whether a text, which is freed, is as it should be. NULL is not. */
bool frees_as(char *text, const char *due)
{
	bool same = text && !strcmp(text, due);

	free(text);
	return same;
}

static bool same_when_mapped(const char *a, const char *b, unsigned form)
{
	char *a_mapped = unicode_form(a, form), *b_mapped = unicode_form(b, form);
	bool same = a_mapped && b_mapped && !strcmp(a_mapped, b_mapped);

	free(a_mapped);
	free(b_mapped);
	return same;
}

static bool check_case(const char *listed, const char *found, char *detail)
{
	strcpy(detail, "only upper and lower case differ");
	return !strcasecmp(listed, found) || same_when_mapped(listed, found, FORM_LOWER_CASE);
}

static const char *form_of(const char *name)
{
	char *composed = unicode_form(name, FORM_COMPOSED);
	char *decomposed = unicode_form(name, FORM_DECOMPOSED);
	const char *form = composed && !strcmp(composed, name)       ? "NFC"
			   : decomposed && !strcmp(decomposed, name) ? "NFD"
								     : "neither NFC nor NFD";

	free(composed);
	free(decomposed);
	return form;
}

static bool check_form(const char *listed, const char *found, char *detail)
{
	bool same = same_when_mapped(listed, found, FORM_COMPOSED);

	snprintf(detail, NAME_DETAIL, "Unicode form %s instead of %s%s", form_of(found),
		 form_of(listed), same ? "" : ", and other upper and lower case");
	return same || same_when_mapped(listed, found, FORM_COMPOSED | FORM_LOWER_CASE);
}

/* ---- Characters ---- */

/* Without the dots and blanks that components end in. */
static char *stripped(const char *name)
{
	char *copy = allocate(strlen(name) + 1), *to = copy;

	for (; *name; name++) {
		size_t trailing = strspn(name, ". ");

		if (!name[trailing] || name[trailing] == '/')
			name += trailing;
		if (!*name)
			break;
		*to++ = *name;
	}
	*to = '\0';
	return copy;
}

static bool check_trailing(const char *listed, const char *found, char *detail)
{
	char *bare = stripped(listed);
	bool same = frees_as(stripped(found), bare);

	free(bare);
	snprintf(detail, NAME_DETAIL, "a trailing dot or space was %s",
		 strlen(found) < strlen(listed) ? "lost" : "added");
	return same;
}

static int digit(char c)
{
	const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) % 16 : -1;
}

static char *percent_decoded(const char *name, bool plus)
{
	char *copy = allocate(strlen(name) + 1), *to = copy;

	for (; *name; name++) {
		int high = *name == '%' ? digit(name[1]) : -1;
		int low = high >= 0 ? digit(name[2]) : -1;

		*to++ = (char)(low >= 0 ? high * 16 + low : plus && *name == '+' ? ' ' : *name);
		name += low >= 0 ? 2 : 0;
	}
	*to = '\0';
	return copy;
}

static bool check_percent(const char *listed, const char *found, char *detail)
{
	bool encoded = frees_as(percent_decoded(found, false), listed) ||
		       frees_as(percent_decoded(found, true), listed);

	snprintf(detail, NAME_DETAIL, "the name was percent-%s", encoded ? "encoded" : "decoded");
	return encoded || frees_as(percent_decoded(listed, false), found) ||
	       frees_as(percent_decoded(listed, true), found);
}

/* ---- All together ---- */

static const struct {
	const char *kind;
	bool (*check)(const char *listed, const char *found, char *detail);
} checks[] = {
	{"case", check_case},
	{"normalization", check_form},
	{"re-encoded", name_reencoded},
	{"trailing", check_trailing},
	{"percent-encoding", check_percent},
};

static bool check_all(const char *listed, const char *found, struct name_change *change)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		change->kind = checks[i].kind;
		change->detail[0] = '\0';
		if (checks[i].check(listed, found, change->detail))
			return true;
	}
	return false;
}

static size_t directory_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

bool name_change(const char *listed, const char *found, struct name_change *change)
{
	size_t from = directory_length(listed), to = directory_length(found);
	bool same_directory = from == to && !memcmp(listed, found, from);

	if (check_all(listed, found, change))
		return true;
	if (!strcmp(listed + from, found + to)) {
		*change = (struct name_change){"moved", "it was moved to another directory"};
		return true;
	}
	if (!same_directory && check_all(listed + from, found + to, change)) {
		size_t length = strlen(change->detail);

		snprintf(change->detail + length, NAME_DETAIL - length, "; and it was moved");
		return true;
	}
	*change = (struct name_change){"renamed", "it was renamed"};
	if (!same_directory)
		strcpy(change->detail, "it was moved to another directory and renamed");
	return false;
}
