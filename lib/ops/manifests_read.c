/* SPDX-License-Identifier: MIT */
/* Find and read the manifests of a package. */
#include "ops/manifests.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "io/opening.h"
#include "io/read_write.h"
#include "manifest/forms.h"
#include "manifest/manifest.h"

/* ---- One manifest ---- */

/* Where the lines of a manifest are read from. */
struct manifest_text {
	int fd;
	bool is_translated; /* the lines are not read from fd: */
	struct bytes lines;
	struct bytes original; /* what was translated */
};

/* The first bytes of a manifest, which show its form. */
#define FORM_HEAD 65536

/* The name of a file without the ending of a list, as in "x.iso" for "x.iso.sha256": a new string,
   or NULL with *rc set. It is NULL too if the name has no such ending. */
static char *manifests_bare_name(const char *path, int *rc)
{
	static const char *const endings[] = {"sha",      "sha1",   "sha224", "sha256", "sha384",
					      "sha512",   "md5",    "md5sum", "sum",    "hash",
					      "checksum", "digest", "txt"};
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');
	size_t length = dot ? strlen(dot + 1) : 0;

	if (length > 4 && !strncasecmp(dot + 1, "sha", 3) &&
	    !strcasecmp(dot + 1 + length - 3, "sum")) /* "sha256sum" */
		length -= 3;
	for (size_t i = 0; dot && dot > name && i < ARRAY_SIZE(endings); i++)
		if (strlen(endings[i]) == length && !strncasecmp(dot + 1, endings[i], length)) {
			char *bare = strndup(name, (size_t)(dot - name));

			*rc = bare ? 0 : -ENOMEM;
			return bare;
		}
	return NULL;
}

