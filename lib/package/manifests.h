/* SPDX-License-Identifier: MIT */
/* The manifests of a package, found and read. */
#ifndef PACKAGE_MANIFESTS_H
#define PACKAGE_MANIFESTS_H

#include "package/checkpoint_file.h"
#include "package/listing.h"
#include "package/manifest_set.h"
#include "package/operation.h"

/* One of them, read to its end. */
struct package_manifest {
	char *path;       /* as it was opened, from the folder or from where the caller is */
	size_t algorithm; /* in the list of all */
	struct ssum_digest content_hash;
	struct stat st;                     /* when it was opened */
	struct checkpoint_file checkpoints; /* those beside it; fd is -1 where there are none */
};

struct manifests {
	struct package_manifest *rows;
	size_t count;
	struct algorithms algorithms; /* each once */
	struct listing listing;       /* what they list together, sorted, no path twice in one */
	struct manifest_set files;
};

/*
 * Read the manifests that the options name, or those at the top of the folder. Lines that cannot be
 * accepted are reported. manifests_free() is due in any case. 0, or SSUM_ERR_NO_MANIFEST,
 * SSUM_ERR_EMPTY, SSUM_ERR_ALGORITHM, SSUM_ERR_CANCELLED, -errno, -ENOMEM, with its message.
 */
int manifests_read(struct manifests *manifests, struct operation *operation, int root,
		   const struct ssum_verify_options *options);
void manifests_free(struct manifests *manifests);

#endif
