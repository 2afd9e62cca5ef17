/* SPDX-License-Identifier: MIT */
#include "ops/manifests.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/opening.h"
#include "io/read_write.h"
#include "manifest/manifest.h"

/* ---- Which algorithm ---- */

/* The algorithm in whose form the first line is. The descriptor is left at its beginning. */
static int guess_algorithm(int fd, struct algorithm *algorithm)
{
	const char *name;
	int rc = SSUM_ERR_ALGORITHM;

	for (size_t i = 0; rc == SSUM_ERR_ALGORITHM && (name = ssum_algorithm_name(i)); i++) {
		struct ssum_manifest *manifest;
		const struct ssum_line *line;

		rc = ssum_manifest_open(fd, name, &manifest);
		if (rc)
			break;
		do
			rc = ssum_manifest_next(manifest, &line);
		while (rc == 1 && line->kind != SSUM_LINE_FILE &&
		       line->kind != SSUM_LINE_MALFORMED);
		if (rc >= 0)
			rc = rc == 1 && line->kind == SSUM_LINE_FILE
				     ? algorithm_find(name, algorithm)
				     : SSUM_ERR_ALGORITHM;
		ssum_manifest_close(manifest);
		if (lseek(fd, 0, SEEK_SET))
			rc = -errno;
	}
	return rc;
}

static int choose_algorithm(int fd, const char *path, const char *given,
			    struct algorithm *algorithm)
{
	const char *slash = strrchr(path, '/');

	if (given)
		return algorithm_find(given, algorithm);
	int rc = algorithm_find_manifest(slash ? slash + 1 : path, algorithm);
	return rc == SSUM_ERR_ALGORITHM ? guess_algorithm(fd, algorithm) : rc;
}

/* ---- One manifest ---- */

static enum ssum_type type_of_line(enum ssum_line_kind kind)
{
	switch (kind) {
	case SSUM_LINE_SYMLINK:
		return SSUM_TYPE_SYMLINK;
	case SSUM_LINE_DIRECTORY:
		return SSUM_TYPE_DIRECTORY;
	default:
		return SSUM_TYPE_FILE;
	}
}

static int take_line(struct manifests *manifests, struct operation *operation,
		     const struct ssum_line *line)
{
	uint32_t number = (uint32_t)manifests->count - 1;
	const char *path = manifests->rows[number].path;
	struct listed row = {.length = SSUM_LENGTH_UNKNOWN,
			     .line = line->number,
			     .manifest = number,
			     .type = type_of_line(line->kind)};
	int rc;

	if (!line->name)
		return report_bad_line(operation, path, line->number, NULL, SSUM_ERR_MALFORMED);
	row.algorithm = (uint32_t)manifests->rows[number].algorithm;
	if (line->kind == SSUM_LINE_FILE)
		rc = listing_add(&manifests->listing, &row, line->name, line->digest.bytes,
				 line->digest.length);
	else
		rc = listing_add(&manifests->listing, &row, line->name, line->target,
				 line->target ? strlen(line->target) + 1 : 0);
	if (rc == SSUM_ERR_NAME)
		return report_bad_line(operation, path, line->number, line->name, rc);
	return rc;
}

static int read_lines(struct manifests *manifests, struct operation *operation,
		      struct ssum_manifest *reader)
{
	size_t before = manifests->listing.count;
	const struct ssum_line *line;
	int rc;

	while ((rc = ssum_manifest_next(reader, &line)) == 1) {
		rc = take_line(manifests, operation, line);
		if (rc)
			return rc;
	}
	return rc || manifests->listing.count > before ? rc : SSUM_ERR_EMPTY;
}

/* A reading that ended early has missed lines, and then what they list is not to be called extra.
 */
static int check_whole(const struct ssum_manifest *reader, int fd, struct stat *st)
{
	if (fstat(fd, st))
		return -errno;
	return S_ISREG(st->st_mode) && reader->content.length < (uint64_t)st->st_size
		       ? SSUM_ERR_CHANGED
		       : 0;
}

