/* SPDX-License-Identifier: MIT */
/* The checkpoints beside a manifest, found in the order of the walk: no more than those of one file
   are in memory. */
#ifndef MANIFEST_CHECKPOINT_FILE_H
#define MANIFEST_CHECKPOINT_FILE_H

#include "manifest/checkpoints.h"

struct checkpoint_file {
	char *path; /* as it is told */
	int fd;     /* -1: there is none, or nothing more to be had */
	struct checkpoints_reader reader;
	struct ssum_checkpoints entry; /* the next one; without a name if none is read */

	/* Why it was left aside from a line on, until that was told; 0: it was not. */
	int trouble;
	uint64_t line;
};

/*
 * Open what stands beside a manifest: below root, or with root -1 from where the caller is. It is
 * no failure if there is none. checkpoint_file_close() is due in any case. 0 or -ENOMEM.
 */
int checkpoint_file_open(struct checkpoint_file *file, int root, const char *manifest);
void checkpoint_file_close(struct checkpoint_file *file);

/*
 * Find the checkpoints of a path, which comes behind the one that was asked for before. *found is
 * the caller's, or NULL if there are none. 0 or -ENOMEM: a file that cannot be read is trouble.
 */
int checkpoint_file_find(struct checkpoint_file *file, const char *path,
			 struct ssum_checkpoints **found);

/*
 * Whether the file, read from its beginning once more, has this value behind so many bytes of any
 * entry; the search for paths goes on where it stands. What cannot be read has it not.
 */
bool checkpoint_file_has(const struct checkpoint_file *file, const char *algorithm, uint64_t offset,
			 const struct ssum_digest *value);

/* "MANIFEST.checkpoints", to be freed; or NULL. */
char *checkpoints_path(const char *manifest);

#endif
