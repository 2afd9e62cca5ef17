/* SPDX-License-Identifier: MIT */
/* A manifest on its way to the disk, with its content hash and the checkpoints beside it. */
#ifndef OPS_OUTPUT_H
#define OPS_OUTPUT_H

#include "digest/stream.h"
#include "io/atomic_file.h"
#include "manifest/checkpoints.h"

struct output {
	char *path;       /* as it is told */
	const char *name; /* its last component */
	int dir;          /* the directory that it is in */
	struct atomic_file file;
	struct ssum_stream content;
	struct ssum_digest content_hash; /* once it is committed */

	char *checkpoints_name;         /* beside it */
	struct atomic_file checkpoints; /* fd is -1 until there are some */
};

/* Begin a manifest at a path of its own or, with path NULL, under the algorithm's name in
   directory. output_end() is due in any case. 0 or a code. */
int output_begin(struct output *output, const char *directory, const char *path,
		 const struct algorithm *algorithm);

/* Append a line. 0 or a code. */
int output_write(struct output *output, const struct bytes *line);

/* Append the checkpoints of a file. 0 or a code. */
int output_write_checkpoints(struct output *output, const struct ssum_checkpoints *checkpoints);

/* Put the checkpoints in their place, or remove those from before if there are none; then the
   manifest. 0 or a code; then the manifest that was there before still is. */
int output_commit(struct output *output);

/* Give up what it owns, in any state, also all zero but for the descriptors of -1. */
void output_end(struct output *output);

#endif
