/* SPDX-License-Identifier: MIT */
/*
 * What ssum_verify() must return for a package, in plain C over small arrays. It shares no code
 * with the library: everything is looked up by comparing every path with every other path.
 */
#ifndef SUPPORT_PACKAGE_MODEL_H
#define SUPPORT_PACKAGE_MODEL_H

#include <stdbool.h>

#include "sparsesum/package.h"

#define MODEL_NODES 32
#define MODEL_MANIFESTS 4
#define MODEL_ROWS 256
#define MODEL_EXCLUDED 2

/* One thing in the directory. Directories above it exist without a node of their own. */
struct model_node {
	const char *path;
	enum ssum_type type;
	const struct ssum_digest *digests; /* of a regular file, by algorithm */
	const char *target;                /* of a symlink */
	bool is_manifest; /* a manifest or its checkpoints: an entry only if it is listed */
};

/* An acceptable line of a manifest. */
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
	uint64_t bad_lines; /* lines that are not acceptable, duplicates not counted */
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
	bool is_directory; /* a file and a directory of one name are two entries */
	enum ssum_verdict verdict;
	const struct model_node
		*node;               /* NULL: nothing is there, or a directory that is not empty */
	const struct model_row *row; /* the row that decided; NULL: not listed at all */
	size_t without;              /* with SSUM_EXTRA: the first manifest that lacks it */
	bool is_listed;
};

struct model_result {
	int rc; /* what ssum_verify() returns; what follows is valid if it judged the entries */
	bool judged;
	bool counts[MODEL_ROWS]; /* rows that are neither refused nor left out */
	struct model_verdict verdicts[MODEL_NODES + MODEL_ROWS];
	size_t verdict_count;
	uint64_t count[SSUM_VERDICT_COUNT];
};

void model_judge(const struct model *model, struct model_result *result);

/* Whether a row is refused, since its manifest lists the same path on an earlier line. */
bool model_is_duplicate(const struct model *model, size_t row);

#endif
