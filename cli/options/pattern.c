/* SPDX-License-Identifier: MIT */
/*
 * Patterns of names, as rsync's filter rules have them. fnmatch() knows no "**", so it does what is
 * in brackets alone: it is asked once which bytes those mean.
 */
#include <fnmatch.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "output/memory.h"
#include "output/output.h"
#include "options/pattern.h"

/* What one byte of a name is matched by, or any number of them. */
struct atom {
	enum { ONE, STAR, STARS } kind; /* a byte of the set; "*": up to a '/'; "**" */
	unsigned char set[(UCHAR_MAX + 1) / CHAR_BIT];
};

struct pattern {
	bool anchored;         /* at the top */
	bool last_only;        /* the last component is matched, not the path */
	bool from_slash;       /* "**" at the begin may stand for nothing before a '/' */
	bool directories_only; /* "name/" */
	bool directory_itself; /* "name/" and three stars: what is in a directory, and the directory
				*/
	size_t count;
	struct atom *atoms;
};

static void set_add(struct atom *atom, unsigned char byte)
{
	atom->set[byte / CHAR_BIT] |= (unsigned char)(1u << byte % CHAR_BIT);
}

static bool set_has(const struct atom *atom, unsigned char byte)
{
	return atom->set[byte / CHAR_BIT] & 1u << byte % CHAR_BIT;
}

/* ---- Reading ---- */

/* The end of "[...]", or NULL: "]" is plain in the first place, after "\", and in "[:alpha:]". */
static const char *bracket_end(const char *at)
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

/* In the C locale, whatever the user's is: names are bytes. */
static const char *read_bracket(struct atom *atom, const char *at)
{
	const char *end = bracket_end(at);
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
			set_add(atom, (unsigned char)byte);
	}
	uselocale(before);
	freelocale(plain);
	free(expression);
	return end;
}

static const char *read_any(struct atom *atom, const char *at)
{
	for (int byte = 1; byte <= UCHAR_MAX; byte++)
		if (byte != '/')
			set_add(atom, (unsigned char)byte);
	return at + 1;
}

/* One atom from the text; what follows it, or NULL if that has no end. */
static const char *read_atom(struct atom *atom, const char *at, bool is_plain)
{
	size_t stars = is_plain ? 0 : strspn(at, "*");

	*atom = (struct atom){.kind = stars > 1 ? STARS : stars ? STAR : ONE};
	if (stars)
		return at + stars;
	if (*at == '?' && !is_plain)
		return read_any(atom, at);
	if (*at == '[' && !is_plain)
		return read_bracket(atom, at);
	if (*at == '\\' && !is_plain && !*++at)
		return NULL;
	set_add(atom, (unsigned char)*at);
	return at + 1;
}

static bool ends_in(const char *text, const char *end)
{
	size_t length = strlen(text), due = strlen(end);

	return length >= due && !strcmp(text + length - due, end);
}

struct pattern *pattern_new(const char *text)
{
	struct pattern *pattern = allocate(sizeof(*pattern));
	bool is_plain = !strpbrk(text, "*?["); /* "\" is plain then too */
	size_t length = strlen(text);
	char *copy = copy_string(text), *rest = copy;
	const char *at;

	*pattern = (struct pattern){
		.anchored = *text == '/',
		.from_slash = !strncmp(text, "**", 2),
		.directories_only = ends_in(text, "/"),
		.directory_itself = ends_in(text, "/***"),
	};
	if (pattern->directories_only)
		copy[length - 1] = '\0';
	rest += *copy == '/';
	pattern->last_only = !strchr(copy, '/') && !strstr(copy, "**");
	pattern->atoms = allocate(length * sizeof(*pattern->atoms));
	for (at = rest; at && *at;)
		at = read_atom(&pattern->atoms[pattern->count++], at, is_plain);
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
 * The whole text. Only the last "*" and the last "**" are ever taken longer: what stands between
 * two of them is best found as early as it can be.
 */
static bool matches_from(const struct pattern *pattern, const char *text)
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
		} else if (atom && *text && set_has(atom, (unsigned char)*text)) {
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

/* path is "/NAME/NAME", and ends in '/' if it is of a directory. */
static bool matches_path(const struct pattern *pattern, const char *path)
{
	if (pattern->anchored)
		return matches_from(pattern, path + 1);
	if (pattern->from_slash && matches_from(pattern, path))
		return true;
	for (; path; path = strchr(path + 1, '/'))
		if (matches_from(pattern, path + 1))
			return true;
	return false;
}

bool pattern_matches(const struct pattern *pattern, const char *path, bool is_directory)
{
	const char *slash = strrchr(path, '/');
	char *text;
	bool matches;

	if (pattern->directories_only && !is_directory)
		return false;
	if (pattern->last_only)
		return matches_from(pattern, slash ? slash + 1 : path);
	text = allocate(strlen(path) + 3);
	stpcpy(stpcpy(stpcpy(text, "/"), path),
	       pattern->directory_itself && is_directory ? "/" : "");
	matches = matches_path(pattern, text);
	free(text);
	return matches;
}
