/* SPDX-License-Identifier: MIT */
/* An operation on one file or many: its context, reports, totals and progress. */
#ifndef OPS_OPERATION_H
#define OPS_OPERATION_H

#include "engine/pool.h"
#include "io/file_source.h"
#include "ops/resume.h"
#include "sparsesum/package.h"

/* A span, and the path that progress shows for it. */
struct job {
	struct span span;
	const char *path;
	void *owner; /* if the span is a part of a larger job: that job */
};

struct operation {
	struct ssum_context *context;
	struct ssum_context own; /* used if the caller has no context */
	struct devices devices;  /* for the sources of its jobs */
	int descriptors;         /* likewise */
	const char *directory; /* the directory of the operation, as the caller named it, or NULL */
	ssum_report_fn *report;
	void *user;
	unsigned changes; /* of its only file, with SSUM_ERR_CHANGED: enum ssum_change */
	bool read_twice;  /* changes of its only file, or of one of two, could not be detected */
	struct resume *resume; /* its journal, or NULL */
	struct ssum_summary summary;

	/* For progress. */
	uint64_t bytes_due, files_due; /* of all jobs that were made so far */
	uint64_t files_done;           /* the owner of the jobs counts them */
	uint64_t
		bytes_of_earlier_runs; /* if operation_run() is called again: bytes_due before it */
	bool more_follows;             /* another run may follow this one */
	struct ticker ticker;
	struct run_progress last; /* of the last tick; without the oldest span */
};

/* Call operation_end() even if something fails between the two. */
void operation_begin(struct operation *operation, struct ssum_context *context,
		     ssum_report_fn *report, void *user);

/* Copy the totals to the caller's summary. Returns rc, or SSUM_ERR_OPTIONS if the size of the
   summary is unknown. If rc is a code and there is no message yet, the message is "name: text of
   the code". */
int operation_end(struct operation *operation, int rc, struct ssum_summary *summary,
		  const char *name);

/* Make *file the source for a file of the operation: the path beneath root. */
void operation_source(struct operation *operation, struct file_source *file, int root,
		      const char *path);

/* Count a job that is going to run; `length` is its length as far as it is known. */
void operation_due(struct operation *operation, struct job *job, uint64_t length);

/* Count an entry in the totals, and pass its report to the caller. 0, or SSUM_ERR_CANCELLED if the
   caller's function ends the operation. */
int operation_report(struct operation *operation, struct ssum_report *report);

/* Run all jobs of a client with pool_run(), and report progress. */
int operation_run(struct operation *operation, struct pool_client client);

/* For a source that is opened between two runs: `user` is the operation. Reports progress. 0, or a
   code if the operation was cancelled. */
int operation_pause(void *user);

/* Run one job, and report progress. It runs on the calling thread, since more threads would not
   make it faster; but a source that may block is read on another thread. The result of the span, or
   a code of pool_run(). */
int operation_run_job(struct operation *operation, struct job *job);

/* The verdict of an entry that could not be judged because of this code. */
enum ssum_verdict verdict_of_error(int error);

#endif
