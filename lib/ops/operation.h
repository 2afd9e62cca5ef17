/* SPDX-License-Identifier: MIT */
/* What the operations on many files have in common: reports, totals, progress. */
#ifndef OPS_OPERATION_H
#define OPS_OPERATION_H

#include "engine/pool.h"
#include "io/file_source.h"
#include "ops/resume.h"
#include "sparsesum/package.h"

/* A span with the name that progress shows for it. */
struct job {
	struct span span;
	const char *path;
	void *owner; /* of a part of another job: that one */
};

struct operation {
	struct ssum_context *context;
	struct ssum_context own; /* where the caller gave none */
	struct devices devices;  /* for the files of its jobs */
	int descriptors;         /* likewise */
	const char *directory;   /* that it is about, as the caller named it, or NULL */
	ssum_report_fn *report;
	void *user;
	struct ssum_summary summary;
	uint64_t bytes_due, files_due; /* of the jobs made so far */
	uint64_t files_done;
	struct resume *resume; /* what is kept of its work, or NULL */
	bool goes_on;          /* more becomes due when the present jobs are done */
	uint64_t bytes_before; /* of the jobs of earlier runs */
};

/* Call operation_end() in any case. */
void operation_begin(struct operation *operation, struct ssum_context *context,
		     ssum_report_fn *report, void *user);

/* Give the totals to the caller's summary. Returns rc, or SSUM_ERR_OPTIONS if the summary is of an
   unknown size. For a failure without a message yet, "name: text of the code" is the message. */
int operation_end(struct operation *operation, int rc, struct ssum_summary *summary,
		  const char *name);

/* A file below root as a source of the operation. */
void operation_source(struct operation *operation, struct file_source *file, int root,
		      const char *path);

/* Count a job that is going to run, with its length as far as that is known. */
void operation_due(struct operation *operation, struct job *job, uint64_t length);

/* All that was due is done, and more follows. */
void operation_goes_on(struct operation *operation);

/* Count an entry and report it. 0, or SSUM_ERR_CANCELLED if the caller wants no more. */
int operation_report(struct operation *operation, struct ssum_report *report);

/* One of the files that were due is done. */
void operation_done(struct operation *operation);

/* Run all jobs of a client, with progress. As pool_run(). */
int operation_run(struct operation *operation, struct pool_client client);

/*
 * Run one job, with progress. It runs on this thread, unless reading its source may block: more
 * threads would not make it faster, apart from the one that reads ahead. The result of its span, or
 * a code of pool_run().
 */
int operation_run_job(struct operation *operation, struct job *job);

/* The verdict for an entry that could not be judged because of that code. */
enum ssum_verdict verdict_of_error(int error);

#endif
