/* SPDX-License-Identifier: MIT */
/* The hashing of one file of a package: its progress is kept, its checkpoints are gathered, and
   what an interrupted run has done of it is not done again. */
#ifndef OPS_RESUMABLE_H
#define OPS_RESUMABLE_H

#include "io/file_source.h"
#include "ops/checkpoint_sink.h"
#include "ops/operation.h"
#include "ops/resume.h"

struct resumable {
	struct job *job; /* whose span runs it */
	struct resume *resume;
	struct file_source file;
	struct checkpoint_sink sink;
	struct resume_file kept;
	struct earlier *earlier; /* what an interrupted run did of it, or NULL */
};

/* What all files of an operation have in common. */
struct resumable_options {
	struct operation *operation;
	struct resume *resume;
	const struct algorithms *algorithms;
	int root;
	uint64_t interval; /* of the checkpoints to be gathered, or SSUM_NO_CHECKPOINTS */
};

/* Ready for a file to be set; owns nothing. The span has the sink then. resumable_clear() is due
   once this was called. */
void resumable_init(struct resumable *hash, struct job *job, const struct algorithms *algorithms,
		    struct ssum_digest *digests);
void resumable_clear(struct resumable *hash);

/* Set the file: the job's path below root, `length` bytes long as far as that is known. The span
   has its source then. 0 or -ENOMEM. */
int resumable_set(struct resumable *hash, const struct resumable_options *options, uint64_t length);

/* How much of it is not taken over from an interrupted run. */
uint64_t resumable_due(const struct resumable *hash, uint64_t length);

/* The span is through. True if it has to be run again, since what was taken over did not hold. Else
   its result is what it is; on success the digests are there, and *length is that of the file. */
bool resumable_done(struct resumable *hash, uint64_t *length);

#endif