/* If a regular file has another form than that of sha1sum, translate it. 0 or a code. */
static int manifests_translate(struct manifest_text *text, struct operation *operation, int root,
			       const char *path)
{
	struct ssum_report report = {.kind = SSUM_REPORT_FORM, .path = path};
	struct bytes *original = &text->original;
	enum ssum_type type;
	struct stat st;
	char *bare = NULL;
	size_t got = 0;
	int rc = bytes_reserve(original, FORM_HEAD);

	if (fstat(text->fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || rc)
		return rc;
	rc = read_available(text->fd, original->data, FORM_HEAD, &got);
	original->length = got;
	if (rc || !forms_may_have(original->data, got))
		goto out;
	while (!rc && got) {
		rc = bytes_reserve(original, FORM_HEAD);
		if (!rc)
			rc = read_available(text->fd, original->data + original->length, FORM_HEAD,
					    &got);
		original->length += rc ? 0 : got;
	}
	bare = rc ? NULL : manifests_bare_name(path, &rc);
	/* The name is inferred: a file that is not there is not proven to be missing. */
	if (bare && (beneath_type(root, bare, &type) || type != SSUM_TYPE_FILE)) {
		free(bare);
		bare = NULL;
	}
	if (!rc)
		rc = forms_translate(original->data, original->length, bare, &text->lines,
				     &report.forms);
	free(bare);
	text->is_translated = !rc && report.forms;
	if (text->is_translated)
		rc = operation_report(operation, &report);
out:
	if (!rc && lseek(text->fd, 0, SEEK_SET))
		rc = -errno;
	return rc;
}

/* Open a manifest from its beginning. 0 or a code. */
static int manifests_open(const struct manifest_text *text, const char *algorithm,
			  struct ssum_manifest **manifest)
{
	int rc = text->is_translated ? ssum_manifest_open_text(text->lines.data, text->lines.length,
							       algorithm, manifest)
				     : ssum_manifest_open(text->fd, algorithm, manifest);

	if (!rc)
		(*manifest)->any_spelling = true;
	return rc;
}

/* Whether the first line of a manifest can be read with an algorithm. 1, 0 or a code. */
static int manifests_try_algorithm(const struct manifest_text *text, const char *name)
{
	struct ssum_manifest *manifest;
	const struct ssum_line *line;
	int rc = manifests_open(text, name, &manifest);

	if (rc)
		return rc;
	do
		rc = ssum_manifest_next(manifest, &line);
	while (rc == 1 && line->kind != SSUM_LINE_FILE && line->kind != SSUM_LINE_MALFORMED);
	if (rc == 1)
		rc = line->kind == SSUM_LINE_FILE;
	ssum_manifest_close(manifest);
	return !text->is_translated && lseek(text->fd, 0, SEEK_SET) ? -errno : rc;
}

/* Find the algorithm that the first line of a manifest names: "SHA3-256 (name) = digest". 0,
   SSUM_ERR_ALGORITHM if it names none that we know, or another code. */
static int manifests_read_tag(const struct manifest_text *text, struct algorithm *algorithm)
{
	char name[sizeof(algorithm->name)];
	struct text line = {NULL, 0}, tag;
	struct lines lines;
	int got = 1, rc = text->is_translated ? lines_init_text(&lines, text->lines.data,
								text->lines.length, NULL)
					      : lines_init(&lines, text->fd, NULL);

	while (!rc && got == 1 && (!line.length || *line.at == '#' || *line.at == '\r'))
		got = lines_next(&lines, &line);
	if (!rc)
		rc = got < 0 ? got : SSUM_ERR_ALGORITHM;
	if (got == 1 && text_take_field(&line, '(', &tag) && tag.length < sizeof(name)) {
		memcpy(name, tag.at, tag.length);
		tag.length -= tag.length && name[tag.length - 1] == ' ';
		name[tag.length] = '\0';
		rc = algorithm_find(*name == '\\' ? name + 1 : name, algorithm);
	}
	lines_free(&lines);
	return !text->is_translated && lseek(text->fd, 0, SEEK_SET) ? -errno : rc;
}

/* Find the algorithm that is part of the name of a manifest: "x.iso.md5", "sha512sums.txt". 0,
   SSUM_ERR_ALGORITHM if there is none with which the first line can be read, or another code. */
static int manifests_read_name(const struct manifest_text *text, const char *path,
			       struct algorithm *algorithm)
{
	const char *slash = strrchr(path, '/'), *at = slash ? slash + 1 : path;
	char word[sizeof(algorithm->name)];
	int rc = SSUM_ERR_ALGORITHM;

	while (*at && rc == SSUM_ERR_ALGORITHM) {
		size_t length = strcspn(at, "._- "), kept = length;

		if (kept > 4 && !strncasecmp(at + kept - 4, "sums", 4))
			kept -= 4;
		else if (kept > 3 && !strncasecmp(at + kept - 3, "sum", 3))
			kept -= 3;
		if (kept && kept < sizeof(word)) {
			memcpy(word, at, kept);
			word[kept] = '\0';
			rc = algorithm_find(word, algorithm);
		}
		if (!rc) {
			rc = manifests_try_algorithm(text, algorithm->name);
			if (rc == 1)
				return 0;
			algorithm_release(algorithm);
			rc = rc ? rc : SSUM_ERR_ALGORITHM;
		}
		at += length + (at[length] != '\0');
	}
	return rc;
}

/* Find the algorithm by the first line of a manifest, or by the name of the manifest. *is_guessed:
   only the length of the digest says which one it is. 0, SSUM_ERR_ALGORITHM if the digest is of
   none that we know, or another code. */
static int manifests_guess_algorithm(const struct manifest_text *text, const char *path,
				     struct algorithm *algorithm, bool *is_guessed)
{
	const char *name;
	int rc = manifests_read_tag(text, algorithm);

	if (rc == SSUM_ERR_ALGORITHM)
		rc = manifests_read_name(text, path, algorithm);
	for (size_t i = 0; rc == SSUM_ERR_ALGORITHM && (name = ssum_algorithm_name(i)); i++) {
		rc = manifests_try_algorithm(text, name);
		if (rc >= 0)
			rc = rc ? algorithm_find(name, algorithm) : SSUM_ERR_ALGORITHM;
		*is_guessed = !rc;
	}
	return rc;
}

/* Add the lines of the last manifest of the list to the listing. Reports lines that are rejected.
   0, SSUM_ERR_EMPTY if it lists nothing, or another code. */
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
		if (!line->name || rc == SSUM_ERR_NAME) {
			manifests->rows[number].is_incomplete = true;
			rc = manifests_report_line(operation, path, line->number, line->name,
						   line->name ? rc : SSUM_ERR_MALFORMED);
		}
		if (rc)
			return rc;
	}
	return rc || manifests->listing.count > before ? rc : SSUM_ERR_EMPTY;
}

/* The content hash covers exactly the bytes that were parsed. 0 or a code. */
static int manifests_finish_hash(struct package_manifest *row, const struct manifest_text *text,
				 const struct algorithm *algorithm, struct ssum_manifest *reader)
{
	struct ssum_stream stream, *content = &reader->content;
	uint64_t length = text->is_translated ? text->original.length : content->length;
	int rc = 0;

	/* If the file became shorter meanwhile, lines are missing, and the files that they list
	   must not be reported as extra. */
	if (fstat(text->fd, &row->st))
		return -errno;
	if (S_ISREG(row->st.st_mode) && length < (uint64_t)row->st.st_size)
		return SSUM_ERR_CHANGED;
	if (!text->is_translated)
		return ssum_stream_final(content, &row->content_hash);
	rc = stream_init(&stream, algorithm);
	if (!rc)
		rc = ssum_stream_update(&stream, text->original.data, text->original.length);
	if (!rc)
		rc = ssum_stream_final(&stream, &row->content_hash);
	stream_clear(&stream);
	return rc;
}

