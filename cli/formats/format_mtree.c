/* SPDX-License-Identifier: MIT */
/* Specifications of mtree, as libarchive reads them: types, sizes, link targets, digests. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "base/output.h"
#include "base/text_file.h"
#include "formats/formats.h"
#include "formats/reading.h"

#define SIGNATURE "#mtree"

/* By its first line; or, as older programs write it, by a first line that is a comment or /set and
   says nothing that a manifest of ours could. */
static bool recognise(const char *path)
{
	struct text_file file;
	size_t length = 0;
	char *line = NULL;
	bool is = false;

	if (text_read(&file, AT_FDCWD, path) == 0) {
		while ((line = text_next(&file, &length)) && !is &&
		       (!*line || (*line == '#' && strncmp(line, SIGNATURE, 6))))
			continue;
		is = line && (!strncmp(line, SIGNATURE, 6) || !strncmp(line, "/set ", 5));
	}
	text_free(&file);
	return is;
}

#ifdef WITH_LIBARCHIVE
#include <archive.h>
#include <archive_entry.h>

static const struct {
	int type;
	const char *algorithm;
	size_t length;
} digests[] = {
	{ARCHIVE_ENTRY_DIGEST_MD5, "md5", 16},       {ARCHIVE_ENTRY_DIGEST_RMD160, "ripemd160", 20},
	{ARCHIVE_ENTRY_DIGEST_SHA1, "sha1", 20},     {ARCHIVE_ENTRY_DIGEST_SHA256, "sha256", 32},
	{ARCHIVE_ENTRY_DIGEST_SHA384, "sha384", 48}, {ARCHIVE_ENTRY_DIGEST_SHA512, "sha512", 64},
};

/* libarchive gives zeros where there is none. No content has such a digest. */
static bool take_digest(struct archive_entry *from, size_t row, struct ssum_digest *digest)
{
	static const struct ssum_digest none;
	const unsigned char *bytes = archive_entry_digest(from, digests[row].type);

	*digest = (struct ssum_digest){.length = digests[row].length};
	if (bytes)
		memcpy(digest->bytes, bytes, digest->length);
	return memcmp(digest->bytes, none.bytes, digest->length) != 0;
}

static void add_file(struct reading *reading, struct archive_entry *from,
		     struct ssum_listed_entry *entry)
{
	struct ssum_digest digest;
	bool any = false, accepted = true;

	if (archive_entry_size_is_set(from))
		entry->length = (uint64_t)archive_entry_size(from);
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]) && accepted; i++) {
		if (!take_digest(from, i, &digest))
			continue;
		any = true;
		entry->digest = &digest;
		entry->algorithm = digests[i].algorithm;
		accepted = reading_add(reading, entry);
		reading_add_algorithm(reading, digests[i].algorithm);
	}
	entry->digest = NULL;
	if (!any)
		reading_add(reading, entry);
}

/* The directory itself is no entry, nor does a directory's name end in a slash. */
static char *plain_name(const char *name)
{
	char *copy = copy_string(name ? name : "");
	size_t length = strlen(copy);

	while (length > 1 && copy[length - 1] == '/')
		copy[--length] = '\0';
	return copy;
}

static void add_entry(struct reading *reading, const char *path, struct archive_entry *from)
{
	char *name = plain_name(archive_entry_pathname(from));
	struct ssum_listed_entry entry = {
		.size = sizeof(entry), .name = name, .length = SSUM_LENGTH_UNKNOWN, .source = path};

	switch (archive_entry_filetype(from)) {
	case AE_IFREG:
		entry.type = SSUM_TYPE_FILE;
		add_file(reading, from, &entry);
		break;
	case AE_IFLNK:
		entry.type = SSUM_TYPE_SYMLINK;
		entry.target = archive_entry_symlink(from);
		reading_add(reading, &entry);
		break;
	case AE_IFDIR:
		entry.type = SSUM_TYPE_DIRECTORY;
		if (strcmp(name, ".") != 0)
			reading_add(reading, &entry);
		break;
	default:
		reading_problem(reading, false, path, 0,
				"%s: is listed as a FIFO, socket or device, which is not judged",
				quoted(name));
	}
	free(name);
}

static int open_specification(struct archive *archive, const char *path)
{
	if (archive_read_support_filter_none(archive) || archive_read_support_format_mtree(archive))
		return ARCHIVE_FATAL;
	return archive_read_open_filename(archive, path, 65536);
}

static void read_specification(struct reading *reading, const char *path)
{
	static bool said;
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	int rc = archive ? open_specification(archive, path) : ARCHIVE_FATAL;

	while (rc == ARCHIVE_OK && (rc = archive_read_next_header(archive, &entry)) == ARCHIVE_OK)
		add_entry(reading, path, entry);
	if (rc != ARCHIVE_EOF) {
		const char *error = archive ? archive_error_string(archive) : NULL;

		reading_problem(reading, false, path, 0, "%s",
				error ? legible(error) : "cannot be read as mtree");
	}
	if (archive)
		archive_read_free(archive);
	if (said)
		return;
	said = true;
	note("%s: of mtree's keywords type, size, link and digests are judged; mode, owner, times "
	     "and the like are not",
	     quoted(path));
}
#else
static void read_specification(struct reading *reading, const char *path)
{
	(void)reading;
	die("%s: mtree is read by libarchive, which this program was built without", quoted(path));
}
#endif

const struct format format_mtree = {
	"mtree", "mtree", "specification", false, recognise, read_specification, NULL};
