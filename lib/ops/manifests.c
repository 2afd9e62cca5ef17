/* SPDX-License-Identifier: MIT */
#include "ops/manifests.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/context.h"
#include "io/atomic_file.h"
#include "io/opening.h"
#include "ops/names.h"

/* ---- Files that are manifests ---- */

/* The endings of detached signatures of a manifest, which cannot list them. */
static const char *const signature_suffixes[] = {".asc",  ".gpg",     ".sig",
						 ".sign", ".minisig", ".p7s"};

/* Whether an entry may be a manifest; the case of its name is ignored. */
static bool manifest_may_be(const char *name)
{
	size_t length = strlen(name), suffix = strlen(MANIFEST_SUFFIX);

	return length > suffix && !strcasecmp(name + length - suffix, MANIFEST_SUFFIX);
}

static int manifest_set_add_place(struct manifest_set *set, int directory, char *name,
				  bool is_signed)
{
	struct manifest_place *places = NULL;
	struct stat st;
	int rc = !name ? -ENOMEM : fstat(directory, &st) ? -errno : 0;

	if (!rc)
		places = realloc(set->places, (set->count + 1) * sizeof(*places));
	if (!places) {
		free(name);
		return rc ? rc : -ENOMEM;
	}
	set->places = places;
	places[set->count++] = (struct manifest_place){st.st_dev, st.st_ino, name, is_signed};
	return 0;
}

int manifest_set_add(struct manifest_set *set, int directory, const char *name)
{
	return manifest_set_add_place(set, directory, strdup(name), true);
}

int manifest_set_add_checkpoints(struct manifest_set *set, int directory, const char *manifest)
{
	return manifest_set_add_place(set, directory, checkpoint_file_path(manifest), false);
}

/* Change the name of a directory entry to that of a manifest. If they differ in case, the entry is
   a manifest only if the file system ignores that. A directory is no manifest. */
