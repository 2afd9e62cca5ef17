/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/advice.h"
#include "commands/nearby.h"
#include "output/memory.h"
#include "output/names.h"

/* The maximum number of names to read, and of names to print. */
#define NAMES_MAX 10000
#define SHOWN_MAX 3

/* The maximum number of lists of one directory in a suggested command. */
#define LISTS_MAX 8

#define LEVELS_BELOW 2
#define LEVELS_ABOVE 2

enum nearby_kind { NEARBY_NOTHING, NEARBY_LIST, NEARBY_MANIFEST };

struct nearby {
	const char *directory; /* as the user named it */
	char *text;            /* what was found so far, or NULL */
	size_t looked_at, found;
};

/* Whether the first *end bytes of a text end in "sha256", "sha256sum", "SHA256SUMS" or the like.
   Moves *end to the beginning of that. */
static bool nearby_ends_in_algorithm(const char *text, size_t *end)
{
	static const char *const names[] = {"md5",    "sha1",   "sha224", "sha256",
					    "sha384", "sha512", "b3",     "blake3"};
	size_t length = *end;

	if (length > 4 && !strncasecmp(text + length - 4, "sums", 4))
		length -= 4;
	else if (length > 3 && !strncasecmp(text + length - 3, "sum", 3))
		length -= 3;
	length -= length && (text[length - 1] == '-' || text[length - 1] == '_');
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t name = strlen(names[i]);

		if (length < name || strncasecmp(text + length - name, names[i], name) != 0)
			continue;
		*end = length - name;
		return true;
	}
	return false;
}

/* "SHA256SUMS" is a manifest; "sha256sums.txt", "x.iso.md5", "CHECKSUM" and the like are lists. */
static enum nearby_kind nearby_kind_of(const char *name)
{
	static const char *const words[] = {"checksum", "checksums", "hashes", "digests"};
	size_t length = strlen(name), begin;

	begin = length;
	if (length > 4 && !strcmp(name + length - 4, "SUMS") &&
	    nearby_ends_in_algorithm(name, &begin) && !begin) {
		bool is_upper = true;

		for (const char *c = name; *c; c++)
			is_upper &= !islower((unsigned char)*c);
		return is_upper && *name != 'B' ? NEARBY_MANIFEST : NEARBY_LIST;
	}
	if (length > 4 &&
	    (!strcasecmp(name + length - 4, ".txt") || !strcasecmp(name + length - 4, ".csv") ||
	     !strcasecmp(name + length - 4, ".asc"))) /* signed text */
		length -= 4;
	begin = length;
	if (nearby_ends_in_algorithm(name, &begin) && (!begin || strchr("._-", name[begin - 1])))
		return NEARBY_LIST;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t word = strlen(words[i]);

		if (length >= word && !strncasecmp(name + length - word, words[i], word) &&
		    (length == word || strchr("._-", name[length - word - 1])))
			return NEARBY_LIST;
	}
	return NEARBY_NOTHING;
}

/* Append what was found, and the command that uses it. Frees the text. */
static void nearby_add(struct nearby *nearby, char *text)
{
	char *longer = format_text("%s; %s", nearby->text ? nearby->text : "", text);

	free(text);
	if (nearby->found++ < SHOWN_MAX) {
		free(nearby->text);
		nearby->text = longer;
	} else {
		free(longer);
	}
}

/* The manifest in a directory, or its lists, which are verified together. */
static void nearby_add_directory(struct nearby *nearby, const char *path, const struct list *names,
				 int fd)
{
	const char *dashes = *path == '-' ? "-- " : "";
	char *options = copy_string(""), *first = NULL;
	size_t lists = 0;

	for (size_t i = 0; i < names->count && nearby->looked_at < NAMES_MAX; i++) {
		enum nearby_kind kind = nearby_kind_of(names->items[i]);
		struct stat st;
		char *name, *longer;

		nearby->looked_at++;
		if (kind == NEARBY_NOTHING ||
		    fstatat(fd, names->items[i], &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
			continue;
		name = format_text("%s/%s", path, names->items[i]);
		if (kind == NEARBY_MANIFEST) {
			nearby_add(nearby, format_text("%s is a manifest: " PROGRAM " verify %s%s",
						       quoted(name), dashes, advice_word(path)));
			free(name);
			lists = 0;
			break;
		}
		if (lists++ < LISTS_MAX) {
			longer = format_text("%s -m %s", options, advice_word(name));
			free(options);
			options = longer;
		}
		if (first)
			free(name);
		else
			first = name;
	}
	if (lists)
		nearby_add(nearby, format_text("%s %s: " PROGRAM " verify%s%s %s%s", quoted(first),
					       lists == 1 ? "looks like a list of digests"
							  : "and others look like lists of digests",
					       options, lists > LISTS_MAX ? " ..." : "", dashes,
					       advice_word(path)));
	free(options);
	free(first);
}

/* Look at the names in a directory, and if levels are left, in those below it. */
static void nearby_search(struct nearby *nearby, const char *path, int levels)
{
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	int fd = open(path, path == nearby->directory ? flags : flags | O_NOFOLLOW);
	struct list names = list_directory(fd);

	nearby_add_directory(nearby, path, &names, fd);
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.items[i];
		struct stat st;

		if (levels && nearby->looked_at < NAMES_MAX && *name != '.' &&
		    !fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode)) {
			char *below = format_text("%s/%s", path, name);

			nearby_search(nearby, below, levels - 1);
			free(below);
		}
	}
	list_free(&names);
	if (fd >= 0)
		close(fd);
}

char *nearby_manifests(const char *directory)
{
	struct nearby nearby = {.directory = directory};
	char *above = NULL;

	nearby_search(&nearby, directory, 0);
	if (!nearby.found)
		nearby_search(&nearby, directory, LEVELS_BELOW);
	if (!nearby.found)
		above = realpath(directory, NULL);
	for (int i = 0; i < LEVELS_ABOVE && above && !nearby.found; i++) {
		char *slash = strrchr(above, '/');

		if (!slash || slash == above)
			break;
		*slash = '\0';
		nearby_search(&nearby, above, 0);
	}
	free(above);
	if (nearby.found > SHOWN_MAX) {
		char *longer =
			format_text("%s; and %zu more", nearby.text, nearby.found - SHOWN_MAX);

		free(nearby.text);
		nearby.text = longer;
	}
	return nearby.text;
}
