/* SPDX-License-Identifier: MIT */
/* Files that are not what their name says: compressed, not compressed, or a pointer to the file. */
#include <string.h>
#include <strings.h>

#include "base/common.h"
#include "ops/explain_sink.h"

static const struct {
	const char *name;
	const char *magic; /* the first bytes */
	size_t length;
	const char *suffixes; /* of file names, each with a blank after it */
} formats[] = {
	{"gzip", "\x1f\x8b\x08", 3, "gz tgz taz svgz "},
	{"xz",
	 "\xfd"
	 "7zXZ\0",
	 6, "xz txz "},
	{"zstd", "\x28\xb5\x2f\xfd", 4, "zst zstd tzst "},
	{"bzip2", "BZh", 3, "bz2 bz tbz tbz2 "},
	{"lz4", "\x04\x22\x4d\x18", 4, "lz4 "},
	{"zip", "PK\x03\x04", 4,
	 "zip jar war aar apk ipa whl egg xpi vsix nupkg epub kmz cbz odt ods odp docx xlsx pptx "},
	{"git-lfs", "version https://git-lfs.github.com/spec/v1", 42, ""},
};

void explain_formats(const struct explain_sink *sink, const char *path,
		     struct ssum_explanation *explanation)
{
	const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		size_t length = dot ? strlen(dot + 1) : 0;

		if (sink->head_length >= formats[i].length &&
		    !memcmp(sink->head, formats[i].magic, formats[i].length))
			strcpy(explanation->format, formats[i].name);
		for (const char *at = formats[i].suffixes; *at && length;
		     at += strcspn(at, " ") + 1)
			if (strcspn(at, " ") == length && !strncasecmp(at, dot + 1, length))
				strcpy(explanation->name_format, formats[i].name);
	}
}
