/* SPDX-License-Identifier: MIT */
/*
 * Resuming, part 2: the hashing of one file of a package. Its progress is recorded in the journal
 * of the operation (ops/resume.h), its checkpoints are gathered, and bytes that an interrupted run
 * has hashed are not hashed again.
 */
#ifndef OPS_RESUMABLE_H
#define OPS_RESUMABLE_H

#include "io/file_source.h"
#include "ops/checkpoint_sink.h"
#include "ops/operation.h"
#include "ops/resume.h"

struct resumable {
	struct job *job; /* its span hashes the file */
	struct resume *resume;
	struct file_source file;
	struct checkpoint_sink sink;
	struct resume_file kept;
	struct earlier *earlier; /* the work that an interrupted run has done on it, or NULL */
};

/* The members that are common to all files of an operation. */
struct resumable_options {
	struct operation *operation;
	struct resume *resume;
	const struct algorithms *algorithms;
	int root;
	uint64_t interval; /* interval of the collected checkpoints, or SSUM_NO_CHECKPOINTS */
};

/* Give the span of a job its sink. Owns nothing yet. Call resumable_clear() at the end. */
void resumable_init(struct resumable *hash, struct job *job, const struct algorithms *algorithms,
		    struct ssum_digest *digests);
void resumable_clear(struct resumable *hash);

/* Give the span its source: the job's path beneath root. `length` is the length of the file as far
   as it is known. 0 or -ENOMEM. */
int resumable_set(struct resumable *hash, const struct resumable_options *options, uint64_t length);

/* The identity of the file when it was hashed. */
struct file_identity resumable_identity(const struct resumable *hash);

/* How many bytes of `length` are still to be hashed. */
uint64_t resumable_due(const struct resumable *hash, uint64_t length);

/* The span has run. True: run it again, because the file is not the one that the interrupted run
   has hashed. Else the result of the span is final; on success the digests are set. *length is the
   length of the file. */
bool resumable_done(struct resumable *hash, uint64_t *length);

#endif
