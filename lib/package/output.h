/* SPDX-License-Identifier: MIT */
/* A manifest on its way to the disk, with its content hash. */
#ifndef PACKAGE_OUTPUT_H
#define PACKAGE_OUTPUT_H

#include "digest/stream.h"
#include "file/atomic_file.h"

struct output {
	char *path;       /* as it is told */
	const char *name; /* its last component */
	int dir;          /* the folder that it is in */
	struct atomic_file file;
	struct ssum_stream content;
	struct ssum_digest content_hash; /* once it is committed */
};

/* Begin a manifest at a path of its own or, with path NULL, under the algorithm's name in folder.
   output_end() is due in any case. 0 or a code. */
int output_begin(struct output *output, const char *folder, const char *path,
		 const struct algorithm *algorithm);

/* Append a line. 0 or a code. */
int output_write(struct output *output, const struct bytes *line);

/* Put the manifest in its place. 0 or a code; then what was there before still is. */
int output_commit(struct output *output);

/* Give up what it owns, in any state, also all zero but for the descriptors of -1. */
void output_end(struct output *output);

#endif