/* Read the whole manifest from fd. */
static int manifests_read_from(struct manifests *manifests, struct operation *operation, int root,
			       int fd, const char *path, const char *algorithm_name)
{
	struct manifest_text text = {.fd = fd};
	const char *slash = strrchr(path, '/');
	struct package_manifest *row;
	struct ssum_manifest *reader;
	struct algorithm algorithm;
	bool is_guessed = false;
	size_t index;
	int rc = manifests_translate(&text, operation, root, path);

	/* The algorithm is the caller's; else it follows from the name of the manifest, or else
	   from its content. */
	if (!rc && algorithm_name)
		rc = algorithm_find(algorithm_name, &algorithm);
	else if (!rc)
		rc = algorithm_find_manifest(slash ? slash + 1 : path, &algorithm);
	if (!algorithm_name && rc == SSUM_ERR_ALGORITHM)
		rc = manifests_guess_algorithm(&text, path, &algorithm, &is_guessed);
	if (!rc)
		rc = manifests_add_algorithm(manifests, &algorithm, &index);
	if (!rc)
		rc = manifests_add(manifests, path, index);
	if (!rc)
		rc = manifests_open(&text, manifests->algorithms.rows[index].name, &reader);
	if (!rc) {
		row = &manifests->rows[manifests->count - 1];
		row->is_guessed = is_guessed;
		row->covers = (struct coverage){.set = true, .empty_directories = true};
		rc = manifests_read_lines(manifests, operation, reader);
		if (!rc || rc == SSUM_ERR_EMPTY) {
			int end = manifests_finish_hash(row, &text,
							&manifests->algorithms.rows[index], reader);

			rc = end ? end : rc;
		}
		ssum_manifest_close(reader);
	}
	bytes_free(&text.lines);
	bytes_free(&text.original);
	return rc;
}

/* Exclude a file that the caller names from the entries: it may be in the package itself. */
static int manifests_exclude(struct manifests *manifests, const char *path, bool with_checkpoints)
{
	const char *name;
	int directory = directory_open_above(AT_FDCWD, path, &name);
	int rc = directory < 0 ? directory : manifest_set_add(&manifests->files, directory, name);

	if (!rc && with_checkpoints)
		rc = manifest_set_add_checkpoints(&manifests->files, directory, name);
	if (directory >= 0)
		close(directory);
	return rc;
}

/* Open and read a manifest, and open the checkpoints next to it. The path is relative to the
   working directory if the options name manifests, else to root. */
static int manifests_read_one(struct manifests *manifests, struct operation *operation, int root,
			      const char *path, const struct ssum_verify_options *options)
{
	bool named = options->manifests != NULL;
	struct stat st;
	int fd, rc = 0;

	if (named)
		fd = path_open(operation->context, path, true);
	else
		fd = beneath_open_regular(operation->context, root, path, operation->descriptors,
					  &st);
	if (fd < 0)
		rc = fd;
	/* Checkpoints are not an entry of the package, even if they are not used. */
	if (!rc && named)
		rc = manifests_exclude(manifests, path, true);
	if (!rc)
		rc = manifests_read_from(manifests, operation, root, fd, path, options->algorithm);
	if (fd >= 0)
		close(fd);
	if (!rc && !options->no_checkpoints)
		rc = checkpoint_file_open(operation->context,
					  &manifests->rows[manifests->count - 1].checkpoints,
					  named ? -1 : root, path);
	return rc < 0 ? context_fail(operation->context, rc, named ? NULL : operation->directory,
				     path)
		      : rc;
}

/* ---- All manifests ---- */

/* Read the manifests that the options name. Those of one algorithm list the directory together: a
   directory may have one list for each file. */
static int manifests_read_named(struct manifests *manifests, struct operation *operation, int root,
				const struct ssum_verify_options *options)
{
	int rc = 0;

	for (size_t i = 0; options->manifests[i] && !rc; i++)
		rc = manifests_read_one(manifests, operation, root, options->manifests[i], options);
	for (size_t i = 0; i < manifests->count; i++)
		manifests->rows[i].group = manifests->rows[i].algorithm;
	return rc;
}

/* Read the manifests at the top of the package. */
static int manifests_read_directory(struct manifests *manifests, struct operation *operation,
				    int root, const struct ssum_verify_options *options)
{
	const struct manifest_set *files = &manifests->files;
	int rc = 0;

	for (size_t i = 0; i < files->count && !rc; i++) {
		if (!files->places[i].is_signed)
			continue;
		rc = manifests_read_one(manifests, operation, root, files->places[i].name, options);
		if (rc == -EISDIR) /* a directory with such a name is an ordinary entry */
			rc = 0;
	}
	return rc;
}

