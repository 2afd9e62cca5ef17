/* SPDX-License-Identifier: MIT */
/* Finding and reading the manifests of a package. */
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

/* ---- One manifest ---- */

/* The algorithm whose digests the first line has. Leaves the descriptor at its beginning. */
static int manifests_guess_algorithm(int fd, struct algorithm *algorithm)
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

/* Add all lines of a manifest, the last row, to the listing. Reports those that are rejected. */
static int manifests_read_lines(struct manifests *manifests, struct operation *operation,
				struct ssum_manifest *reader)
{
	size_t before = manifests->listing.count, number = manifests->count - 1;
	const char *path = manifests->rows[number].path;
	const struct ssum_line *line;
	int rc;

	while ((rc = ssum_manifest_next(reader, &line)) == 1) {
		struct listed row = {.length = SSUM_LENGTH_UNKNOWN,
				     .line = line->number,
				     .manifest = (uint32_t)number,
				     .algorithm = (uint32_t)manifests->rows[number].algorithm};
		const void *target = line->target;
		size_t length = line->target ? strlen(line->target) + 1 : 0;

		switch (line->kind) {
		case SSUM_LINE_FILE:
			row.type = SSUM_TYPE_FILE;
			target = line->digest.bytes;
			length = line->digest.length;
			break;
		case SSUM_LINE_SYMLINK:
			row.type = SSUM_TYPE_SYMLINK;
			break;
		case SSUM_LINE_DIRECTORY:
			row.type = SSUM_TYPE_DIRECTORY;
			break;
		case SSUM_LINE_MALFORMED:
		case SSUM_LINE_BAD_COMMENT:
			break;
		}
		if (line->name)
			rc = listing_add(&manifests->listing, &row, line->name, target, length);
		if (!line->name || rc == SSUM_ERR_NAME)
			rc = manifests_report_line(operation, path, line->number, line->name,
						   line->name ? rc : SSUM_ERR_MALFORMED);
		if (rc)
			return rc;
	}
	return rc || manifests->listing.count > before ? rc : SSUM_ERR_EMPTY;
}

/* Read the whole manifest from fd. The content hash covers exactly the bytes that were parsed. */
static int manifests_read_from(struct manifests *manifests, struct operation *operation, int fd,
			       const char *path, const char *given_algorithm)
{
	const char *slash = strrchr(path, '/');
	struct package_manifest *row;
	struct ssum_manifest *reader;
	struct algorithm algorithm;
	size_t index;
	int rc;

	/* The algorithm: as given, else by the name of the manifest, else by its content. */
	if (given_algorithm)
		rc = algorithm_find(given_algorithm, &algorithm);
	else
		rc = algorithm_find_manifest(slash ? slash + 1 : path, &algorithm);
	if (!given_algorithm && rc == SSUM_ERR_ALGORITHM)
		rc = manifests_guess_algorithm(fd, &algorithm);
	if (!rc)
		rc = manifests_add_algorithm(manifests, &algorithm, &index);
	if (!rc)
		rc = manifests_add(manifests, path, index);
	if (!rc)
		rc = ssum_manifest_open(fd, manifests->algorithms.rows[index].name, &reader);
	if (rc)
		return rc;

	row = &manifests->rows[manifests->count - 1];
	row->covers = (struct coverage){.set = true, .empty_directories = true};
	rc = manifests_read_lines(manifests, operation, reader);
	if (!rc || rc == SSUM_ERR_EMPTY) {
		/* If the input ended early, lines are missing, and files listed there must not be
		   reported as extra. */
		if (fstat(fd, &row->st))
			rc = -errno;
		else if (S_ISREG(row->st.st_mode) &&
			 reader->content.length < (uint64_t)row->st.st_size)
			rc = SSUM_ERR_CHANGED;
		if (!rc)
			rc = ssum_stream_final(&reader->content, &row->content_hash);
	}
	ssum_manifest_close(reader);
	return rc;
}

/* A file that the caller names may be in the package itself: it is no entry there. */
static int manifests_exclude(struct manifests *manifests, const char *path)
{
	const char *name;
	int directory = directory_open_above(AT_FDCWD, path, &name);
	int rc = directory < 0 ? directory : manifest_set_add(&manifests->files, directory, name);

	if (directory >= 0)
		close(directory);
	return rc;
}

/* Open and read a manifest, and open the checkpoints beside it. The path is the caller's if the
   options name manifests, else it is below root. */
static int manifests_read_one(struct manifests *manifests, struct operation *operation, int root,
			      const char *path, const struct ssum_verify_options *options)
{
	bool named = options->manifests != NULL;
	struct stat st;
	int fd, rc = 0;

	if (named)
		fd = uninterrupted(open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY));
	else
		fd = beneath_open_regular(root, path, operation->descriptors, &st);
	if (fd < 0)
		rc = named ? -errno : fd;
	if (!rc && named)
		rc = manifests_exclude(manifests, path);
	if (!rc)
		rc = manifests_read_from(manifests, operation, fd, path, options->algorithm);
	if (fd >= 0)
		close(fd);
	if (!rc) {
		struct checkpoint_file *file = &manifests->rows[manifests->count - 1].checkpoints;

		if (!options->no_checkpoints)
			rc = checkpoint_file_open(file, named ? -1 : root, path);
		else if (!(file->path = checkpoint_file_path(path)))
			rc = -ENOMEM;
		/* Checkpoints are no entry of the package, whether they are used or not. */
		if (!rc && named)
			rc = manifests_exclude(manifests, file->path);
	}
	return rc < 0 ? context_fail(operation->context, rc, named ? NULL : operation->directory,
				     path)
		      : rc;
}

/* ---- All manifests ---- */

/* scandir: names of manifests, without those of checkpoints. */
static int manifests_filter_name(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name), suffix = strlen(CHECKPOINTS_SUFFIX);

	return entry->d_type != DT_DIR && is_manifest_name(entry->d_name) &&
	       (length <= suffix || strcmp(entry->d_name + length - suffix, CHECKPOINTS_SUFFIX));
}

static int manifests_compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int manifests_read_directory(struct manifests *manifests, struct operation *operation,
				    int root, const struct ssum_verify_options *options)
{
	struct dirent **entries;
	int count = scandirat(root, ".", &entries, manifests_filter_name, manifests_compare_names);
	int rc = count < 0 ? -errno : count == 0 ? SSUM_ERR_NO_MANIFEST : 0;

	for (int i = 0; i < count; i++) {
		if (!rc)
			rc = manifests_read_one(manifests, operation, root, entries[i]->d_name,
						options);
		if (rc == -EISDIR) /* a directory with such a name is an ordinary entry */
			rc = 0;
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return rc;
}

/* Take over the caller's listing. The manifests that the options name are the files that it was
   read from: exclude them from the entries, and note their identity. */
static int manifests_take_listing(struct manifests *manifests,
				  const struct ssum_verify_options *options)
{
	int rc = manifests_borrow(manifests, options->listing);

	for (size_t i = 0; options->manifests && options->manifests[i] && !rc; i++) {
		rc = manifests_exclude(manifests, options->manifests[i]);
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
		rc = manifests_take_listing(manifests, options);
	else if (!options->manifests)
		rc = manifests_read_directory(manifests, operation, root, options);
	else
		for (size_t i = 0; options->manifests[i] && !rc; i++)
			rc = manifests_read_one(manifests, operation, root, options->manifests[i],
						options);
	if (!rc && !manifests->count)
		rc = options->listing ? SSUM_ERR_EMPTY : SSUM_ERR_NO_MANIFEST;
	return rc ? rc : manifests_settle(manifests, operation, &options->filter);
}
