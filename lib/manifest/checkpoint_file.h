/* SPDX-License-Identifier: MIT */
/* The file of checkpoints next to a manifest. It is searched in the order of the walk, so that only
   the checkpoints of one file are in memory at a time. */
#ifndef MANIFEST_CHECKPOINT_FILE_H
#define MANIFEST_CHECKPOINT_FILE_H

#include "manifest/checkpoints.h"

/* The checkpoints of a manifest are in the file "MANIFEST.checkpoints". */
#define CHECKPOINTS_SUFFIX ".checkpoints"

struct checkpoint_file {
	char *path; /* for reports */
	int fd;     /* -1: there is no such file, or it is no longer used */
	struct checkpoints_reader reader;
	struct ssum_checkpoints
		entry; /* read, but not found yet; its name is NULL if there is none */

	/* Why the file is no longer used, and the line of the error. The caller reports the error
	   and sets it to 0. */
	int error;
	uint64_t line;
};

/*
 * Open the file next to a manifest, whose path is below root, or with root -1 in the working
 * directory. A missing file is not an error. An unreadable one sets file->error. Call
 * checkpoint_file_close() even after a failure. 0 or -ENOMEM.
 */
int checkpoint_file_open(const struct ssum_context *context, struct checkpoint_file *file, int root,
			 const char *manifest);
void checkpoint_file_close(struct checkpoint_file *file);

/*
 * Find the checkpoints of a path. Paths must be searched in the order of the walk. *found is owned
 * by the caller, and NULL if there are none. 0 or -ENOMEM; other errors set file->error.
 */
int checkpoint_file_find(struct checkpoint_file *file, const char *path,
			 struct ssum_checkpoints **found);

/* Whether any entry of the file has this value at this offset. Reads the file from its beginning,
   and restores the position of the search for paths. False if the file cannot be read. */
bool checkpoint_file_has(const struct checkpoint_file *file, const char *algorithm, uint64_t offset,
			 const struct ssum_digest *value);

/* "MANIFEST.checkpoints", to be freed by the caller; NULL if there is no memory. */
char *checkpoint_file_path(const char *manifest);

#endif