/* Everything of an open manifest; the content hash is that of the bytes that were parsed. */
static int read_manifest(struct manifests *manifests, struct operation *operation, int fd,
			 const char *path, const char *given_algorithm)
{
	struct ssum_manifest *reader = NULL;
	struct algorithm algorithm;
	size_t index = 0;
	int rc = choose_algorithm(fd, path, given_algorithm, &algorithm);

	if (!rc)
		rc = enlist_algorithm(&manifests->algorithms, &algorithm, &index);
	if (!rc)
		rc = manifests_add(manifests, path, index);
	if (!rc)
		manifests->rows[manifests->count - 1].covers =
			(struct coverage){.set = true, .empty_directories = true};
	if (!rc)
		rc = ssum_manifest_open(fd, manifests->algorithms.rows[index].name, &reader);
	if (!rc)
		rc = read_lines(manifests, operation, reader);
	if (!rc || rc == SSUM_ERR_EMPTY) {
		struct package_manifest *row = &manifests->rows[manifests->count - 1];
		int whole = check_whole(reader, fd, &row->st);

		rc = whole ? whole : rc;
		if (!rc)
			rc = ssum_stream_final(&reader->content, &row->content_hash);
	}
	ssum_manifest_close(reader);
	return rc;
}

/* One that was named may stand in the package itself: it is no entry there. */
static int exclude(struct manifests *manifests, const char *path)
{
	const char *name;
	int directory = directory_open_above(AT_FDCWD, path, &name);
	int rc = directory < 0 ? directory : manifest_set_add(&manifests->files, directory, name);

	if (directory >= 0)
		close(directory);
	return rc;
}

static int open_checkpoints(struct manifests *manifests, int root, const char *path,
			    const struct ssum_verify_options *options)
{
	struct checkpoint_file *file = &manifests->rows[manifests->count - 1].checkpoints;
	int rc;

	if (options->no_checkpoints)
		return 0;
	rc = checkpoint_file_open(file, options->manifests ? -1 : root, path);
	return rc || !options->manifests ? rc : exclude(manifests, file->path);
}

static int open_and_read(struct manifests *manifests, struct operation *operation, int root,
			 const char *path, const struct ssum_verify_options *options)
{
	struct stat st;
	int fd = options->manifests ? uninterrupted(open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY))
				    : beneath_open_regular(root, path, operation->descriptors, &st);
	int rc = fd >= 0 ? 0 : options->manifests ? -errno : fd;

	if (!rc && options->manifests)
		rc = exclude(manifests, path);
	if (!rc)
		rc = read_manifest(manifests, operation, fd, path, options->algorithm);
	if (fd >= 0)
		close(fd);
	if (!rc)
		rc = open_checkpoints(manifests, root, path, options);
	return rc < 0 ? context_fail_below(operation->context, rc,
					   options->manifests ? NULL : operation->directory, path)
		      : rc;
}

/* ---- All of them ---- */

static int is_at_top(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name), suffix = strlen(CHECKPOINTS_SUFFIX);

	return entry->d_type != DT_DIR && is_manifest_name(entry->d_name) &&
	       (length <= suffix || strcmp(entry->d_name + length - suffix, CHECKPOINTS_SUFFIX));
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int read_those_at_top(struct manifests *manifests, struct operation *operation, int root,
			     const struct ssum_verify_options *options)
{
	struct dirent **entries;
	int count = scandirat(root, ".", &entries, is_at_top, by_bytes);
	int rc = count < 0 ? -errno : count == 0 ? SSUM_ERR_NO_MANIFEST : 0;

	for (int i = 0; i < count; i++) {
		if (!rc)
			rc = open_and_read(manifests, operation, root, entries[i]->d_name, options);
		if (rc == -EISDIR) /* a directory of such a name is an entry like any other */
			rc = 0;
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return rc;
}

/* What the caller lists; the files that it comes from are no entries. */
static int take_listing(struct manifests *manifests, const struct ssum_verify_options *options)
{
	int rc = manifests_borrow(manifests, options->listing);

	for (size_t i = 0; options->manifests && options->manifests[i] && !rc; i++) {
		rc = exclude(manifests, options->manifests[i]);
		for (size_t j = 0; j < manifests->count && !rc; j++)
			if (!strcmp(manifests->rows[j].path, options->manifests[i]) &&
			    stat(options->manifests[i], &manifests->rows[j].st))
				rc = -errno;
	}
	return rc;
}

int manifests_read(struct manifests *manifests, struct operation *operation, int root,
		   const struct ssum_verify_options *options)
{
	int rc = 0;

	*manifests = (struct manifests){0};
	if (options->listing)
		rc = take_listing(manifests, options);
	else if (!options->manifests)
		rc = read_those_at_top(manifests, operation, root, options);
	for (size_t i = 0; !options->listing && options->manifests && options->manifests[i] && !rc;
	     i++)
		rc = open_and_read(manifests, operation, root, options->manifests[i], options);
	if (!rc && !manifests->count)
		rc = options->listing ? SSUM_ERR_EMPTY : SSUM_ERR_NO_MANIFEST;
	return rc ? rc : manifests_settle(manifests, operation, &options->filter);
}
