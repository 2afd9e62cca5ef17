/* SPDX-License-Identifier: MIT */
/* Verification of a file by segments, where there are checkpoints beside its manifests. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ops/verification.h"

/* ---- Checkpoints that were left aside ---- */

/* `path` is theirs, or the file that they should have been of. */
static int report_trouble(struct verification *verification, const char *path, const char *file,
			  uint64_t line, int error)
{
	struct ssum_report report = {
		.kind = SSUM_REPORT_CHECKPOINTS,
		.verdict = SSUM_BAD_LINE,
		.error = error,
		.path = path,
		.manifest = file,
		.line = line,
	};

	return operation_report(&verification->operation, &report);
}

int report_checkpoint_files(struct verification *verification)
{
	int rc = 0;

	for (size_t i = 0; i < verification->manifests.count && !rc; i++) {
		struct checkpoint_file *file = &verification->manifests.rows[i].checkpoints;

		if (file->trouble)
			rc = report_trouble(verification, file->path, file->path, file->line,
					    file->trouble);
		file->trouble = 0;
	}
	return rc;
}

/* ---- Cutting ---- */

static const unsigned char *listed_digest(const struct manifests *manifests, size_t row)
{
	return (const unsigned char *)listed_target(&manifests->listing, row);
}

static bool belongs_to(const struct ssum_checkpoints *checkpoints,
		       const struct algorithm *algorithm, const unsigned char *listed)
{
	struct ssum_digest digest = {.length = algorithm->digest_length};

	memcpy(digest.bytes, listed, digest.length);
	return checkpoints_are_of(checkpoints, algorithm, &digest);
}

/* The checkpoints that stand beside one of the manifests, if they are of the file that it lists.
 *found is the caller's, or NULL. */
static int find_checkpoints(struct verification *verification, const struct verify_job *job,
			    size_t row, struct ssum_checkpoints **found)
{
	struct manifests *manifests = &verification->manifests;
	struct package_manifest *manifest = &manifests->rows[manifests->listing.rows[row].manifest];
	const unsigned char *digest = listed_digest(manifests, row);
	int rc = checkpoint_file_find(&manifest->checkpoints, job->job.path, found);

	if (rc || !*found ||
	    belongs_to(*found, &manifests->algorithms.rows[manifests->listing.rows[row].algorithm],
		       digest))
		return rc;
	ssum_checkpoints_free(*found);
	*found = NULL;
	return report_trouble(verification, job->job.path, manifest->checkpoints.path, 0,
			      SSUM_ERR_CHECKPOINTS);
}

/* Each algorithm once: the first that is found. */
static int find_all(struct verification *verification, const struct verify_job *job,
		    struct ssum_checkpoints **all)
{
	const struct manifests *manifests = &verification->manifests;
	int rc = 0;

	for (size_t i = 0; i < job->row_count && !rc; i++) {
		const struct listed *listed = &manifests->listing.rows[job->row + i];
		size_t algorithm = listed->algorithm;
		struct ssum_checkpoints *found = NULL;

		if (!has_digest(listed))
			continue;
		rc = find_checkpoints(verification, job, job->row + i, &found);
		if (all[algorithm])
			ssum_checkpoints_free(found);
		else
			all[algorithm] = found;
	}
	return rc;
}

/* Of two manifests with the same algorithm one may list another digest. What the segments come to
   then says nothing about it, and the file is read in one chain. */
static bool fit_all_rows(const struct verification *verification, const struct verify_job *job,
			 struct ssum_checkpoints *const all[])
{
	const struct manifests *manifests = &verification->manifests;

	for (size_t i = 0; i < job->row_count; i++) {
		const struct listed *listed = &manifests->listing.rows[job->row + i];

		if (has_digest(listed) &&
		    !belongs_to(all[listed->algorithm],
				&manifests->algorithms.rows[listed->algorithm],
				listed_digest(manifests, job->row + i)))
			return false;
	}
	return true;
}

/* Segments are cut at the same offsets for all algorithms. */
static bool are_complete(struct ssum_checkpoints *const all[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!all[i] || all[i]->interval != all[0]->interval ||
		    all[i]->length != all[0]->length)
			return false;
	return true;
}

static void free_all(struct ssum_checkpoints **all, size_t count)
{
	for (size_t i = 0; all && i < count; i++)
		ssum_checkpoints_free(all[i]);
	free(all);
}

/* What an interrupted run has found to hold need not be gone through again, as long as what it came
   to is what these checkpoints say: a journal vouches for data, not for checkpoints. */
