/* SPDX-License-Identifier: MIT */
#include "ops/manifests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int enlist_algorithm(struct algorithms *algorithms, struct algorithm *algorithm, size_t *index)
{
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
	rows[manifests->count++] = (struct package_manifest){
		.path = copy, .algorithm = algorithm, .checkpoints.fd = -1};
	return 0;
}

/* ---- What has to be listed ---- */

/* An empty directory is there for itself alone; one that has an error may hold anything. */
static bool covers(const struct coverage *coverage, const struct ssum_tree_entry *entry)
{
	size_t length = coverage->directory ? strlen(coverage->directory) : 0;

	if (!coverage->set ||
	    (entry->type == SSUM_TYPE_DIRECTORY && !entry->error && !coverage->empty_directories))
		return false;
	return !length || (!strncmp(entry->path, coverage->directory, length) &&
			   (entry->path[length] == '/' || !entry->path[length]));
}

bool manifests_cover(const struct manifests *manifests, const struct ssum_tree_entry *entry)
{
	for (size_t i = 0; i < manifests->count; i++)
		if (covers(&manifests->rows[i].covers, entry))
			return true;
	return covers(&manifests->together, entry);
}

const struct package_manifest *manifest_without(const struct manifests *manifests,
						const struct listed *rows, size_t row_count,
						const struct ssum_tree_entry *entry)
{
	size_t row = 0;

	for (size_t i = 0; i < manifests->count; i++) {
		bool lists = row < row_count && rows[row].manifest == i;

		if (!lists && covers(&manifests->rows[i].covers, entry))
			return &manifests->rows[i];
		while (row < row_count && rows[row].manifest == i)
			row++;
	}
	return NULL;
}

/* ---- What is listed ---- */

int report_bad_line(struct operation *operation, const char *manifest, uint64_t line,
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

/* A line may hold several digests of its file. */
static bool may_stand_beside(const struct listed *row, const struct listed *last)
{
	return row->manifest != last->manifest ||
	       (row->line == last->line && has_digest(row) && has_digest(last) &&
		row->algorithm != last->algorithm);
}

/* A path stands once in a manifest: of two lines for one, also if they agree, the second is
   refused. */
static int drop_duplicates(struct manifests *manifests, struct operation *operation)
{
	struct listing *listing = &manifests->listing;
	size_t kept = 0;
	int rc = 0;

	for (size_t first = 0; first < listing->count && !rc;) {
		size_t end = first + listing_group(listing, first);
		const struct listed *last = NULL;

		for (; first < end && !rc; first++) {
			struct listed *row = &listing->rows[first];

			if (last && !may_stand_beside(row, last)) {
				rc = report_bad_line(operation, manifests->rows[row->manifest].path,
						     row->line, listed_name(listing, first),
						     SSUM_ERR_DUPLICATE);
				continue;
			}
			listing->rows[kept] = *row;
			last = &listing->rows[kept++];
		}
	}
	if (!rc)
		listing->count = kept;
	return rc;
}

/* A row takes part if it does, and each directory above it. The path is changed and restored. */
static int asks_for_row(const struct ssum_filter *filter, enum ssum_type type, char *path)
{
	int rc = 1;

	for (char *slash = path; rc == 1 && (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		rc = filter_accepts(filter, path, SSUM_TYPE_DIRECTORY);
	}
	return rc == 1 ? filter_accepts(filter, path, type) : rc;
}

static int drop_unselected(struct manifests *manifests, const struct ssum_filter *filter)
{
	struct listing *listing = &manifests->listing;
	struct bytes path = {0};
	size_t kept = 0;
	int rc = 0;

	for (size_t i = 0; filter->fn && i < listing->count && rc >= 0; i++) {
		const char *name = listed_name(listing, i);

		path.length = 0;
		rc = bytes_append(&path, name, strlen(name) + 1);
		if (!rc)
			rc = asks_for_row(filter, (enum ssum_type)listing->rows[i].type, path.data);
		if (rc == 1)
			listing->rows[kept++] = listing->rows[i];
	}
	bytes_free(&path);
	if (!filter->fn || rc < 0)
		return rc < 0 ? rc : 0;
	listing->count = kept;
	return kept ? 0 : SSUM_ERR_EMPTY;
}

int manifests_settle(struct manifests *manifests, struct operation *operation,
		     const struct ssum_filter *filter)
{
	listing_sort(&manifests->listing);
	int rc = drop_duplicates(manifests, operation);
	return rc ? rc : drop_unselected(manifests, filter);
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
