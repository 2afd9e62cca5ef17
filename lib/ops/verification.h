/* SPDX-License-Identifier: MIT */
/* What the parts of a verification share: it and the jobs that it is made of. */
#ifndef OPS_VERIFICATION_H
#define OPS_VERIFICATION_H

#include "ops/explain.h"
#include "ops/manifests.h"
#include "ops/resumable.h"
#include "ops/segments.h"
#include "ops/walk.h"

/* What is missing and what is extra, held back until the walk is over, in its order. */
struct held {
	struct verify_job **jobs;
	size_t count, capacity;
	size_t missing, extra;                 /* of these */
	bool foreseen_missing, foreseen_extra; /* among the jobs that were made */
};

struct verification {
	struct operation operation;
	struct ssum_verify_options options;
	int root;
	struct manifests manifests;
	struct resume resume;
	struct resumable_options hashing;
	bool content_hash_differs;
	uint64_t explained; /* files that differ */

	/* Where the merge of listing and walk stands. */
	size_t row;
	struct ssum_tree tree;
	const struct ssum_tree_entry *entry; /* the walk's next, or NULL at its end */
	struct verify_job *in_parts;         /* whose segments are being given, or NULL */
	struct held held;
};

/* An entry that is listed, or there, or both. */
struct verify_job {
	struct job job;
	struct resumable hash; /* of a file that is read in one chain */
	size_t row, row_count; /* of the listing */
	enum ssum_type type;   /* what is there; unknown if nothing is */
	bool missing;
	bool is_read;   /* a file that is there as it is listed */
	int error;      /* known before the span runs */
	char *own_path; /* of what is not listed */
	char *target;   /* of a link */
	uint64_t length;
	uint64_t expected_length;  /* of what is missing, as checkpoints say; or 0 */
	struct segments *segments; /* of a file that has checkpoints, else NULL */
	unsigned parts;            /* of these, given and not yet back */
	size_t kept_parts;         /* of these, that the journal has: the first ones */
	struct resume_file kept;
	struct explain_job *explain; /* why it differs, once that is known; or NULL */
	bool is_hashed;              /* an extra file that is through after all */
	const char *moved; /* where the content of a missing file is, or where that of an extra one
			      should be; or NULL */
	struct ssum_digest digests[];
};

/* The rows of the listing that are of a job. */
static inline const struct listed *rows_of(const struct verification *verification,
					   const struct verify_job *job)
{
	return &verification->manifests.listing.rows[job->row];
}

/* What is no file, or is listed without its length, has any. */
static inline bool has_listed_length(const struct listed *row, uint64_t length)
{
	return row->type != SSUM_TYPE_FILE || row->length == SSUM_LENGTH_UNKNOWN ||
	       row->length == length;
}

/* verify_merge.c: the next span, of the next entry that is listed, or there, or both; as the pool's
   next(). merge_end() is due in any case. 0 or a code. */
int merge_begin(struct verification *verification);
int merge_next(void *user, struct span **span);
void merge_end(struct verification *verification);

/* verify_merge.c: free a job that is through. */
void verify_job_free(struct verify_job *job);

/* verify_segments.c: cut a file into segments if all of its digests have checkpoints. 0 or a code.
 */
int cut_into_segments(struct verification *verification, struct verify_job *job);

/* verify_segments.c: find out how long a file should be that is missing. 0 or a code. */
int find_expected_length(struct verification *verification, struct verify_job *job);

/* verify_segments.c: a segment is through; as the pool's done(). When the last one is, the job has
   what it takes to be judged, or *instead is its own span, to read the whole file. */
int segment_done(struct verification *verification, struct verify_job *job, struct span *span,
		 struct span **instead);

/* verify_segments.c: tell of checkpoints that were left aside. 0 or a code. */
int report_checkpoint_files(struct verification *verification);

/* verify_judge.c: judge a job that is through, and tell the verdict. 0 or a code. */
int judge_and_report(struct verification *verification, struct verify_job *job);

/* verify_judge.c: whether a job that is through is of a file that differs from what a digest says,
   and from which. */
bool differs_by_digest(const struct verification *verification, const struct verify_job *job,
		       const char **algorithm, struct ssum_digest *expected);

/* verify_judge.c: the first manifest that lists what is here, though others may not; or NULL. */
const char *manifest_that_holds(const struct verification *verification,
				const struct verify_job *job);

/* verify_explain.c: if a job that is through is to be explained, *instead is the span that does it.
   0 or -ENOMEM. */
int explain_instead(struct verification *verification, struct verify_job *job,
		    struct span **instead);

/* verify_explain.c: what came of it, or NULL. */
const struct ssum_explanation *explanation_of(const struct verification *verification,
					      struct verify_job *job);
void explanation_free(struct verify_job *job);

/* verify_moves.c: a job was made; there may be more to do when the walk is over. */
void moves_foresee(struct verification *verification, const struct verify_job *job);

/* verify_moves.c: whether a job that is through is held back. It is the keeper's then. */
bool moves_hold(struct verification *verification, struct verify_job *job);

/* verify_moves.c: the walk is over: find out what moved, and tell of all that was held back. 0 or a
   code. */
int moves_tell(struct verification *verification);
void held_free(struct held *held);

/* verify_judge.c: tell a manifest with its content hash. 0 or a code. */
int report_manifest(struct verification *verification, const struct package_manifest *row);

#endif
