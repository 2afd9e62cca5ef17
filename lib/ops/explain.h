/* SPDX-License-Identifier: MIT */
/* The job of explaining one file: the file, the sink and the algorithms. */
#ifndef OPS_EXPLAIN_H
#define OPS_EXPLAIN_H

#include "io/file_source.h"
#include "ops/explain_sink.h"
#include "ops/operation.h"

struct explain_job {
	struct job job;
	struct file_source file; /* set by its owner before explain_job_init() */
	struct explain_sink sink;
	struct algorithm algorithm;
	bool is_other;            /* not the one that the caller asked for */
	struct algorithms others; /* tested too, which is slow; release them to omit that */
};

/*
 * Prepare an explanation whose file is set; do not move it afterwards. `name` is the algorithm that
 * the caller asked for, or NULL. Call explain_job_clear() even after a failure. 0,
 * SSUM_ERR_ALGORITHM, SSUM_ERR_MALFORMED if no algorithm has digests that long, -ENOMEM.
 */
int explain_job_init(struct explain_job *explain, const char *name,
		     const struct ssum_digest *expected,
		     const struct ssum_checkpoints *checkpoints);
void explain_job_clear(struct explain_job *explain);

/* Its span has succeeded: complete the explanation. */
void explain_job_done(struct explain_job *explain);

#endif
