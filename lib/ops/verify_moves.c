/* SPDX-License-Identifier: MIT */
/*
 * Files that were moved or renamed. Jobs of missing and extra files are held until the end of the
 * walk. If there are missing and extra files, the extra files are hashed: an extra file with the
 * digests of a missing file has its content. No verdict depends on this. After a failure here some
 * moves are not reported.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "ops/verification.h"

/* The maximum number of missing files that are held, and that of extra files. Others are reported
   at once. */
#define HELD_MAX 4096

/* ---- Jobs that are held ------------------------------------------------------------------ */

/* The first row of a job that has a digest, or NULL. */
static const struct listed *first_digest_row(const struct verification *verification,
					     const struct verify_job *job)
{
	const struct listed *rows = rows_of(verification, job);

	for (size_t i = 0; i < job->row_count; i++)
		if (has_digest(&rows[i]))
			return &rows[i];
	return NULL;
}

/* Whether a job is for a missing file that has a digest, or for an extra file. */
static bool may_be_moved(const struct verification *verification, const struct verify_job *job)
{
	if (job->missing)
		return rows_of(verification, job)->type == SSUM_TYPE_FILE &&
		       first_digest_row(verification, job);
	return !job->row_count && !job->error && job->type == SSUM_TYPE_FILE;
}

void moves_expect(struct verification *verification, const struct verify_job *job)
{
	struct held *held = &verification->held;

	if (!may_be_moved(verification, job))
		return;
	if (job->missing)
		held->expects_missing = true;
	else
		held->expects_extra = true;
	verification->operation.more_follows = held->expects_missing && held->expects_extra;
}

bool moves_hold(struct verification *verification, struct verify_job *job)
{
	struct held *held = &verification->held;
	size_t count = job->missing ? held->missing : held->count - held->missing;

	if (!may_be_moved(verification, job) || count == HELD_MAX ||
	    array_reserve(&held->jobs, &held->capacity, held->count + 1, sizeof(*held->jobs)))
		return false;
	held->jobs[held->count++] = job;
	held->missing += job->missing;
	return true;
}

/* ---- Hashing of extra files -------------------------------------------------------------- */

struct moves_hashing {
	struct verification *verification;
	size_t next; /* of the held jobs */
};

/* The next extra file that may be a missing one, by its length. The length of a missing file may be
   unknown. */
static int moves_next_extra(void *user, struct span **span)
{
	struct moves_hashing *hashing = user;
	struct verification *verification = hashing->verification;
	const struct held *held = &verification->held;

	while (hashing->next < held->count) {
		struct verify_job *extra = held->jobs[hashing->next++];
		bool may_be_missing = false;
		int rc;

		for (size_t i = 0; i < held->count && !extra->missing && !may_be_missing; i++) {
			const struct verify_job *missing = held->jobs[i];

			may_be_missing =
				missing->missing && (!missing->expected_length ||
						     missing->expected_length == extra->length);
		}
		if (!may_be_missing)
			continue;
		rc = resumable_set(&extra->hash, &verification->hashing, extra->length);
		if (rc)
			return rc;
		extra->job.span.weight = resumable_due(&extra->hash, extra->length);
		verification->operation.bytes_due += extra->job.span.weight;
		*span = &extra->job.span;
		return 1;
	}
	return 0;
}

static int moves_extra_done(void *user, struct span *span, struct span **follow_up)
{
	struct verification *verification = ((struct moves_hashing *)user)->verification;
	struct verify_job *extra = container_of(span, struct verify_job, job.span);
	uint64_t length;

	if (resumable_done(&extra->hash, &length)) {
		*follow_up = span;
		return 0;
	}
	/* An extra file that cannot be read stays extra. */
	if (span->result)
		return 0;
	extra->is_hashed = true;
	extra->length = length;
	verification->operation.summary.bytes += length;
	return 0;
}

/* verify_entries() frees all jobs that are held. */
static void moves_extra_drop(void *user, struct span *span)
{
	(void)user;
	(void)span;
}

/* ---- Similar names ----------------------------------------------------------------------- */

/* A letter, in lower case, or a digit; or 0 if the character is neither, in ASCII. */
static char skeleton_letter(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c + ('a' - 'A'));
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ? c : '\0';
}