static void skip_known(struct verify_job *job, const struct journal_entry *entry,
		       const struct algorithms *algorithms)
{
	struct segments *all = job->segments;
	size_t count = entry ? entry->parts : 0;
	struct ssum_digest value, listed;

	if (count > all->judgement.count - 1)
		count = all->judgement.count - 1;
	if (!count || entry->interval != all->checkpoints[0]->interval)
		return;
	for (size_t i = 0; i < algorithms->count; i++) {
		journal_entry_value(entry, count, algorithms, i, &value);
		checkpoints_value(all->checkpoints[i], count, &listed);
		if (!ssum_digest_equal(&listed, &value))
			return;
	}
	segments_skip(all, count, &entry->identity);
	job->kept_parts = entry->parts;
	job->kept = resume_file_of(entry);
}

int cut_into_segments(struct verification *verification, struct verify_job *job)
{
	const struct algorithms *algorithms = &verification->manifests.algorithms;
	const struct journal_entry *entry =
		resume_find(&verification->resume, verification->root, job->job.path);
	struct ssum_checkpoints **all =
		calloc(algorithms->count, sizeof(struct ssum_checkpoints *));
	int rc = all ? find_all(verification, job, all) : -ENOMEM;

	if (!rc)
		rc = report_checkpoint_files(verification);
	if (!rc && !(entry && entry->done) && are_complete(all, algorithms->count) &&
	    fit_all_rows(verification, job, all)) {
		job->segments = segments_new(algorithms, all, job->length);
		rc = job->segments ? 0 : -ENOMEM;
	}
	if (!job->segments) {
		free_all(all, algorithms->count);
		return rc;
	}
	operation_source(&verification->operation, &job->segments->file.file, verification->root,
			 job->job.path);
	skip_known(job, entry, algorithms);
	return 0;
}

int find_expected_length(struct verification *verification, struct verify_job *job)
{
	struct ssum_checkpoints *found = NULL;
	int rc = 0;

	for (size_t i = 0; i < job->row_count && !rc && !found; i++) {
		const struct listed *listed = &rows_of(verification, job)[i];

		if (has_digest(listed))
			rc = find_checkpoints(verification, job, job->row + i, &found);
		if (listed->length != SSUM_LENGTH_UNKNOWN)
			job->expected_length = listed->length;
	}
	if (found)
		job->expected_length = found->length;
	ssum_checkpoints_free(found);
	return rc ? rc : report_checkpoint_files(verification);
}

/* ---- Segments that are through ---- */

/* The checkpoints did not fit, though the data do. */
static int report_wrong(struct verification *verification, const struct verify_job *job)
{
	const struct manifests *manifests = &verification->manifests;
	size_t manifest = rows_of(verification, job)->manifest;

	return report_trouble(verification, job->job.path,
			      manifests->rows[manifest].checkpoints.path, 0, SSUM_ERR_CHECKPOINTS);
}

/* Segments that hold from the first on are kept as what one chain would have come to. */
static int keep_progress(struct verification *verification, struct verify_job *job)
{
	struct segments *segments = job->segments;
	size_t algorithms = verification->manifests.algorithms.count;
	size_t proven = segments_proven(segments);
	struct ssum_digest *values;

	if (!verification->resume.path || segments->result || job->kept_parts >= proven)
		return 0;
	values = calloc(algorithms, sizeof(*values));
	if (!values)
		return -ENOMEM;
	for (size_t part = job->kept_parts + 1; part <= proven; part++) {
		bool is_last = part == segments->judgement.count;

		for (size_t i = 0; i < algorithms; i++) {
			values[i] = segments->checkpoints[i]->digest;
			if (!is_last)
				checkpoints_value(segments->checkpoints[i], part, &values[i]);
		}
		resume_note(&verification->resume, &job->kept, &segments->file.first, job->job.path,
			    is_last ? JOURNAL_DONE : part * segments->checkpoints[0]->interval,
			    values);
	}
	job->kept_parts = proven;
	free(values);
	return 0;
}

/* What changed is read in one chain, as often as that takes. */
static int read_whole(struct verification *verification, struct verify_job *job,
		      struct span **instead)
{
	int rc = resumable_set(&job->hash, &verification->hashing, job->length);

	segments_free(job->segments);
	job->segments = NULL;
	*instead = rc ? NULL : &job->job.span;
	return rc;
}

int segment_done(struct verification *verification, struct verify_job *job, struct span *span,
		 struct span **instead)
{
	struct segments *segments = job->segments;
	int rc = segments_done(segments, span, instead);

	job->parts -= !*instead;
	if (!rc)
		rc = keep_progress(verification, job);
	if (rc || !segments->finished)
		return rc;
	if (segments->result == SSUM_ERR_CHANGED)
		return read_whole(verification, job, instead);
	return segments->wrong ? report_wrong(verification, job) : 0;
}