static bool manifest_restore_name(const struct directory_names *names, const char *listed, int root,
				  char name[NAME_MAX + 1])
{
	enum ssum_type type;
	bool is_exact;

	if (!manifest_may_be(listed) || strlen(listed) > NAME_MAX)
		return false;
	strcpy(name, listed);
	for (char *c = name; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c -= 'a' - 'A';
	is_exact = !strcmp(name, listed);
	for (size_t i = 0; !is_exact && i < names->count; i++)
		if (!strcmp(names->rows[i].string, name))
			return false;
	if (beneath_type(root, name, &type))
		return is_exact;
	return type != SSUM_TYPE_DIRECTORY && (is_exact || type != SSUM_TYPE_UNKNOWN);
}

int manifest_set_add_package(struct manifest_set *set, const struct ssum_context *context, int root)
{
	struct directory_names names;
	int rc = names_read(&names, context, root);

	for (size_t i = 0; !rc && i < names.count; i++) {
		char name[NAME_MAX + 1];
		struct algorithm algorithm;
		int known = SSUM_ERR_ALGORITHM;

		if (manifest_restore_name(&names, names.rows[i].string, root, name))
			known = algorithm_find_manifest(name, &algorithm);
		if (!known)
			algorithm_release(&algorithm);
		if (known == SSUM_ERR_ALGORITHM)
			continue;
		/* SSUM_ERR_KERNEL: the algorithm is known, but cannot be computed here. */
		rc = known == SSUM_ERR_KERNEL ? 0 : known;
		if (!rc)
			rc = manifest_set_add(set, root, name);
		if (!rc)
			rc = manifest_set_add_checkpoints(set, root, name);
	}
	names_clear(&names);
	return rc;
}

/* Whether the current entry of a walk is a place in its directory, with a suffix. */
static bool manifest_place_is(const struct manifest_place *place, const char *suffix,
			      const struct ssum_tree *tree, const char *name)
{
	size_t length = strlen(place->name);
	char wanted[NAME_MAX + 1];

	if (strncasecmp(name, place->name, length) || strcasecmp(name + length, suffix) ||
	    strlen(name) >= sizeof(wanted))
		return false;
	stpcpy(stpcpy(wanted, place->name), suffix);
	return walk_is_in(tree, place->device, place->inode) &&
	       (!strcmp(name, wanted) || walk_is_found_as(tree, wanted));
}

bool manifest_set_has(const struct manifest_set *set, const struct ssum_tree *tree)
{
	const char *path = tree->entry.path, *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	if (tree->entry.error != -ENOENT &&
	    (tree->entry.error || tree->entry.type != SSUM_TYPE_FILE))
		return false;
	for (size_t i = 0; i < set->count; i++) {
		const struct manifest_place *place = &set->places[i];

		if (manifest_place_is(place, "", tree, name) ||
		    (set->with_temporaries && atomic_file_is_temporary(name, place->name) &&
		     walk_is_in(tree, place->device, place->inode)))
			return true;
		for (size_t j = 0; j < ARRAY_SIZE(signature_suffixes) && place->is_signed; j++)
			if (manifest_place_is(place, signature_suffixes[j], tree, name))
				return true;
	}
	return false;
}

void manifest_set_free(struct manifest_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		free(set->places[i].name);
	free(set->places);
	*set = (struct manifest_set){0};
}

/* ---- Adding ---- */

int manifests_add_algorithm(struct manifests *manifests, struct algorithm *algorithm, size_t *index)
{
	struct algorithms *algorithms = &manifests->algorithms;

	for (*index = 0; *index < algorithms->count; ++*index) {
		if (!strcmp(algorithms->rows[*index].name, algorithm->name)) {
			algorithm_release(algorithm);
			return 0;
		}
	}
	struct algorithm *rows =
		realloc(algorithms->rows, (algorithms->count + 1) * sizeof(*algorithms->rows));
	if (!rows) {
		algorithm_release(algorithm);
		return -ENOMEM;
	}
	rows[algorithms->count++] = *algorithm;
	algorithms->rows = rows;
	return 0;
}

int manifests_add(struct manifests *manifests, const char *path, size_t algorithm)
{
	struct package_manifest *rows =
		realloc(manifests->rows, (manifests->count + 1) * sizeof(*rows));
	char *copy = strdup(path);

	if (rows)
		manifests->rows = rows;
	if (!rows || !copy) {
		free(copy);
		return -ENOMEM;
	}
	rows[manifests->count] = (struct package_manifest){.path = copy,
							   .algorithm = algorithm,
							   .group = manifests->count,
							   .checkpoints.fd = -1};
	manifests->count++;
	return 0;
}

void manifests_free(struct manifests *manifests)
{
	for (size_t i = 0; i < manifests->count && !manifests->borrowed; i++) {
		checkpoint_file_close(&manifests->rows[i].checkpoints);
		free(manifests->rows[i].covers.directory);
		free(manifests->rows[i].path);
	}
	free(manifests->rows);
	if (manifests->borrowed) {
		free(manifests->listing.rows);
	} else {
		listing_free(&manifests->listing);
		algorithms_release(&manifests->algorithms);
		free(manifests->together.directory);
	}
	manifest_set_free(&manifests->files);
	*manifests = (struct manifests){0};
}

/* ---- Coverage ---- */

static bool coverage_includes(const struct coverage *coverage, const struct ssum_tree_entry *entry)
{
	size_t length = coverage->directory ? strlen(coverage->directory) : 0;

	/* A directory with an error may have any contents: it does not count as empty. */
	if (!coverage->set ||
	    (entry->type == SSUM_TYPE_DIRECTORY && !entry->error && !coverage->empty_directories))
		return false;
	return !length || (!strncmp(entry->path, coverage->directory, length) &&
			   (entry->path[length] == '/' || !entry->path[length]));
}

bool manifests_cover(const struct manifests *manifests, const struct ssum_tree_entry *entry)
{
	for (size_t i = 0; i < manifests->count; i++)
		if (coverage_includes(&manifests->rows[i].covers, entry))
			return true;
	return coverage_includes(&manifests->together, entry);
}

const struct package_manifest *manifest_without(const struct manifests *manifests,
						const struct listed *rows, size_t row_count,
						const struct ssum_tree_entry *entry)
{
	const struct package_manifest *first = NULL;

	for (size_t i = 0; i < manifests->count && !(first && !first->is_incomplete); i++) {
		const struct package_manifest *manifest = &manifests->rows[i];
		bool lists = false;

		if (!coverage_includes(&manifest->covers, entry))
			continue;
		for (size_t row = 0; row < row_count && !lists; row++)
			lists = manifests->rows[rows[row].manifest].group == manifest->group;
		if (!lists && (!first || !manifest->is_incomplete))
			first = manifest;
	}
	return first;
}

/* ---- The caller's listing ---- */

struct ssum_listing {
	struct manifests manifests; /* its sources */
	size_t source;              /* the source of the last call */
	bool is_covered;            /* ssum_listing_cover() was called */
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

/* Set listing->source to the source with that path. Adds the source if it is new. */
static int listing_find_source(struct ssum_listing *listing, const char *path)
{
	struct manifests *manifests = &listing->manifests;

	/* Entries of one source usually follow each other. */
	if (listing->source < manifests->count &&
	    !strcmp(manifests->rows[listing->source].path, path))
		return 0;
	for (listing->source = 0; listing->source < manifests->count; listing->source++)
		if (!strcmp(manifests->rows[listing->source].path, path))
			return 0;
	return manifests_add(manifests, path, 0);
}

/* Set *index to the place of an algorithm. libcrypto is not asked again for a name that was used
   before. */
static int listing_find_algorithm(struct manifests *manifests, const char *name, uint32_t *index)
{
	struct algorithm algorithm;
	size_t place = 0;
	int rc;

	while (name && place < manifests->algorithms.count &&
	       strcasecmp(manifests->algorithms.rows[place].name, name))
		place++;
	if (!name || place == manifests->algorithms.count) {
		rc = algorithm_find(name, &algorithm);
		if (!rc)
			rc = manifests_add_algorithm(manifests, &algorithm, &place);
		if (rc)
			return rc;
	}
	*index = (uint32_t)place;
	return 0;
}

int ssum_listing_add(struct ssum_listing *listing, const struct ssum_listed_entry *caller_entry)
{
	struct manifests *manifests = &listing->manifests;
	struct listed row = {.length = SSUM_LENGTH_UNKNOWN};
	struct ssum_listed_entry entry;
	const void *target = NULL;
	size_t target_length = 0;
	int rc = options_copy_in(&entry, sizeof(entry), caller_entry);

	if (rc)
		return rc;
	if (!entry.name || !entry.source ||
	    (entry.type != SSUM_TYPE_FILE && entry.type != SSUM_TYPE_SYMLINK &&
	     entry.type != SSUM_TYPE_DIRECTORY))
		return SSUM_ERR_OPTIONS;
	rc = listing_find_source(listing, entry.source);
	if (rc)
		return rc;
	row.manifest = (uint32_t)listing->source;
	row.line = entry.line;
	row.type = entry.type;
	if (entry.type == SSUM_TYPE_FILE) {
		row.length = entry.length;
		if (entry.digest) {
			rc = listing_find_algorithm(manifests, entry.algorithm, &row.algorithm);
			if (rc)
				return rc;
			target = entry.digest->bytes;
			target_length = entry.digest->length;
			if (target_length !=
			    manifests->algorithms.rows[row.algorithm].digest_length)
				return SSUM_ERR_MALFORMED;
		}
	} else if (entry.type == SSUM_TYPE_SYMLINK && entry.target) {
		target = entry.target;
		target_length = strlen(entry.target) + 1;
	}
	return listing_add(&manifests->listing, &row, entry.name, target, target_length);
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
		rc = listing_find_source(listing, source);
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

void ssum_listing_incomplete(struct ssum_listing *listing)
{
	listing->manifests.is_incomplete = true;
}

int manifests_borrow(struct manifests *manifests, const struct ssum_listing *listing)
{
	const struct manifests *from = &listing->manifests;

	*manifests = *from;
	manifests->borrowed = true;
	manifests->files = (struct manifest_set){0};
	if (!listing->is_covered)
		manifests->together = (struct coverage){.set = true, .empty_directories = true};
	manifests->rows = NULL;
	manifests->listing.rows = NULL;
	if (!from->listing.count)
		return SSUM_ERR_EMPTY;

	/* The rows are copied, since they will be sorted and removed, and the caller may use the
	   listing again. */
	manifests->rows = malloc(from->count * sizeof(*from->rows));
	manifests->listing.rows = malloc(from->listing.count * sizeof(*from->listing.rows));
	if (!manifests->rows || !manifests->listing.rows)
		return -ENOMEM;
	memcpy(manifests->rows, from->rows, from->count * sizeof(*from->rows));
	memcpy(manifests->listing.rows, from->listing.rows,
	       from->listing.count * sizeof(*from->listing.rows));
	for (size_t i = 0; i < manifests->count; i++)
		manifests->rows[i].is_incomplete = manifests->is_incomplete;
	return 0;
}

int manifests_report_line(struct operation *operation, const char *manifest, uint64_t line,
			  const char *name, int error)
{
	struct ssum_report report = {
		.kind = SSUM_REPORT_LINE,
		.verdict = SSUM_BAD_LINE,
		.error = error,
		.path = name ? name : manifest,
		.manifest = manifest,
		.line = line,
	};

	return operation_report(operation, &report);
}