/*
 * The part of a path that file systems and archives do not change (by encodings, Unicode forms,
 * case, percent-encoding): ASCII letters, in lower case, digits and slashes. Unrelated names may
 * have the same skeleton, but skeletons only choose among files that have the same content.
 */
static char *name_skeleton(const char *name)
{
	char *skeleton = malloc(strlen(name) + 1), *to = skeleton;
	bool after_mark = false;

	for (; skeleton && *name; name++) {
		const unsigned char *bytes = (const unsigned char *)name;
		unsigned char byte = 0;
		char c = *name;

		if (c == '%' && hex_decode(name + 1, 1, &byte) && byte) {
			c = (char)byte;
			name += 2;
		}
		char kept = c == '/' ? c : skeleton_letter(c);
		if (kept) {
			*to++ = kept;
			after_mark = false;
		} else if ((bytes[0] == 0xcc || bytes[0] == 0xcd) && bytes[1] >= 0x80 &&
			   bytes[1] <= 0xbf && !after_mark && to > skeleton && to[-1] != '/') {
			/* A combining mark, U+0300 to U+036F. In a composed name, the mark and the
			   letter before it are one character that is not ASCII. Drop the letter, so
			   that both forms have the same skeleton. */
			to--;
			after_mark = true;
		}
	}
	if (skeleton)
		*to = '\0';
	return skeleton;
}

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Whether the skeleton of a file name has more than its suffix. */
static bool skeleton_has_stem(const char *name)
{
	const char *dot = strrchr(name, '.');
	const char *end = dot && dot != name ? dot : name + strlen(name);

	for (; name < end; name++)
		if (skeleton_letter(*name))
			return true;
	return false;
}

/* ---- Pairs of a missing and an extra file ------------------------------------------------ */

/* A file that may belong to a pair. */
struct move_candidate {
	struct verify_job *job;
	const unsigned char *digest; /* all candidates have digests by the same algorithm */
	const char *base;            /* the last component of the path */
	char *skeleton;              /* of the path */
	const char *skeleton_base;
	size_t order; /* in which they were added */
	bool is_paired;
};

/* How similar two names are, the most similar first. */
enum likeness { SAME_SKELETON, SAME_BASE, SAME_SKELETON_BASE, ANY_NAMES, LIKENESSES };

struct move_candidates {
	const struct verification *verification;
	struct move_candidate *rows;
	size_t count, capacity;
	size_t digest_length;
	enum likeness likeness; /* of this round */
};

static int move_candidate_add(struct move_candidates *candidates, struct verify_job *job,
			      const void *digest)
{
	struct move_candidate *row;
	int rc = array_reserve(&candidates->rows, &candidates->capacity, candidates->count + 1,
			       sizeof(*row));

	if (rc)
		return rc;
	row = &candidates->rows[candidates->count];
	*row = (struct move_candidate){.job = job,
				       .digest = digest,
				       .base = last_component(job->job.path),
				       .skeleton = name_skeleton(job->job.path),
				       .order = candidates->count};
	if (!row->skeleton)
		return -ENOMEM;
	row->skeleton_base = last_component(row->skeleton);
	candidates->count++;
	return 0;
}

/* 0 if two candidates are in one group: the same digest, and names that are as similar as this
   round requires. */
static int move_candidate_group_order(const struct move_candidate *a,
				      const struct move_candidate *b,
				      const struct move_candidates *candidates)
{
	int order = (int)a->is_paired - (int)b->is_paired;

	if (!order)
		order = memcmp(a->digest, b->digest, candidates->digest_length);
	if (order)
		return order;
	switch (candidates->likeness) {
	case SAME_SKELETON:
		return strcmp(a->skeleton, b->skeleton);
	case SAME_BASE:
		return strcmp(a->base, b->base);
	case SAME_SKELETON_BASE:
		return strcmp(a->skeleton_base, b->skeleton_base);
	default:
		return 0;
	}
}

