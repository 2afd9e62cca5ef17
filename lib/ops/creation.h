/* SPDX-License-Identifier: MIT */
/* What the parts of a creation share: it and the jobs that it is made of. */
#ifndef OPS_CREATION_H
#define OPS_CREATION_H

#include "ops/manifest_set.h"
#include "ops/output.h"
#include "ops/resumable.h"

struct creation {
	struct operation operation;
	struct ssum_create_options options;
	const char *directory;
	int root;
	struct algorithms algorithms;
	struct output *outputs; /* one for each algorithm */
	size_t output_count;
	struct manifest_set manifests;
	struct resume resume;
	struct resumable_options hashing;
	struct ssum_tree tree;
};

struct create_job {
	struct job job;
	struct resumable hash; /* of a file */
	enum ssum_type type;
	char *path;
	char *target; /* of a link */
	uint64_t length;
	int error; /* known before the span runs */
	struct ssum_digest digests[];
};

/* create_write.c. All: 0 or a code, with its message. */

/* Begin the manifests, one for each algorithm. */
int begin_outputs(struct creation *creation);

/* Write the lines of an entry, with its checkpoints, into each. */
int write_entry(struct creation *creation, const struct create_job *job);

/* Tell an entry. */
int report_entry(struct creation *creation, const struct create_job *job, int error);

/* Put all manifests in their places, and then tell them with their content hashes. */
int commit_outputs(struct creation *creation);
int report_outputs(struct creation *creation);

#endif
