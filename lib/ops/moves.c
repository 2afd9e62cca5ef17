/* SPDX-License-Identifier: MIT */
#include "ops/moves.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

struct candidate {
	const unsigned char *digest;
	const char *base; /* the last component of the path */
	char *skeleton;   /* of the path */
	const char *skeleton_base;
	size_t order;
	bool is_missing, is_empty, is_paired;
	void *item;
};

/* How much alike two names are, most first. */
enum likeness { ALIKE_PATH, SAME_BASE, ALIKE_BASE, ANY, LIKENESSES };

/* ---- Names, whatever became of them ---- */

static bool is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

static char lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* A combining mark, U+0300 to U+036F in UTF-8: the letter before it is one character with it where
   the name is composed. */
static bool is_mark(const char *c)
{
	unsigned char lead = (unsigned char)c[0], next = (unsigned char)c[1];

	return (lead == 0xcc || lead == 0xcd) && next >= 0x80 && next <= 0xbf;
}

/*
 * What a name keeps on every way: ASCII letters, in lower case, digits, and slashes. Encodings,
 * Unicode forms and what else file systems and archives do to a name is about all the other
 * characters. Two names may have the same skeleton and nothing to do with each other: it only
 * chooses among files that have the same content.
 */
static char *skeleton_of(const char *name)
{
	char *skeleton = malloc(strlen(name) + 1), *to = skeleton;
	bool marked = false;

	for (; skeleton && *name; name++) {
		unsigned char byte = 0;
		char c = lower(*name);

		if (c == '%' && hex_decode(name + 1, 1, &byte) && byte) {
			c = lower((char)byte);
			name += 2;
		}
		if (is_alphanumeric(c) || c == '/') {
			*to++ = c;
			marked = false;
		} else if (is_mark(name) && !marked && to > skeleton && to[-1] != '/') {
			to--;
			marked = true;
		}
	}
	if (skeleton)
		*to = '\0';
	return skeleton;
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Whether more of a name than its suffix is in its skeleton. */
static bool is_telling(const char *base)
{
	const char *dot = strrchr(base, '.');
	const char *end = dot && dot != base ? dot : base + strlen(base);

	for (; base < end; base++)
		if (is_alphanumeric(lower(*base)))
			return true;
	return false;
}

/* ---- The candidates ---- */

static int add(struct moves *moves, const char *path, const struct candidate *given)
{
	struct candidate *row;
	int rc = array_reserve(&moves->rows, &moves->capacity, moves->count + 1, sizeof(*row));

	if (rc)
		return rc;
	row = &moves->rows[moves->count];
	*row = *given;
	row->order = moves->count;
	row->base = base_of(path);
	row->skeleton = skeleton_of(path);
	if (!row->skeleton)
		return -ENOMEM;
	row->skeleton_base = base_of(row->skeleton);
	moves->count++;
	return 0;
}

int moves_add_missing(struct moves *moves, const char *path, const void *digest, void *item)
{
	return add(moves, path,
		   &(struct candidate){.digest = digest, .is_missing = true, .item = item});
}

int moves_add_extra(struct moves *moves, const char *path, const void *digest, bool is_empty,
		    void *item)
{
	return add(moves, path,
		   &(struct candidate){.digest = digest, .is_empty = is_empty, .item = item});
}

void moves_free(struct moves *moves)
{
	for (size_t i = 0; i < moves->count; i++)
		free(moves->rows[i].skeleton);
	free(moves->rows);
	moves->rows = NULL;
	moves->count = moves->capacity = 0;
}

/* ---- The pairs ---- */

struct order {
	size_t digest_length;
	enum likeness likeness;
};

static int compare_names(const struct candidate *a, const struct candidate *b,
			 enum likeness likeness)
{
	switch (likeness) {
	case ALIKE_PATH:
		return strcmp(a->skeleton, b->skeleton);
	case SAME_BASE:
		return strcmp(a->base, b->base);
	case ALIKE_BASE:
		return strcmp(a->skeleton_base, b->skeleton_base);
	default:
		return 0;
	}
}

/* 0 for those that may be a pair. */
static int compare_groups(const struct candidate *a, const struct candidate *b,
			  const struct order *order)
{
	int result = (int)a->is_paired - (int)b->is_paired;

	if (!result)
		result = memcmp(a->digest, b->digest, order->digest_length);
	return result ? result : compare_names(a, b, order->likeness);
}

static int compare(const void *left, const void *right, void *order)
{
	const struct candidate *a = left, *b = right;
	int result = compare_groups(a, b, order);

	if (result)
		return result;
	if (a->is_missing != b->is_missing)
		return a->is_missing ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static bool may_pair(const struct moves *moves, const struct candidate *missing,
		     const struct candidate *extra, enum likeness likeness)
{
	if (extra->is_empty && likeness != SAME_BASE &&
	    (likeness != ALIKE_PATH || !is_telling(missing->base) || !is_telling(extra->base)))
		return false;
	return moves->fits(moves->user, missing->item, extra->item);
}

/* The missing ones of a group with its extra ones, which are behind them, one by one. */
static void pair_group(struct moves *moves, size_t first, size_t end, enum likeness likeness)
{
	struct candidate *rows = moves->rows;
	size_t extra = first;

	while (extra < end && rows[extra].is_missing)
		extra++;
	for (; first < end && rows[first].is_missing && extra < end; first++) {
		if (!may_pair(moves, &rows[first], &rows[extra], likeness))
			continue;
		rows[first].is_paired = rows[extra].is_paired = true;
		moves->take(moves->user, rows[first].item, rows[extra++].item);
	}
}

void moves_pair(struct moves *moves)
{
	struct order order = {.digest_length = moves->digest_length};

	for (int likeness = 0; likeness < LIKENESSES && moves->count; likeness++) {
		size_t first = 0;

		order.likeness = (enum likeness)likeness;
		qsort_r(moves->rows, moves->count, sizeof(*moves->rows), compare, &order);
		while (first < moves->count && !moves->rows[first].is_paired) {
			size_t end = first + 1;

			while (end < moves->count &&
			       !compare_groups(&moves->rows[first], &moves->rows[end], &order))
				end++;
			pair_group(moves, first, end, order.likeness);
			first = end;
		}
	}
}
