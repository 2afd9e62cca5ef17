/* SPDX-License-Identifier: MIT */
/* Lists that cannot be judged. They are recognised, so that the message can say what they are and
   what to do, and so that nothing is reported to differ. */
#include <fcntl.h>
#include <string.h>
#include <strings.h>

#include "formats/formats.h"
#include "formats/reading.h"
#include "formats/text_file.h"
#include "output/names.h"

#define BLAKE3                                                                                      \
	"lists digests of BLAKE3, which cannot be computed; verify it with b3sum --check, or make " \
	"a list with another algorithm"

/* By how the text begins, or by how the name of the file ends. */
static const struct {
	const char *begins, *ends, *says;
} unsupported_rows[] = {
	{"\x1f\x8b", NULL, "is compressed: decompress it first, with gzip -d"},
	{"\xfd"
	 "7zXZ",
	 NULL, "is compressed: decompress it first, with xz -d"},
	{"\x28\xb5\x2f\xfd", NULL, "is compressed: decompress it first, with zstd -d"},
	{"BZh", NULL, "is compressed: decompress it first, with bzip2 -d"},
	{"PK\x03\x04", NULL, "is a ZIP archive: extract the list first, with unzip"},
	{"<?xml", NULL,
	 "is XML, such as hashdeep -d writes; make the list without -d, or name another list"},
	{NULL, "B3SUMS", BLAKE3},
	{NULL, "BLAKE3SUMS", BLAKE3},
	{NULL, ".b3", BLAKE3},
	{NULL, ".b3sum", BLAKE3},
	{NULL, ".b3sums", BLAKE3},
	{NULL, ".blake3", BLAKE3},
};

/* Why a list cannot be judged; NULL: it can, or it is not known why it cannot. */
static const char *unsupported_reason(const char *path)
{
	struct text_file file = {0};
	bool is_read = text_read_list(&file, path) == 0;
	const char *says = NULL;

	for (size_t i = 0; i < sizeof(unsupported_rows) / sizeof(unsupported_rows[0]) && !says;
	     i++) {
		const char *begins = unsupported_rows[i].begins, *ends = unsupported_rows[i].ends;
		size_t length = strlen(path), end = ends ? strlen(ends) : 0;

		if (begins ? is_read && !strncmp(file.text, begins, strlen(begins))
			   : length >= end && !strcasecmp(path + length - end, ends))
			says = unsupported_rows[i].says;
	}
	text_free(&file);
	return says;
}

static bool unsupported_recognise(int directory, const char *path)
{
	(void)directory;
	return unsupported_reason(path) != NULL;
}

static void unsupported_read(struct reading *reading, const char *path)
{
	reading->is_incomplete = true;
	reading_problem(reading, false, path, 0, "%s", unsupported_reason(path));
}

const struct format format_unsupported = {
	"unsupported", "unsupported", "list", false, unsupported_recognise, unsupported_read, NULL,
};
