/* SPDX-License-Identifier: MIT */
/* The manifests of a package, found and read, or what the caller lists instead. */
#ifndef OPS_MANIFESTS_H
#define OPS_MANIFESTS_H

#include "manifest/checkpoint_file.h"
#include "manifest/listing.h"
#include "ops/manifest_set.h"
#include "ops/operation.h"

/* What has to be listed. */
struct coverage {
	bool set; /* else nothing */
	bool empty_directories;
	char *directory; /* what is below it; NULL: all */
};

/* One of them, read to its end; or a source of what the caller lists. */
struct package_manifest {
	char *path;       /* as it was opened, from the directory or from where the caller is */
	size_t algorithm; /* in the list of all; not of a source */
	struct coverage covers;
	struct ssum_digest content_hash;    /* not of a source */
	struct stat st;                     /* when it was opened */
	struct checkpoint_file checkpoints; /* those beside it; fd is -1 where there are none */
};

struct manifests {
	struct package_manifest *rows;
	size_t count;
	struct algorithms algorithms; /* each once */
	struct listing listing;       /* what they list together, sorted, no path twice in one */
	struct manifest_set files;
	struct coverage together; /* what has to be listed in any of them */
	bool borrowed;            /* the texts and algorithms are those of a caller's listing */
};

/*
 * Read the manifests that the options name, or those at the top of the directory. Lines that cannot
 * be accepted are reported. manifests_free() is due in any case. 0, or SSUM_ERR_NO_MANIFEST,
 * SSUM_ERR_EMPTY, SSUM_ERR_ALGORITHM, SSUM_ERR_CANCELLED, -errno, -ENOMEM, with its message.
 */
int manifests_read(struct manifests *manifests, struct operation *operation, int root,
		   const struct ssum_verify_options *options);
void manifests_free(struct manifests *manifests);

/* Take over what a caller lists, to sort it; the listing is to outlive that. 0 or -ENOMEM. */
int manifests_borrow(struct manifests *manifests, const struct ssum_listing *listing);

/* Add a manifest that lists nothing yet, and covers nothing. 0 or -ENOMEM. */
int manifests_add(struct manifests *manifests, const char *path, size_t algorithm);

/* The place of an algorithm in the list of all; it is put there, or released. 0 or -ENOMEM. */
int enlist_algorithm(struct algorithms *algorithms, struct algorithm *algorithm, size_t *index);

/* Tell a line that cannot be accepted; name is what it lists, or NULL. 0 or SSUM_ERR_CANCELLED. */
int report_bad_line(struct operation *operation, const char *manifest, uint64_t line,
		    const char *name, int error);

/* All is listed: sort it, and leave out what is listed twice, which is reported, and what takes no
   part. 0, or SSUM_ERR_EMPTY, SSUM_ERR_CANCELLED, -ENOMEM, or what select returned. */
int manifests_settle(struct manifests *manifests, struct operation *operation,
		     const struct ssum_filter *filter);

/* Whether an entry would have to be listed. */
bool manifests_cover(const struct manifests *manifests, const struct ssum_tree_entry *entry);

/* The first that should list an entry and does not, or NULL; the rows are those of its path. */
const struct package_manifest *manifest_without(const struct manifests *manifests,
						const struct listed *rows, size_t row_count,
						const struct ssum_tree_entry *entry);

#endif
