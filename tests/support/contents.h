/* SPDX-License-Identifier: MIT */
/* A table of file contents, with their digests and chaining values by libcrypto. It is computed
   once; tests hard-link its files into their directories. */
#ifndef SUPPORT_CONTENTS_H
#define SUPPORT_CONTENTS_H

#include "sparsesum.h"

#define CONTENTS 24
#define CONTENT_UNIT 4096
#define CONTENT_VALUES 16
#define CONTENT_ALGORITHMS 4

struct content_algorithm {
	const char *name, *tag, *manifest;
	int has_checkpoints;
};

/* Sorted by the names of their manifests. */
extern const struct content_algorithm content_algorithms[CONTENT_ALGORITHMS];

struct content {
	unsigned char *bytes;
	size_t length;
	struct ssum_digest digests[CONTENT_ALGORITHMS];
	/* After 1 * CONTENT_UNIT bytes, 2 * CONTENT_UNIT bytes, and so on, up to the length. */
	struct ssum_digest values[CONTENT_ALGORITHMS][CONTENT_VALUES];
};

extern struct content contents[CONTENTS];

/* Make the table, and write each content to a file in a directory. The file name is the index. */
void contents_make(int directory);

#endif
