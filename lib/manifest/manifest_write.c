/* SPDX-License-Identifier: MIT */
#include "manifest/manifest.h"

#include <errno.h>
#include <stdlib.h>

#include "manifest/escape.h"
#include "manifest/manifest_words.h"

#define FORMAT_FLAGS (SSUM_FORMAT_BINARY | SSUM_FORMAT_TAGGED | SSUM_FORMAT_ZERO)

static int append_name(struct bytes *text, const char *name, bool escaped)
{
	return escaped ? escape_append(text, name, ESCAPE_NAME) : bytes_append_string(text, name);
}

static int append_plain(struct bytes *text, const char *marker, const char *hex, const char *name,
			bool escaped)
{
	int rc = bytes_append_string(text, hex);

	if (!rc)
		rc = bytes_append_string(text, marker);
	return rc ? rc : append_name(text, name, escaped);
}

static int append_tagged(struct bytes *text, const char *tag, const char *hex, const char *name,
			 bool escaped)
{
	int rc = bytes_append_string(text, tag);

	if (!rc)
		rc = bytes_append_string(text, " (");
	if (!rc)
		rc = append_name(text, name, escaped);
	if (!rc)
		rc = bytes_append_string(text, ") = ");
	return rc ? rc : bytes_append_string(text, hex);
}

int manifest_append_file(struct bytes *text, unsigned flags, const struct algorithm *algorithm,
			 const struct ssum_digest *digest, const char *name)
{
	const char *end = flags & SSUM_FORMAT_ZERO ? "" : "\n";
	bool escaped = !(flags & SSUM_FORMAT_ZERO) && escape_needed(name, ESCAPE_NAME);
	char hex[SSUM_HEX_MAX];
	int rc = escaped ? bytes_append_string(text, "\\") : 0;

	if (rc)
		return rc;
	ssum_digest_hex(digest, hex);
	if (flags & SSUM_FORMAT_TAGGED)
		rc = append_tagged(text, algorithm->tag, hex, name, escaped);
	else
		rc = append_plain(text, flags & SSUM_FORMAT_BINARY ? " *" : "  ", hex, name,
				  escaped);
	return rc ? rc : bytes_append(text, end, 1);
}

int manifest_append_directory(struct bytes *text, const char *name)
{
	int rc = bytes_append_string(text, DIRECTORY_WORD);

	if (!rc)
		rc = escape_append(text, name, ESCAPE_FIELD);
	return rc ? rc : bytes_append_string(text, "\n");
}

int manifest_append_link(struct bytes *text, const char *name, const char *target)
{
	int rc = bytes_append_string(text, SYMLINK_WORD);

	if (!rc)
		rc = escape_append(text, name, ESCAPE_FIELD);
	if (!rc)
		rc = bytes_append_string(text, "\t");
	if (!rc)
		rc = escape_append(text, target, ESCAPE_FIELD);
	return rc ? rc : bytes_append_string(text, "\n");
}

int ssum_format_line(unsigned flags, const char *name_of_algorithm,
		     const struct ssum_digest *digest, const char *name, char **line,
		     size_t *length)
{
	struct algorithm algorithm;
	struct bytes text = {0};
	int rc;

	*line = NULL;
	*length = 0;
	if (flags & ~FORMAT_FLAGS)
		return SSUM_ERR_OPTIONS;
	rc = algorithm_find(name_of_algorithm, &algorithm);
	if (rc)
		return rc;
	rc = manifest_append_file(&text, flags, &algorithm, digest, name);
	if (!rc)
		rc = bytes_append(&text, "", 1);
	algorithm_release(&algorithm);
	if (rc) {
		bytes_free(&text);
		return rc;
	}
	*line = text.data;
	*length = text.length - 1;
	return 0;
}