/* Use the caller's listing. The options name the files from which the listing was read: exclude
   them from the entries, and keep their identity. */
static int manifests_use_listing(struct manifests *manifests,
				 const struct ssum_verify_options *options)
{
	int rc = manifests_borrow(manifests, options->listing);

	for (size_t i = 0; options->manifests && options->manifests[i] && !rc; i++) {
		rc = manifests_exclude(manifests, options->manifests[i], false);
		for (size_t j = 0; j < manifests->count && !rc; j++)
			if (!strcmp(manifests->rows[j].path, options->manifests[i]) &&
			    stat(options->manifests[i], &manifests->rows[j].st))
				rc = -errno;
	}
	return rc;
}

/* ---- The listing ---- */

/* If several lines of a manifest list the same path, keep the first one, and remove and report the
   others, even if they agree. One line may have several digests of its file, by different
   algorithms. The listing is sorted. */
static int manifests_remove_duplicates(struct manifests *manifests, struct operation *operation)
{
	struct listing *listing = &manifests->listing;
	size_t kept = 0;
	int rc = 0;

	for (size_t first = 0; first < listing->count && !rc;) {
		size_t end = first + listing_group(listing, first);
		const struct listed *last = NULL; /* the row of this path that was kept last */

		for (; first < end && !rc; first++) {
			struct listed *row = &listing->rows[first];

			if (!last || row->manifest != last->manifest ||
			    (row->line == last->line && has_digest(row) && has_digest(last) &&
			     row->algorithm != last->algorithm)) {
				listing->rows[kept] = *row;
				last = &listing->rows[kept++];
				continue;
			}
			rc = manifests_report_line(operation, manifests->rows[row->manifest].path,
						   row->line, listed_name(listing, first),
						   SSUM_ERR_DUPLICATE);
		}
	}
	if (!rc)
		listing->count = kept;
	return rc;
}

/* Remove the rows that the filter refuses, and those below a directory that it refuses. 0,
   SSUM_ERR_EMPTY if none is left, -ENOMEM, or the code of the filter. */
static int manifests_apply_filter(struct manifests *manifests, const struct ssum_filter *filter)
{
	struct listing *listing = &manifests->listing;
	struct bytes path = {0};
	size_t kept = 0;
	int rc = 0;

	if (!filter->fn)
		return 0;
	for (size_t i = 0; i < listing->count && rc >= 0; i++) {
		const char *name = listed_name(listing, i);

		path.length = 0;
		rc = bytes_append(&path, name, strlen(name) + 1);
		if (rc)
			break;
		rc = 1;
		for (char *slash = path.data; rc == 1 && (slash = strchr(slash, '/'));
		     *slash++ = '/') {
			*slash = '\0';
			rc = filter_accepts(filter, path.data, SSUM_TYPE_DIRECTORY);
		}
		if (rc == 1)
			rc = filter_accepts(filter, path.data,
					    (enum ssum_type)listing->rows[i].type);
		if (rc == 1)
			listing->rows[kept++] = listing->rows[i];
	}
	bytes_free(&path);
	if (rc < 0)
		return rc;
	listing->count = kept;
	return kept ? 0 : SSUM_ERR_EMPTY;
}

int manifests_read(struct manifests *manifests, struct operation *operation, int root,
		   const struct ssum_verify_options *options)
{
	int rc = 0;

	*manifests = (struct manifests){0};
	if (options->listing)
		rc = manifests_use_listing(manifests, options);
	else
		rc = manifest_set_add_package(&manifests->files, operation->context, root);
	if (!rc && !options->listing)
		rc = options->manifests
			     ? manifests_read_named(manifests, operation, root, options)
			     : manifests_read_directory(manifests, operation, root, options);
	if (!rc && !manifests->count)
		rc = options->listing ? SSUM_ERR_EMPTY : SSUM_ERR_NO_MANIFEST;
	if (rc)
		return rc;
	if (!options->listing)
		rc = manifests_convert_separators(manifests, operation, root);
	if (rc)
		return rc;
	/* What one manifest of a group does not list, a line of another one may list. */
	for (size_t i = 0; i < manifests->count; i++) {
		manifests->is_incomplete |= manifests->rows[i].is_incomplete;
		for (size_t j = 0; manifests->rows[i].is_incomplete && j < manifests->count; j++)
			if (manifests->rows[j].group == manifests->rows[i].group)
				manifests->rows[j].is_incomplete = true;
	}
	listing_sort(&manifests->listing);
	rc = manifests_remove_duplicates(manifests, operation);
	return rc ? rc : manifests_apply_filter(manifests, &options->filter);
}
