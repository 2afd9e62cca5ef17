/* SPDX-License-Identifier: MIT */
/* The names of --files-from: read, refused where a manifest's would be, and found again. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "base/output.h"
#include "options/input.h"
#include "options/name_list.h"

struct listed {
	char *name;
	uint64_t line;
	bool met;
};

struct name_list {
	const char *file;
	char end;
	struct listed *rows; /* sorted by name */
	size_t count;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct listed *)a)->name, ((const struct listed *)b)->name);
}

static const char *title(const struct name_list *list)
{
	return is_stdin(list->file) ? "standard input" : quoted(list->file);
}

/* The library judges names: what it refuses in a listing is refused here. */
static void check_name(struct ssum_listing *listing, const struct name_list *list, const char *name,
		       bool has_nul)
{
	const struct ssum_listed_entry entry = {
		.size = sizeof(entry),
		.name = name,
		.type = SSUM_TYPE_DIRECTORY,
		.source = list->file,
		.line = list->count + 1,
	};
	int code = has_nul ? SSUM_ERR_NAME : ssum_listing_add(listing, &entry);

	if (code)
		die("%s:%zu: %s: %s", title(list), list->count + 1, quoted(name),
		    ssum_strerror(code));
}

static void add(struct name_list *list, const char *name)
{
	size_t count = list->count++;

	if (!(count & (count - 1))) {
		list->rows = reallocarray(list->rows, count ? 2 * count : 1, sizeof(*list->rows));
		if (!list->rows)
			die("out of memory");
	}
	name += strncmp(name, "./", 2) ? 0 : 2;
	list->rows[count] = (struct listed){.name = copy_string(name), .line = list->count};
}

static void read_names(struct name_list *list, FILE *from)
{
	struct ssum_listing *listing;
	char *line = NULL;
	size_t size = 0;
	ssize_t got;

	if (ssum_listing_new(&listing))
		die("out of memory");
	while ((got = getdelim(&line, &size, list->end, from)) > 0) {
		if (line[got - 1] == list->end)
			line[--got] = '\0';
		check_name(listing, list, line, strlen(line) < (size_t)got);
		add(list, line);
	}
	if (!feof(from))
		die("%s: %s", title(list), ssum_strerror(-errno));
	free(line);
	ssum_listing_free(listing);
}

struct name_list *name_list_read(const char *file, char end)
{
	struct name_list *list = allocate(sizeof(*list));
	FILE *from = is_stdin(file) ? stdin : fopen(file, "re");

	*list = (struct name_list){.file = file, .end = end};
	if (!from || (from == stdin && was_closed(0)))
		die("%s: %s", title(list), ssum_strerror(from ? -EBADF : -errno));
	read_names(list, from);
	if (from != stdin)
		fclose(from);
	if (!list->count)
		die("%s: names nothing", title(list));
	qsort(list->rows, list->count, sizeof(*list->rows), by_name);
	return list;
}

void name_list_free(struct name_list *list)
{
	for (size_t i = 0; list && i < list->count; i++)
		free(list->rows[i].name);
	if (list)
		free(list->rows);
	free(list);
}

/* The first row that is not before the name. */
static size_t place_of(const struct name_list *list, const char *name)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(list->rows[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A name may stand there several times. */
static bool meet(struct name_list *list, const char *name)
{
	size_t first = place_of(list, name), at = first;

	for (; at < list->count && !strcmp(list->rows[at].name, name); at++)
		list->rows[at].met = true;
	return at > first;
}

bool name_list_has(struct name_list *list, const char *path, bool is_directory)
{
	size_t length = strlen(path), place;
	char *text = allocate(length + 2);
	bool has = meet(list, path);

	strcpy(text, path);
	for (char *slash = text; !has && (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		has = meet(list, text);
	}
	stpcpy(stpcpy(text, path), "/");
	place = place_of(list, text);
	if (is_directory && !has && place < list->count)
		has = !strncmp(list->rows[place].name, text, length + 1);
	free(text);
	return has;
}

bool name_list_tell_unmet(const struct name_list *list)
{
	bool all_met = true;

	for (size_t i = 0; i < list->count; i++) {
		const struct listed *row = &list->rows[i];

		if (row->met)
			continue;
		note("%s:%" PRIu64 ": %s: nothing of that name takes part", title(list), row->line,
		     quoted(row->name));
		all_met = false;
	}
	return !all_met;
}
