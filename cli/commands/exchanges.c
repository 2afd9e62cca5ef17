/* SPDX-License-Identifier: MIT */
/*
 * Files that were exchanged: each has the content of the next, and the last that of the first. What
 * is found in one is held against what is listed of the others, so names play no part in it, and
 * nothing is told that the digests do not prove.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "output/json.h"
#include "output/names.h"
#include "commands/exchanges.h"
#include "commands/shell_words.h"

/* Files that differ and are looked at, the first ones. */
#define EXCHANGES_MAX 4096

enum state { UNSEEN, ON_THE_WAY, SEEN };

struct exchange {
	char *path, *algorithm;
	struct ssum_digest expected, found;
	struct exchange *next; /* whose content it has */
	enum state state;
};

/* ---- Taken ---- */

/* Where checkpoints were enough to judge, the explanation may have the digest. */
static const struct ssum_digest *found_digest(const struct ssum_report *report)
{
	const struct ssum_explanation *explanation = report->explanation;

	if (report->found.digest)
		return report->found.digest;
	return explanation && explanation->found.length ? &explanation->found : NULL;
}

void exchanges_take(struct exchanges *exchanges, const struct ssum_report *report)
{
	const struct ssum_digest *found = found_digest(report);
	struct exchange *row;

	if (report->verdict != SSUM_DIFFERS || report->found.type != SSUM_TYPE_FILE ||
	    !report->expected.digest || !found || exchanges->count == EXCHANGES_MAX)
		return;
	row = allocate(sizeof(*row));
	*row = (struct exchange){.path = copy_string(report->path),
				 .algorithm = copy_string(report->algorithm),
				 .expected = *report->expected.digest,
				 .found = *found};
	if (!exchanges->rows)
		exchanges->rows = allocate(EXCHANGES_MAX * sizeof(struct exchange *));
	exchanges->rows[exchanges->count++] = row;
}

void exchanges_free(struct exchanges *exchanges)
{
	for (size_t i = 0; i < exchanges->count; i++) {
		free(exchanges->rows[i]->path);
		free(exchanges->rows[i]->algorithm);
		free(exchanges->rows[i]);
	}
	free(exchanges->rows);
	*exchanges = (struct exchanges){0};
}

/* ---- Rings ---- */

static int compare_listed(const struct exchange *row, const char *algorithm,
			  const struct ssum_digest *digest)
{
	int result = strcmp(row->algorithm, algorithm);

	return result ? result : memcmp(row->expected.bytes, digest->bytes, digest->length);
}

static int by_listed(const void *left, const void *right)
{
	const struct exchange *a = *(struct exchange *const *)left;
	const struct exchange *b = *(struct exchange *const *)right;

	return compare_listed(a, b->algorithm, &b->expected);
}

/* The first row of which is listed what was found in another; or where it would stand. */
static size_t find_listed(struct exchange **sorted, size_t count, const struct exchange *row)
{
	size_t low = 0;

	while (low < count) {
		size_t middle = low + (count - low) / 2;

		if (compare_listed(sorted[middle], row->algorithm, &row->found) < 0)
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

/* Whose content a file has; of several, one that closes the ring. NULL: nobody's that is left. */
static struct exchange *follow(struct exchange **sorted, size_t count, const struct exchange *row)
{
	struct exchange *next = NULL;

	for (size_t i = find_listed(sorted, count, row);
	     i < count && !compare_listed(sorted[i], row->algorithm, &row->found); i++) {
		if (sorted[i]->state == ON_THE_WAY)
			return sorted[i];
		if (sorted[i]->state == UNSEEN && !next)
			next = sorted[i];
	}
	return next;
}

/* Go from a row to the next ones as far as they have not been seen; a row of the ring that this
   comes to, or NULL. */
static struct exchange *find_ring(struct exchange **sorted, size_t count, struct exchange *first)
{
	struct exchange *row = first, *last = NULL;

	while (row && row->state == UNSEEN) {
		row->state = ON_THE_WAY;
		last = row;
		row = row->next = follow(sorted, count, row);
	}
	for (struct exchange *on = first; on && on->state == ON_THE_WAY; on = on->next)
		on->state = SEEN;
	return last ? last->next : NULL;
}

/* ---- Told ---- */

/* A name that nothing has, for the first one while the others are renamed. */
static char *spare_name(const struct app *app, const char *path)
{
	static const char suffix[] = ".exchanged";
	char *name = allocate(strlen(path) + sizeof(suffix));
	struct stat st;

	stpcpy(stpcpy(name, path), suffix);
	for (char *full; full = below_directory(app, name), !lstat(full, &st); free(full)) {
		char *longer = allocate(strlen(name) + 2);

		stpcpy(stpcpy(longer, name), "~");
		free(name);
		name = longer;
	}
	return name;
}

static void say_rename(const struct app *app, const char *from, const char *to)
{
	out("mv -- %s %s", path_word(app, from), path_word(app, to));
}

/* Behind the first, which stands aside, each takes the name that has just become free. The rows are
   linked the other way: whose content the first has is renamed last but one. */
static void say_renames(const struct app *app, struct exchange **ring, size_t count)
{
	char *spare = spare_name(app, ring[0]->path);

	out("    to do     rename them: ");
	say_rename(app, ring[0]->path, spare);
	for (size_t i = count; i-- > 1;) {
		out(" && ");
		say_rename(app, ring[i]->path, ring[(i + 1) % count]->path);
	}
	out(" && ");
	say_rename(app, spare, ring[1]->path);
	out("\n");
	free(spare);
}

static void say_ring(const struct app *app, struct exchange **ring, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		out("%s%s ", i ? ", " : "exchanged: ", quoted(ring[i]->path));
		out(i ? "that of %s" : "has the content of %s", quoted(ring[i]->next->path));
	}
	out("\n");
	say_renames(app, ring, count);
}

static void print_ring(struct exchange **ring, size_t count)
{
	json_t *object = json_typed("cause"), *files = json_array();

	json_text(object, "cause", "exchanged");
	json_count(object, "entries", count);
	for (size_t i = 0; i < count; i++) {
		json_t *file = json_object();

		json_name(file, "path", ring[i]->path);
		json_name(file, "content_of", ring[i]->next->path);
		json_array_append_new(files, file);
	}
	json_object_set_new(object, "files", files);
	json_print(object);
}

static void tell_ring(const struct app *app, struct exchange *first)
{
	struct exchange **ring = allocate(EXCHANGES_MAX * sizeof(struct exchange *));
	struct exchange *row = first;
	size_t count = 0;

	do
		ring[count++] = row;
	while ((row = row->next) != first);
	if (asked(app, OPT_JSON))
		print_ring(ring, count);
	else
		say_ring(app, ring, count);
	free(ring);
}

void say_exchanges(const struct app *app, const struct exchanges *exchanges)
{
	size_t count = exchanges->count, bytes = count * sizeof(struct exchange *);
	struct exchange **sorted;

	if (count < 2)
		return;
	sorted = memcpy(allocate(bytes), exchanges->rows, bytes);
	qsort(sorted, count, sizeof(struct exchange *), by_listed);
	for (size_t i = 0; i < count; i++) {
		struct exchange *ring = find_ring(sorted, count, exchanges->rows[i]);

		if (ring)
			tell_ring(app, ring);
	}
	free(sorted);
}
