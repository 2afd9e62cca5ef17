/* SPDX-License-Identifier: MIT */
/* Names in manifests that were written on Windows: "sub\b.txt", ".\b.txt", "C:\package\b.txt". */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/opening.h"
#include "ops/manifests.h"

/* The rows of one manifest, before the listing is sorted. */
struct separators {
	struct manifests *manifests;
	int root;
	size_t first, end;
	bool are_only; /* no name has a '/', and no name with a backslash is there as it is */
	bool are_absolute;
	size_t common; /* the leading directories that all names have in common */
};

static char *separators_name(const struct separators *rows, size_t row)
{
	return rows->manifests->listing.text.data + rows->manifests->listing.rows[row].name_at;
}

/* "C:\package\file", or "\\server\share\file" */
static bool separators_is_absolute(const char *name)
{
	bool has_drive = (*name >= 'A' && *name <= 'Z') || (*name >= 'a' && *name <= 'z');

	return (has_drive && name[1] == ':' && name[2] == '\\') ||
	       (name[0] == '\\' && name[1] == '\\' && name[2]);
}

static bool separators_is_there(const struct separators *rows, const char *name)
{
	enum ssum_type type;

	return !beneath_type(rows->root, name, &type) && type != SSUM_TYPE_UNKNOWN;
}

/* The name without its first directories, with '/' between the others: a new string, or NULL. */
static char *separators_convert(const char *name, size_t directories)
{
	while (name[0] == '.' && name[1] == '\\')
		name += 2;
	for (; directories; directories--)
		name += strcspn(name, "\\") + 1;
	char *converted = strdup(name);

	for (char *c = converted; c && *c; c++)
		if (*c == '\\')
			*c = '/';
	return converted;
}

/* Count the rows whose files exist if this number of directories is removed from their names.
   Rows without a backslash say nothing about that. 0 or -ENOMEM. */
static int separators_count_there(const struct separators *rows, size_t directories, size_t *count)
{
	*count = 0;
	for (size_t row = rows->first; row < rows->end; row++) {
		const char *name = separators_name(rows, row);
		char *converted = strchr(name, '\\') ? separators_convert(name, directories) : NULL;

		if (!converted && strchr(name, '\\'))
			return -ENOMEM;
		*count += converted && beneath_is_plain(converted) &&
			  separators_is_there(rows, converted);
		free(converted);
	}
	return 0;
}

/* Find out what the names have in common. False if none has a backslash. */
static bool separators_examine(struct separators *rows)
{
	const char *prefix = NULL;
	size_t length = 0;
	bool found = false;

	rows->are_only = true;
	for (size_t row = rows->first; row < rows->end; row++) {
		const char *name = separators_name(rows, row), *last = strrchr(name, '\\');
		size_t directory = last ? (size_t)(last - name) + 1 : 0, same = 0;
		bool is_absolute = separators_is_absolute(name);

		found |= last != NULL;
		/* "# symlink" and "# folder" lines are written by this library. */
		if (strchr(name, '/') || (last && separators_is_there(rows, name)) ||
		    rows->manifests->listing.rows[row].type != SSUM_TYPE_FILE ||
		    (prefix && is_absolute != rows->are_absolute))
			rows->are_only = false;
		rows->are_absolute |= is_absolute;
		if (!prefix) {
			prefix = name;
			length = directory;
		}
		while (same < length && same < directory && prefix[same] == name[same])
			same++;
		while (same && prefix[same - 1] != '\\')
			same--;
		length = same;
	}
	for (size_t i = 0; i < length; i++)
		rows->common += prefix[i] == '\\';
	return found;
}

/* Find out how many directories the names have before those in the package: of a relative name,
   none. False if no file is there, or if several numbers fit. 0 or -ENOMEM. */
static int separators_find_base(const struct separators *rows, size_t *base, bool *is_known)
{
	size_t best = 0, count;
	int rc = 0;

	*is_known = false;
	for (size_t i = rows->are_absolute; i <= (rows->are_absolute ? rows->common : 0) && !rc;
	     i++) {
		rc = separators_count_there(rows, i, &count);
		if (rc || !count || count < best)
			continue;
		*is_known = count > best;
		*base = i;
		best = count;
	}
	return rc;
}

/* Report how the names of the manifest are read. 0 or SSUM_ERR_CANCELLED. */
static int separators_report(const struct separators *rows, struct operation *operation,
			     unsigned forms)
{
	size_t manifest = rows->manifests->listing.rows[rows->first].manifest;
	struct ssum_report report = {.kind = SSUM_REPORT_FORM,
				     .path = rows->manifests->rows[manifest].path,
				     .forms = forms};

	return operation_report(operation, &report);
}

/* Report a row whose name cannot be used. 0 or SSUM_ERR_CANCELLED. */
static int separators_reject(struct separators *rows, struct operation *operation,
			     const struct listed *row)
{
	struct package_manifest *manifest = &rows->manifests->rows[row->manifest];

	manifest->is_incomplete = true;
	return manifests_report_line(operation, manifest->path, row->line,
				     rows->manifests->listing.text.data + row->name_at,
				     SSUM_ERR_NAME);
}

/*
 * Convert the names of one manifest, if it is certain which files they name. Otherwise reject
 * names that may be those of other files: it is not known whether the files that they list exist.
 * If a name has no file with either reading, it is missing. The rows that are kept are moved to
 * *kept.
 */
static int separators_apply(struct separators *rows, struct operation *operation, size_t *kept)
{
	struct listing *listing = &rows->manifests->listing;
	bool has_any = separators_examine(rows), is_known = false, is_reported = false;
	size_t base = 0;
	int rc = 0;

	if (has_any && rows->are_only)
		rc = separators_find_base(rows, &base, &is_known);
	if (is_known && !rc) {
		rc = separators_report(rows, operation, SSUM_FORM_BACKSLASHES);
		is_reported = true;
	}
	for (size_t row = rows->first; row < rows->end && !rc; row++) {
		char *name = separators_name(rows, row), *converted;
		bool rejected = false, has_backslash = strchr(name, '\\');

		converted = has_backslash ? separators_convert(name, base) : NULL;
		if (has_backslash && !converted)
			return -ENOMEM;
		if (is_known)
			rejected = converted && !beneath_is_plain(converted);
		else if (has_backslash && !separators_is_there(rows, name))
			rejected = separators_is_absolute(name) ||
				   (beneath_is_plain(converted) &&
				    separators_is_there(rows, converted));
		if (!is_reported && has_backslash && (rejected || rows->are_only)) {
			rc = separators_report(rows, operation, SSUM_FORM_UNCLEAR_BACKSLASHES);
			is_reported = true;
		}
		if (rejected && !rc)
			rc = separators_reject(rows, operation, &listing->rows[row]);
		else if (is_known && converted)
			strcpy(name, converted); /* which is not longer */
		if (!rejected)
			listing->rows[(*kept)++] = listing->rows[row];
		free(converted);
	}
	return rc;
}

int manifests_convert_separators(struct manifests *manifests, struct operation *operation, int root)
{
	struct listing *listing = &manifests->listing;
	size_t kept = 0;
	int rc = 0;

	for (size_t first = 0; first < listing->count && !rc;) {
		struct separators rows = {
			.manifests = manifests, .root = root, .first = first, .end = first};

		while (rows.end < listing->count &&
		       listing->rows[rows.end].manifest == listing->rows[first].manifest)
			rows.end++;
		first = rows.end;
		rc = separators_apply(&rows, operation, &kept);
	}
	if (!rc)
		listing->count = kept;
	return rc;
}
