/* SPDX-License-Identifier: MIT */
/* An explanation as a job: what it takes to run the sink over a file. */
#ifndef OPS_EXPLAIN_H
#define OPS_EXPLAIN_H

#include "io/file_source.h"
#include "ops/explain_sink.h"
#include "ops/operation.h"

struct explain_job {
	struct job job;
	struct file_source file; /* set by its owner, and told to the sink by explain_job_init() */
	struct explain_sink sink;
	struct algorithm algorithm;
	bool is_other; /* not the one that was asked for */
	struct algorithms others;
};

/*
 * Ready to be run, once the file is set; it must not be moved after this. `name` is the algorithm
 * that was asked for, or NULL. explain_job_clear() is due in any case. 0, SSUM_ERR_ALGORITHM,
 * SSUM_ERR_MALFORMED if no algorithm has digests that long, -ENOMEM.
 */
int explain_job_init(struct explain_job *explain, const char *name,
		     const struct ssum_digest *expected,
		     const struct ssum_checkpoints *checkpoints);
void explain_job_clear(struct explain_job *explain);

/* Leave the hashes by other algorithms out, which are slow. */
void explain_job_leave_others(struct explain_job *explain);

/* Its span has succeeded: complete the explanation. */
void explain_job_done(struct explain_job *explain);

/* Whether the content itself is as it should be, if a cause is what it is: 1, 0 or -1. */
int intact_by_cause(enum ssum_cause cause);

#endif
