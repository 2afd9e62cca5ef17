/* SPDX-License-Identifier: MIT */
/*
 * The verification of a directory.
 *
 *   verify.c           from the manifests to the summary
 *   verify_entries.c   the walk meets the listing: one job for each entry, run by the pool
 *   verify_segments.c  a file with checkpoints is divided into segments
 *   verify_result.c    an entry is judged, once, and reported
 *   verify_explain.c   why a file differs
 *   verify_moves.c     missing files whose content is there under another name
 *
 * A job goes through these in this order. Each file calls only files further down.
 */
#ifndef OPS_VERIFICATION_H
#define OPS_VERIFICATION_H

#include "ops/explain.h"
#include "ops/manifests.h"
#include "ops/walk.h"
#include "ops/resumable.h"
#include "ops/segments.h"

/* Missing and extra files, whose reports wait for the end of the walk. In the order of the walk. */
struct held {
	struct verify_job **jobs;
	size_t count, capacity;
	size_t missing, extra;               /* of these */
	bool expects_missing, expects_extra; /* there will be such jobs */
};

struct verification {
	struct operation operation;
	struct ssum_verify_options options;
	int root;
	struct manifests manifests;
	struct resume resume;
	struct resumable_options hashing;
	bool content_hash_differs;
	uint64_t explained; /* files that were explained so far */

	/* The merge of listing and walk. */
	size_t row; /* the next one of the listing */
	struct ssum_tree tree;
	struct verify_job *dividing; /* the job whose segments are handed out next, or NULL */
	struct held held;
};

/* The judgement of an entry. result_make() makes it once; all that follows reads it. */
struct entry_result {
	enum ssum_verdict verdict;
	int error;  /* why the entry could not be judged, or 0 */
	size_t row; /* of a listed entry: the row that decided; the last one if all hold */
	/* The manifest of that row; of an extra entry: one that lacks it, or NULL. */
	const struct package_manifest *manifest;
	/* By the row's algorithm; length 0: none is listed, or it was not needed to decide. */
	struct ssum_digest expected, found;
	uint64_t expected_length; /* of a file; 0: not known */
	bool lists_itself;        /* the row is the manifest's own entry in itself */
	/* The first manifest whose digest is the file's, even if another manifest's is not. */
	const struct package_manifest *agreeing;

	/* Added later, if at all. */
	const struct ssum_explanation *explanation; /* why the file differs */
	const char *moved; /* of a missing file: where its content is; of an extra file: the
			      missing file that it is */
};

/* An entry that is listed, or there, or both. */
struct verify_job {
	struct job job;
	size_t row, row_count; /* of the listing; row_count 0: not listed */
	enum ssum_type type;   /* what is there; SSUM_TYPE_UNKNOWN: nothing */
	uint64_t length;       /* of what is there */
	bool missing;
	int error;                /* known before the span runs */
	bool is_read;             /* a regular file whose content decides */
	uint64_t expected_length; /* of a missing file; 0: not known */
	char *own_path;           /* of an entry that is not listed */
	char *target;             /* of a symlink */

	/* A file is read in one chain, or, if it has checkpoints, as segments. */
	struct resumable hash;
	struct segments *segments; /* or NULL */
	size_t kept_segments;      /* the first ones, which the journal has */
	struct resume_file kept;   /* the file in the journal */

	struct entry_result result;
	struct explain_job *explain;  /* or NULL */
	bool is_hashed;               /* an extra file that was hashed to find out what moved */
	struct ssum_digest digests[]; /* of a file that was read in one chain */
};

/* The rows of the listing that are for a job. */
static inline const struct listed *rows_of(const struct verification *verification,
					   const struct verify_job *job)
{
	return &verification->manifests.listing.rows[job->row];
}

/* False if a row is for a file of another length. */
static inline bool has_listed_length(const struct listed *row, uint64_t length)
{
	return row->type != SSUM_TYPE_FILE || row->length == SSUM_LENGTH_UNKNOWN ||
	       row->length == length;
}

/* verify_entries.c: judge and report every entry. 0 or a code. */
int verify_entries(struct verification *verification);

/* verify_segments.c: report files of checkpoints that cannot be used. 0 or a code. */
int report_checkpoint_files(struct verification *verification);

/* verify_segments.c: divide a file into segments if all of its digests have checkpoints. 0 or a
   code. */
int divide_into_segments(struct verification *verification, struct verify_job *job);

/* verify_segments.c: the length of a missing file, as far as it is known. 0 or a code. */
int find_expected_length(struct verification *verification, struct verify_job *job);

/* verify_segments.c: the span of a segment has ended. *instead may be a span to run next: it reads
   some segments, or the whole file, again. 0 or a code. */
int segment_returned(struct verification *verification, struct verify_job *job, struct span *span,
		     struct span **instead);

/* verify_result.c: judge an entry whose spans have ended. */
void result_make(const struct verification *verification, struct verify_job *job);

/* verify_result.c: count an entry and report its result. 0 or a code. */
int result_report(struct verification *verification, struct verify_job *job);

/* verify_explain.c: start to explain a result, if that is asked for. *instead may be a span that
   reads the file once more. 0 or -ENOMEM. */
int explanation_begin(struct verification *verification, struct verify_job *job,
		      struct span **instead);

/* verify_explain.c: complete the explanation, if there is one, and add it to the result. */
void explanation_finish(const struct verification *verification, struct verify_job *job);
void explanation_free(struct verify_job *job);

/* verify_moves.c: a job was made. If it is for a missing or extra file, more work may follow the
   walk, and progress has to know. */
void moves_expect(struct verification *verification, const struct verify_job *job);

/* verify_moves.c: keep a missing or extra file until the walk is over. False: report it now. */
bool moves_hold(struct verification *verification, struct verify_job *job);

/* verify_moves.c: the walk is over: find out which missing file is which extra one. 0 or
   SSUM_ERR_CANCELLED. */
int moves_find(struct verification *verification);

#endif
