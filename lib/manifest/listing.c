/* SPDX-License-Identifier: MIT */
#include "manifest/listing.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "io/opening.h"

int path_order(const char *a, bool a_is_directory, const char *b, bool b_is_directory)
{
	while (*a && *a == *b)
		a++, b++;
	return strcmp(*a ? a : a_is_directory ? "/" : "", *b ? b : b_is_directory ? "/" : "");
}

int listing_add(struct listing *listing, const struct listed *template, const char *name,
		const void *target, size_t target_length)
{
	struct listed row = *template;
	int rc = array_reserve(&listing->rows, &listing->capacity, listing->count + 1, sizeof(row));

	while (name[0] == '.' && name[1] == '/')
		name += 2;
	if (!beneath_is_plain(name))
		return SSUM_ERR_NAME;

	row.name_at = listing->text.length;
	if (!rc)
		rc = bytes_append(&listing->text, name, strlen(name) + 1);
	row.target_at = listing->text.length;
	row.has_target = target;
	if (!rc && target)
		rc = bytes_append(&listing->text, target, target_length);
	if (!rc)
		listing->rows[listing->count++] = row;
	return rc;
}

const char *listed_name(const struct listing *listing, size_t row)
{
	return listing->text.data + listing->rows[row].name_at;
}

const char *listed_target(const struct listing *listing, size_t row)
{
	return listing->text.data + listing->rows[row].target_at;
}

static int listing_compare_paths(const struct listing *listing, const struct listed *a,
				 const struct listed *b)
{
	return path_order(listing->text.data + a->name_at, a->type == SSUM_TYPE_DIRECTORY,
			  listing->text.data + b->name_at, b->type == SSUM_TYPE_DIRECTORY);
}

static int listing_compare_rows(const void *left, const void *right, void *listing)
{
	const struct listed *a = left, *b = right;
	int order = listing_compare_paths(listing, a, b);

	if (order)
		return order;
	if (a->manifest != b->manifest)
		return a->manifest < b->manifest ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->algorithm < b->algorithm ? -1 : a->algorithm > b->algorithm;
}

void listing_sort(struct listing *listing)
{
	if (listing->count)
		qsort_r(listing->rows, listing->count, sizeof(*listing->rows), listing_compare_rows,
			listing);
}

size_t listing_group(const struct listing *listing, size_t first)
{
	size_t last = first + 1;

	while (last < listing->count &&
	       !listing_compare_paths(listing, &listing->rows[first], &listing->rows[last]))
		last++;
	return last - first;
}

bool listing_has(const struct listing *listing, const char *path)
{
	/* A directory is sorted differently from a file with the same name. */
	for (int is_directory = 0; is_directory < 2; is_directory++) {
		size_t low = 0, high = listing->count;

		while (low < high) {
			size_t middle = low + (high - low) / 2;
			bool directory = listing->rows[middle].type == SSUM_TYPE_DIRECTORY;
			int order = path_order(listed_name(listing, middle), directory, path,
					       is_directory);

			if (!order)
				return true;
			if (order < 0)
				low = middle + 1;
			else
				high = middle;
		}
	}
	return false;
}

void listing_free(struct listing *listing)
{
	bytes_free(&listing->text);
	free(listing->rows);
	*listing = (struct listing){0};
}
