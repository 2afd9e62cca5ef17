/* SPDX-License-Identifier: MIT */
/*
 * Verification of a directory.
 *
 *   verify.c           from the manifests to the summary
 *   verify_entries.c   merges the listing with the walk: one job for each entry, run by the pool
 *   verify_segments.c  divides a file with checkpoints into segments
 *   verify_result.c    judges each entry, once, and reports it
 *   verify_explain.c   finds out why a file differs
 *   verify_guess.c     decides whether a manifest is of the algorithm that it is taken for
 *   verify_moves.c     finds missing files whose content is there under another name
 *
 * A job passes these steps in this order. Each file calls only files further down in this list.
 */
#ifndef OPS_VERIFICATION_H
#define OPS_VERIFICATION_H

#include "ops/explain.h"
#include "ops/manifests.h"
#include "ops/walk.h"
#include "ops/resumable.h"
#include "ops/segments.h"

/* Missing and extra files, in the order of the walk. They are reported after the walk. */
struct held {
	struct verify_job **jobs;
	size_t count, capacity;
	size_t missing;                      /* how many of these are missing; the rest is extra */
	bool expects_missing, expects_extra; /* such a job was made, and may be held */
};

struct verification {
	struct operation operation;
	struct ssum_verify_options options;
	int root;
	struct manifests manifests;
	struct resume resume;
	struct resumable_options hashing;
	bool content_hash_differs;
	uint64_t explained; /* files, so far */

	/* The merge of listing and walk. */
	size_t row; /* the next row of the listing */
	struct ssum_tree tree;
	struct names_lookup lookup;
	struct verify_job *dividing; /* the job whose segments are handed out next, or NULL */
	struct held held;
	bool guess_is_proven; /* of manifests whose algorithm was guessed: a digest holds */
	struct held doubtful; /* jobs that wait until it is, and all jobs after them */
};

/* The judgement of an entry. result_make() makes it, once; the later steps only read it. */
struct entry_result {
	enum ssum_verdict verdict;
	int error;  /* why the entry could not be judged, or 0 */
	size_t row; /* of a listed entry: the row that decided, or the last one if all hold */
	/* The manifest of that row. For an extra or undecided entry: a manifest that does not list
	   it, or NULL. */
	const struct package_manifest *manifest;
	/* By the algorithm of the row. Length 0: not listed, or not needed to decide. */
	struct ssum_digest expected, found;
	uint64_t expected_length; /* of a file; 0: not known */
	bool lists_itself;        /* the manifest of the row is this entry */
	/* The first manifest that lists the digest of the file, or NULL. */
	const struct package_manifest *agreeing;

	/* Set by the later steps; else NULL. */
	const struct ssum_explanation *explanation; /* why the file differs */
	const char *moved; /* of a missing file: where its content is; of an extra file: the
			      missing file that has its content */
};

/* An entry that is listed, or exists, or both. */
struct verify_job {
	struct job job;
	size_t row, row_count;    /* of the listing; row_count 0: not listed */
	enum ssum_type type;      /* what is there; SSUM_TYPE_UNKNOWN: nothing */
	uint64_t length;          /* of what is there */
	bool missing;             /* it is listed and not there */
	int error;                /* found before the span runs; or 0 */
	bool is_read;             /* a regular file whose content decides */
	uint64_t expected_length; /* of a missing file; 0: not known */
	char *own_path;           /* of an entry that is not listed */
	char *other_name; /* of a missing entry that is found by its listed name: what its directory
			     lists; or NULL */
	char *target;     /* of a symlink */

	/* A file is read in one chain, or, if it has checkpoints, as segments. */
	struct resumable hash;
	struct segments *segments; /* or NULL */
	size_t kept_segments;      /* how many of the first ones the journal has */
	struct resume_file kept;   /* the file in the journal */

	struct entry_result result;
	struct explain_job *explain;  /* or NULL */
	bool is_hashed;               /* an extra file that was hashed after the walk */
	struct ssum_digest digests[]; /* of a file that was read in one chain */
};

/* The rows of a job. */
static inline const struct listed *rows_of(const struct verification *verification,
					   const struct verify_job *job)
{
	return &verification->manifests.listing.rows[job->row];
}

/* False if a row lists another length for a file. */
static inline bool has_listed_length(const struct listed *row, uint64_t length)
{
	return row->type != SSUM_TYPE_FILE || row->length == SSUM_LENGTH_UNKNOWN ||
	       row->length == length;
}

/* verify_entries.c: judge and report every entry. 0 or a code. */
int verify_entries(struct verification *verification);

/* verify_segments.c: report each file of checkpoints that cannot be used, once. 0 or a code. */
int report_checkpoint_files(struct verification *verification);

/* verify_segments.c: divide a file into segments if all of its digests have checkpoints. 0 or a
   code. */
int divide_into_segments(struct verification *verification, struct verify_job *job);

/* verify_segments.c: set the expected length of a missing file, if it is known. 0 or a code. */
int find_expected_length(struct verification *verification, struct verify_job *job);

/* verify_segments.c: the span of a segment has ended. *follow_up may be a span to run next: it
   reads some segments, or the whole file, again. 0 or a code. */
int segment_returned(struct verification *verification, struct verify_job *job, struct span *span,
		     struct span **follow_up);

/* verify_result.c: the digest that a row lists; length 0 if there is none. */
struct ssum_digest row_digest(const struct manifests *manifests, size_t row);

/* verify_result.c: judge an entry whose spans have ended. */
void result_make(const struct verification *verification, struct verify_job *job);

/* verify_result.c: count an entry and report its result. 0 or a code. */
int result_report(struct verification *verification, struct verify_job *job);

/* verify_explain.c: begin to explain a result, if the options ask for it. *follow_up may be a span
   that reads the file again. 0 or -ENOMEM. */
int explanation_begin(struct verification *verification, struct verify_job *job,
		      struct span **follow_up);

/* verify_explain.c: complete the explanation, if there is one, and add it to the result. */
void explanation_finish(const struct verification *verification, struct verify_job *job);
void explanation_free(struct verify_job *job);

/* verify_guess.c: a job was judged and explained. Take into account what it proves about the
   algorithm that was guessed. */
void guess_learn(struct verification *verification, const struct verify_job *job);

/* verify_guess.c: whether a file may differ only because the algorithm is another one. */
bool guess_is_doubtful(const struct verification *verification, const struct verify_job *job);

/* verify_guess.c: no digest holds. Leave a file that is doubtful undecided. */
void guess_give_up(const struct verification *verification, struct verify_job *job);

/* verify_moves.c: a job was made. If there are missing and extra files, extra files will be hashed
   after the walk: until then progress must not show the total as final. */
void moves_expect(struct verification *verification, const struct verify_job *job);

/* verify_moves.c: hold the job of a missing or extra file until the end of the walk. False: it is
   not held, report it now. */
bool moves_hold(struct verification *verification, struct verify_job *job);

/* verify_moves.c: after the walk, find for each missing file an extra file with its content. 0 or
   SSUM_ERR_CANCELLED. */
int moves_find(struct verification *verification);

#endif
