/* SPDX-License-Identifier: MIT */
/*
 * Patterns of names, with the syntax of rsync's filter rules. fnmatch() does not support "**", so
 * it is used for brackets only: to find which bytes they match.
 */
#include <fnmatch.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "output/memory.h"
#include "output/output.h"
#include "options/pattern.h"

/* A part of a pattern: one byte of a set, "*" (any bytes except '/'), or "**" (any bytes). */
struct atom {
	enum { ONE, STAR, STARS } kind;
	unsigned char set[(UCHAR_MAX + 1) / CHAR_BIT];
};

struct pattern {
	bool anchored;         /* begins with '/': matches at the top only */
	bool last_only;        /* matches the last component of a path, not the path */
	bool from_slash;       /* begins with "**", which may match nothing before a '/' */
	bool directories_only; /* ends in '/' */
	bool directory_itself; /* ends in a slash and three stars: the directory matches too */
	size_t count;
	struct atom *atoms;
};

static void atom_add(struct atom *atom, unsigned char byte)
{
	atom->set[byte / CHAR_BIT] |= (unsigned char)(1u << byte % CHAR_BIT);
}

/* ---- Parsing ---- */

/* The end of "[...]", or NULL. "]" does not end it as the first character, after "\", and in
   "[:alpha:]". */
static const char *pattern_bracket_end(const char *at)
{
	at += at[1] == '!' || at[1] == '^' ? 2 : 1;
	for (const char *first = at; *at; at++) {
		if (*at == ']' && at != first)
			return at + 1;
		if (*at == '\\' && at[1])
			at++;
		else if (*at == '[' && at[1] == ':' && strstr(at + 2, ":]"))
			at = strstr(at + 2, ":]") + 1;
	}
	return NULL;
}

/* Names are bytes, so brackets are interpreted in the C locale. */
static const char *pattern_parse_bracket(struct atom *atom, const char *at)
{
	const char *end = pattern_bracket_end(at);
	locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0), before;
	char *expression;

	if (!end)
		return NULL;
	if (!plain)
		die("out of memory");
	expression = allocate((size_t)(end - at) + 1);
	*(char *)mempcpy(expression, at, (size_t)(end - at)) = '\0';
	before = uselocale(plain);
	for (int byte = 1; byte <= UCHAR_MAX; byte++) {
		const char text[] = {(char)byte, '\0'};

		if (byte != '/' && fnmatch(expression, text, 0) == 0)
			atom_add(atom, (unsigned char)byte);
	}
	uselocale(before);
	freelocale(plain);
	free(expression);
	return end;
}

/* Parses one atom. Returns the rest of the text, or NULL if the atom is incomplete. */
static const char *pattern_parse_atom(struct atom *atom, const char *at, bool is_plain)
{
	size_t stars = is_plain ? 0 : strspn(at, "*");

	*atom = (struct atom){.kind = stars > 1 ? STARS : stars ? STAR : ONE};
	if (stars)
		return at + stars;
	if (*at == '?' && !is_plain) {
		for (int byte = 1; byte <= UCHAR_MAX; byte++)
			if (byte != '/')
				atom_add(atom, (unsigned char)byte);
		return at + 1;
	}
	if (*at == '[' && !is_plain)
		return pattern_parse_bracket(atom, at);
	if (*at == '\\' && !is_plain && !*++at)
		return NULL;
	atom_add(atom, (unsigned char)*at);
	return at + 1;
}

static bool pattern_ends_in(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && !strcmp(text + length - end_length, end);
}

struct pattern *pattern_new(const char *text)
{
	struct pattern *pattern = allocate(sizeof(*pattern));
	bool is_plain = !strpbrk(text, "*?["); /* then "\" is plain too */
	size_t length = strlen(text);
	char *copy = copy_string(text), *rest = copy;
	const char *at;

	*pattern = (struct pattern){
		.anchored = *text == '/',
		.from_slash = !strncmp(text, "**", 2),
		.directories_only = pattern_ends_in(text, "/"),
		.directory_itself = pattern_ends_in(text, "/***"),
	};
	if (pattern->directories_only)
		copy[length - 1] = '\0';
	rest += *copy == '/';
	pattern->last_only = !strchr(copy, '/') && !strstr(copy, "**");
	pattern->atoms = allocate(length * sizeof(*pattern->atoms));
	for (at = rest; at && *at;)
		at = pattern_parse_atom(&pattern->atoms[pattern->count++], at, is_plain);
	free(copy);
	if (at && pattern->count)
		return pattern;
	pattern_free(pattern);
	return NULL;
}

void pattern_free(struct pattern *pattern)
{
	free(pattern->atoms);
	free(pattern);
}

/* ---- Matching ---- */

/*
 * Whether the whole text matches. Only the last "*" and the last "**" have to be extended: for the
 * atoms between two stars, the earliest match is enough, since it leaves the most text for the
 * rest.
 */
static bool pattern_matches_text(const struct pattern *pattern, const char *text)
{
	const char *star_text = NULL, *stars_text = NULL;
	size_t at = 0, after_star = 0, after_stars = 0; /* 0: there was none */

	for (;;) {
		const struct atom *atom = at < pattern->count ? &pattern->atoms[at] : NULL;

		if (atom && atom->kind == STAR) {
			after_star = ++at;
			star_text = text;
		} else if (atom && atom->kind == STARS) {
			after_stars = ++at;
			stars_text = text;
			after_star = 0;
		} else if (!atom && !*text) {
			return true;
		} else if (atom && *text &&
			   atom->set[(unsigned char)*text / CHAR_BIT] &
				   1u << (unsigned char)*text % CHAR_BIT) {
			at++;
			text++;
		} else if (after_star && *star_text && *star_text != '/') {
			at = after_star;
			text = ++star_text;
		} else if (after_stars && *stars_text) {
			at = after_stars;
			text = ++stars_text;
			after_star = 0;
		} else {
			return false;
		}
	}
}

bool pattern_matches(const struct pattern *pattern, const char *path, bool is_directory)
{
	const char *slash = strrchr(path, '/');
	char *text;
	bool matches = false;

	if (pattern->directories_only && !is_directory)
		return false;
	if (pattern->last_only)
		return pattern_matches_text(pattern, slash ? slash + 1 : path);
	/* "/NAME/NAME", and then "/" if the pattern ends in three stars and may match that. */
	text = allocate(strlen(path) + 3);
	stpcpy(stpcpy(stpcpy(text, "/"), path),
	       pattern->directory_itself && is_directory ? "/" : "");
	if (pattern->anchored || pattern->from_slash)
		matches = pattern_matches_text(pattern, text + pattern->anchored);
	for (slash = text; slash && !matches && !pattern->anchored; slash = strchr(slash + 1, '/'))
		matches = pattern_matches_text(pattern, slash + 1);
	free(text);
	return matches;
}
