/* SPDX-License-Identifier: MIT */
/* A table of contents of files, with their digests and chaining values by libcrypto. They are made
   once; a test links them into its directory as often as it likes. */
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

/* In the order of the names of their manifests. */
extern const struct content_algorithm content_algorithms[CONTENT_ALGORITHMS];

struct content {
	unsigned char *bytes;
	size_t length;
	struct ssum_digest digests[CONTENT_ALGORITHMS];
	/* After 1 * CONTENT_UNIT bytes and so on, as far as the content goes. */
	struct ssum_digest values[CONTENT_ALGORITHMS][CONTENT_VALUES];
};

extern struct content contents[CONTENTS];

/* Make the table, and each content as a file with its number as its name, below a directory. */
void contents_make(int directory);

#endif
