/* SPDX-License-Identifier: MIT */
/* The expected content of a package: the entries of its manifests, or the caller's listing. Also:
   which files of a package are manifests. */
#ifndef OPS_MANIFESTS_H
#define OPS_MANIFESTS_H

#include "manifest/checkpoint_file.h"
#include "manifest/listing.h"
#include "ops/operation.h"
#include "ops/walk.h"

/* ---- Files that are manifests ---- */

/* A name in a directory. The inode of the file is not enough, because another hard link to it
   is an entry. */
struct manifest_place {
	dev_t device; /* of the directory */
	ino_t inode;
	char *name;
	bool is_signed; /* its signatures are in the set too: the name with ".asc", ".sig" ... */
};

struct manifest_set {
	struct manifest_place *places;
	size_t count;
	bool with_temporaries; /* also the temporary files that atomic_file renames to these names
				*/
};

/* Add a manifest: its name in a directory, and those of its signatures. 0, -errno, -ENOMEM. */
int manifest_set_add(struct manifest_set *set, int directory, const char *name);

/* Add the checkpoints beside a manifest. 0, -errno, -ENOMEM. */
int manifest_set_add_checkpoints(struct manifest_set *set, int directory, const char *manifest);

/* Add the manifests at the top of a package, which are named for known algorithms, in the order of
   their names, and their checkpoints. 0, -errno, SSUM_ERR_CRYPTO, SSUM_ERR_CANCELLED, -ENOMEM. */
int manifest_set_add_package(struct manifest_set *set, const struct ssum_context *context,
			     int root);

/* Whether the current entry of a walk is in the set. If the file system ignores case, this
   function ignores it too. Also true if the file does not exist any more, since another process
   may be replacing it. */
bool manifest_set_has(const struct manifest_set *set, const struct ssum_tree *tree);

void manifest_set_free(struct manifest_set *set);

/* ---- Listed entries ---- */

/* The entries that a manifest must list. */
struct coverage {
	bool set; /* false: nothing must be listed */
	bool empty_directories;
	char *directory; /* everything below it must be listed; NULL: everything in the package */
};

/* A manifest that was read completely, or a source of the caller's listing. */
struct package_manifest {
	char *path; /* as it was opened: relative to the package or to the working directory */
	size_t algorithm; /* index into the list of algorithms; not of a source */
	bool is_guessed;  /* the algorithm is one of several with digests of that length */
	size_t group;     /* manifests of one group list together what each of them covers */
	struct coverage covers;
	bool is_incomplete; /* lines of its group could not be read: there may be more entries */
	struct ssum_digest content_hash;    /* not of a source */
	struct stat st;                     /* when it was opened */
	struct checkpoint_file checkpoints; /* beside the manifest */
};

struct manifests {
	struct package_manifest *rows;
	size_t count;
	struct algorithms algorithms; /* of all manifests, each once */
	struct listing listing; /* of all manifests, sorted; a path at most once per manifest */
	struct manifest_set files;
	struct coverage together; /* paths that at least one of them must list */
	bool is_incomplete;       /* lines of any of them could not be read */
	bool borrowed;            /* the caller's listing owns the texts and algorithms */
};

/*
 * Read the manifests that the options name, or those at the top of the directory; or use the
 * caller's listing. Sorts the listing, removes and reports duplicate lines, and removes what the
 * filter refuses. Reports lines that are rejected. Call manifests_free() even after a failure.
 * 0, SSUM_ERR_NO_MANIFEST, SSUM_ERR_EMPTY, SSUM_ERR_ALGORITHM, SSUM_ERR_CANCELLED, the
 * code of the filter, -errno or -ENOMEM.
 */
int manifests_read(struct manifests *manifests, struct operation *operation, int root,
		   const struct ssum_verify_options *options);
void manifests_free(struct manifests *manifests);

/* Use the caller's listing, which must outlive *manifests. 0, SSUM_ERR_EMPTY or -ENOMEM. */
int manifests_borrow(struct manifests *manifests, const struct ssum_listing *listing);

/* Add a manifest, without entries or coverage. 0 or -ENOMEM. */
int manifests_add(struct manifests *manifests, const char *path, size_t algorithm);

/* Add an algorithm, unless the list has it; *index is its place. The list owns the algorithm after
   this, or it is released, also on failure. 0 or -ENOMEM. */
int manifests_add_algorithm(struct manifests *manifests, struct algorithm *algorithm,
			    size_t *index);

/* Report a line that is rejected; name is what it lists, or NULL. 0 or SSUM_ERR_CANCELLED. */
int manifests_report_line(struct operation *operation, const char *manifest, uint64_t line,
			  const char *name, int error);

/* manifests_separators.c: convert the Windows path separators in names, if it is certain which
   files they name; if it is not, reject the names that may be those of other files. Before the
   listing is sorted. 0 or a code. */
int manifests_convert_separators(struct manifests *manifests, struct operation *operation,
				 int root);

/* Whether at least one manifest must list an entry. */
bool manifests_cover(const struct manifests *manifests, const struct ssum_tree_entry *entry);

/* The first manifest that must list an entry and does not, or NULL. One that was read completely
   has priority, because it proves that the entry is extra. The rows are all that list its path. */
const struct package_manifest *manifest_without(const struct manifests *manifests,
						const struct listed *rows, size_t row_count,
						const struct ssum_tree_entry *entry);

#endif