/* By group; in a group the missing files come first. */
static int move_candidate_order(const void *left, const void *right, void *candidates)
{
	const struct move_candidate *a = left, *b = right;
	int order = move_candidate_group_order(a, b, candidates);

	if (order)
		return order;
	if (a->job->missing != b->job->missing)
		return a->job->missing ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static bool move_candidates_may_pair(const struct move_candidates *candidates,
				     const struct move_candidate *missing,
				     const struct move_candidate *extra)
{
	const struct manifests *manifests = &candidates->verification->manifests;
	const struct verify_job *gone = missing->job, *there = extra->job;
	const struct listed *rows = rows_of(candidates->verification, gone);

	/* All empty files have the same content, so their names must be similar. */
	if (!there->length && candidates->likeness != SAME_BASE &&
	    (candidates->likeness != SAME_SKELETON || !skeleton_has_stem(missing->base) ||
	     !skeleton_has_stem(extra->base)))
		return false;
	/* Every row of the missing file must hold for the extra file. */
	for (size_t i = 0; i < gone->row_count; i++) {
		const struct ssum_digest digest = row_digest(manifests, gone->row + i);

		if (rows[i].type != SSUM_TYPE_FILE || !has_listed_length(&rows[i], there->length) ||
		    (digest.length &&
		     !ssum_digest_equal(&digest, &there->digests[rows[i].algorithm])))
			return false;
	}
	return true;
}

/* Pair the candidates, each at most once: those with the most similar names first, and among these
   in the order in which they were added. */
static void move_candidates_pair(struct move_candidates *candidates)
{
	struct move_candidate *rows = candidates->rows;

	for (int likeness = 0; likeness < LIKENESSES && candidates->count; likeness++) {
		size_t first = 0;

		candidates->likeness = (enum likeness)likeness;
		qsort_r(rows, candidates->count, sizeof(*rows), move_candidate_order, candidates);
		while (first < candidates->count && !rows[first].is_paired) {
			size_t missing = first, extra = first, end = first + 1;

			while (end < candidates->count &&
			       !move_candidate_group_order(&rows[first], &rows[end], candidates))
				end++;
			while (extra < end && rows[extra].job->missing)
				extra++;
			for (; missing < end && rows[missing].job->missing && extra < end;
			     missing++) {
				struct verify_job *gone = rows[missing].job,
						  *there = rows[extra].job;

				if (!move_candidates_may_pair(candidates, &rows[missing],
							      &rows[extra]))
					continue;
				rows[missing].is_paired = rows[extra].is_paired = true;
				gone->result.moved = there->job.path;
				gone->result.expected_length = there->length;
				there->result.moved = gone->job.path;
				extra++;
			}
			first = end;
		}
	}
}

/* Pair the missing files whose first digest is by this algorithm. 0 or -ENOMEM. */
static int moves_pair(const struct verification *verification, size_t algorithm)
{
	const struct manifests *manifests = &verification->manifests;
	const struct held *held = &verification->held;
	struct move_candidates candidates = {
		.verification = verification,
		.digest_length = manifests->algorithms.rows[algorithm].digest_length,
	};
	int rc = 0;

	for (size_t i = 0; i < held->count && !rc; i++) {
		struct verify_job *job = held->jobs[i];
		const struct listed *row =
			job->missing ? first_digest_row(verification, job) : NULL;

		if (job->result.moved)
			continue;
		if (row && row->algorithm == algorithm)
			rc = move_candidate_add(
				&candidates, job,
				listed_target(&manifests->listing,
					      (size_t)(row - manifests->listing.rows)));
		else if (!row && job->is_hashed)
			rc = move_candidate_add(&candidates, job, job->digests[algorithm].bytes);
	}
	if (!rc)
		move_candidates_pair(&candidates);
	for (size_t i = 0; i < candidates.count; i++)
		free(candidates.rows[i].skeleton);
	free(candidates.rows);
	return rc;
}

int moves_find(struct verification *verification)
{
	const struct held *held = &verification->held;
	struct moves_hashing hashing = {.verification = verification};
	const struct pool_client client = {.next = moves_next_extra,
					   .done = moves_extra_done,
					   .drop = moves_extra_drop,
					   .user = &hashing,
					   .files = 1};
	int rc;

	verification->operation.more_follows = false;
	if (!held->missing || held->missing == held->count)
		return 0;
	verification->operation.bytes_of_earlier_runs = verification->operation.bytes_due;
	rc = operation_run(&verification->operation, client);
	for (size_t i = 0; i < verification->manifests.algorithms.count && !rc; i++)
		rc = moves_pair(verification, i);
	return rc == SSUM_ERR_CANCELLED ? rc : 0;
}
