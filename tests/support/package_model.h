/* SPDX-License-Identifier: MIT */
/*
 * A model of ssum_verify(): it predicts the result and the verdicts for a package. It shares no
 * code with the library, uses small arrays, and finds paths by comparing each with all others.
 */
#ifndef SUPPORT_PACKAGE_MODEL_H
#define SUPPORT_PACKAGE_MODEL_H

#include <stdbool.h>

#include "sparsesum/package.h"

#define MODEL_NODES 32
#define MODEL_MANIFESTS 4
#define MODEL_ROWS 256
#define MODEL_EXCLUDED 2

/* A file, symlink, empty directory or other object in the package. Non-empty directories have no
   node. */
struct model_node {
	const char *path;
	enum ssum_type type;
	const struct ssum_digest *digests; /* of a regular file, by algorithm */
	const char *target;                /* of a symlink */
	bool is_manifest; /* a manifest or its checkpoints: an entry only if it is listed */
};

/* A valid line of a manifest. */
struct model_row {
	size_t manifest;
	uint64_t line;
	const char *path;
	enum ssum_type type; /* SSUM_TYPE_FILE, SSUM_TYPE_SYMLINK or SSUM_TYPE_DIRECTORY */
	struct ssum_digest digest;
	const char *target;
};

struct model_manifest {
	size_t algorithm;
	struct ssum_digest content_hash;
	uint64_t bad_lines; /* number of malformed lines, without duplicates */
	int error;          /* the manifest cannot be opened; all other members are 0 */
};

struct model {
	struct model_node nodes[MODEL_NODES];
	struct model_row rows[MODEL_ROWS];                /* in the order of manifests and lines */
	struct model_manifest manifests[MODEL_MANIFESTS]; /* in the order of reading */
	size_t node_count, row_count, manifest_count;
	const char *excluded[MODEL_EXCLUDED]; /* paths that the filter leaves out, or NULL */
	const struct ssum_digest *content_hash;
	bool allow_extra;
};

struct model_verdict {
	const char *path;
	bool is_directory; /* a file and a directory with one name are two entries */
	enum ssum_verdict verdict;
	const struct model_node *node; /* NULL: missing, or a directory that is not empty */
	const struct model_row *row;   /* the row that decided; NULL: not listed */
	/* With SSUM_EXTRA: index of the first manifest that proves it; with SSUM_UNDECIDED: of the
	   first one that does not list it. */
	size_t without;
	bool is_listed;
};

struct model_result {
	int rc; /* what ssum_verify() returns; the members below are valid if it judged the entries
		 */
	bool judged;
	bool counts[MODEL_ROWS]; /* rows that are neither refused nor excluded by the filter */
	struct model_verdict verdicts[MODEL_NODES + MODEL_ROWS];
	size_t verdict_count;
	uint64_t count[SSUM_VERDICT_COUNT];
};

void model_judge(const struct model *model, struct model_result *result);

/* Whether a row is refused because an earlier line of its manifest lists the same path. */
bool model_is_duplicate(const struct model *model, size_t row);

#endif
