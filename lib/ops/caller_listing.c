/* SPDX-License-Identifier: MIT */
/* What a caller lists, in place of manifests. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/context.h"
#include "io/opening.h"
#include "ops/manifests.h"

struct ssum_listing {
	struct manifests manifests; /* its sources */
	size_t source;              /* the last one that was asked for */
	bool is_covered;            /* something was said of what has to be listed */
};

int ssum_listing_new(struct ssum_listing **listing)
{
	*listing = calloc(1, sizeof(**listing));
	return *listing ? 0 : -ENOMEM;
}

void ssum_listing_free(struct ssum_listing *listing)
{
	if (listing)
		manifests_free(&listing->manifests);
	free(listing);
}

/* The number of a source, which is made if it is new. Entries of one come one after the other. */
static int find_source(struct ssum_listing *listing, const char *path)
{
	struct manifests *manifests = &listing->manifests;

	if (listing->source < manifests->count &&
	    !strcmp(manifests->rows[listing->source].path, path))
		return 0;
	for (size_t i = 0; i < manifests->count; i++)
		if (!strcmp(manifests->rows[i].path, path)) {
			listing->source = i;
			return 0;
		}
	listing->source = manifests->count;
	return manifests_add(manifests, path, 0);
}

static int find_algorithm(struct algorithms *algorithms, const char *name, uint32_t *index)
{
	struct algorithm algorithm;
	size_t place;
	int rc;

	for (size_t i = 0; name && i < algorithms->count; i++)
		if (!strcasecmp(algorithms->rows[i].name, name)) {
			*index = (uint32_t)i;
			return 0;
		}
	rc = algorithm_find(name, &algorithm);
	if (!rc)
		rc = enlist_algorithm(algorithms, &algorithm, &place);
	if (!rc)
		*index = (uint32_t)place;
	return rc;
}

static bool is_plausible(const struct ssum_listed_entry *entry)
{
	return entry->name && entry->source &&
	       (entry->type == SSUM_TYPE_FILE || entry->type == SSUM_TYPE_SYMLINK ||
		entry->type == SSUM_TYPE_DIRECTORY);
}

/* A file with or without its digest. */
static int add_file(struct ssum_listing *listing, struct listed *row,
		    const struct ssum_listed_entry *entry)
{
	struct manifests *manifests = &listing->manifests;
	const struct ssum_digest *digest = entry->digest;
	int rc = 0;

	row->length = entry->length;
	if (digest)
		rc = find_algorithm(&manifests->algorithms, entry->algorithm, &row->algorithm);
	if (!rc && digest &&
	    digest->length != manifests->algorithms.rows[row->algorithm].digest_length)
		rc = SSUM_ERR_MALFORMED;
	return rc ? rc
		  : listing_add(&manifests->listing, row, entry->name,
				digest ? digest->bytes : NULL, digest ? digest->length : 0);
}

int ssum_listing_add(struct ssum_listing *listing, const struct ssum_listed_entry *given)
{
	struct ssum_listed_entry entry;
	struct listed row = {.length = SSUM_LENGTH_UNKNOWN};
	int rc = options_take(&entry, sizeof(entry), given);

	if (!rc && !is_plausible(&entry))
		rc = SSUM_ERR_OPTIONS;
	if (!rc)
		rc = find_source(listing, entry.source);
	if (rc)
		return rc;
	row.manifest = (uint32_t)listing->source;
	row.line = entry.line;
	row.type = entry.type;
	if (entry.type == SSUM_TYPE_FILE)
		return add_file(listing, &row, &entry);
	if (entry.type == SSUM_TYPE_DIRECTORY)
		entry.target = NULL;
	return listing_add(&listing->manifests.listing, &row, entry.name, entry.target,
			   entry.target ? strlen(entry.target) + 1 : 0);
}

int ssum_listing_cover(struct ssum_listing *listing, const char *source, const char *directory,
		       unsigned flags)
{
	struct manifests *manifests = &listing->manifests;
	struct coverage coverage = {.set = true,
				    .empty_directories = flags & SSUM_COVER_EMPTY_DIRECTORIES};
	int rc = 0;

	if (flags & ~SSUM_COVER_EMPTY_DIRECTORIES)
		return SSUM_ERR_OPTIONS;
	if (*directory && !beneath_is_plain(directory))
		return SSUM_ERR_NAME;
	if (source)
		rc = find_source(listing, source);
	if (!rc && *directory) {
		coverage.directory = strdup(directory);
		rc = coverage.directory ? 0 : -ENOMEM;
	}
	if (rc)
		return rc;
	struct coverage *place =
		source ? &manifests->rows[listing->source].covers : &manifests->together;
	free(place->directory);
	*place = coverage;
	listing->is_covered = true;
	return 0;
}

static void *copy_of(const void *data, size_t size)
{
	void *copy = size ? malloc(size) : NULL;

	return copy ? memcpy(copy, data, size) : NULL;
}

int manifests_borrow(struct manifests *manifests, const struct ssum_listing *listing)
{
	const struct manifests *from = &listing->manifests;

	*manifests = *from;
	manifests->borrowed = true;
	manifests->files = (struct manifest_set){0};
	manifests->rows = copy_of(from->rows, from->count * sizeof(*from->rows));
	manifests->listing.rows =
		copy_of(from->listing.rows, from->listing.count * sizeof(*from->listing.rows));
	if (!listing->is_covered)
		manifests->together = (struct coverage){.set = true, .empty_directories = true};
	if (!from->listing.count)
		return SSUM_ERR_EMPTY;
	return manifests->rows && manifests->listing.rows ? 0 : -ENOMEM;
}
