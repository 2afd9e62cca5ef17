/* SPDX-License-Identifier: MIT */
/* Verification of a file by segments, if its manifests have checkpoints for it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ops/verification.h"

/* ---- Checkpoints that are not used ------------------------------------------------------- */

/* path: of the checkpoint file, or of the file that the checkpoints should be for. */
static int report_checkpoints(struct verification *verification, const char *path,
			      const struct checkpoint_file *file, uint64_t line, int error)
{
	struct ssum_report report = {
		.kind = SSUM_REPORT_CHECKPOINTS,
		.verdict = SSUM_BAD_LINE,
		.error = error,
		.path = path,
		.manifest = file->path,
		.line = line,
	};

	return operation_report(&verification->operation, &report);
}

int report_checkpoint_files(struct verification *verification)
{
	int rc = 0;

	for (size_t i = 0; i < verification->manifests.count && !rc; i++) {
		struct checkpoint_file *file = &verification->manifests.rows[i].checkpoints;

		if (file->error)
			rc = report_checkpoints(verification, file->path, file, file->line,
						file->error);
		file->error = 0; /* reported once */
	}
	return rc;
}

/* ---- Checkpoints of a file --------------------------------------------------------------- */

static bool checkpoints_fit_row(const struct ssum_checkpoints *checkpoints,
				const struct manifests *manifests, size_t row)
{
	const struct ssum_digest digest = row_digest(manifests, row);
	size_t algorithm = manifests->listing.rows[row].algorithm;

	return checkpoints_are_of(checkpoints, &manifests->algorithms.rows[algorithm], &digest);
}

/* Find the checkpoints for the digest in a row, in the file next to its manifest. *found is owned
   by the caller, and NULL if there are none. 0 or a code. */
static int find_row_checkpoints(struct verification *verification, const struct verify_job *job,
				size_t row, struct ssum_checkpoints **found)
{
	struct manifests *manifests = &verification->manifests;
	struct checkpoint_file *file =
		&manifests->rows[manifests->listing.rows[row].manifest].checkpoints;
	int rc = checkpoint_file_find(file, job->job.path, found);

	if (rc || !*found || checkpoints_fit_row(*found, manifests, row))
		return rc;
	ssum_checkpoints_free(*found);
	*found = NULL;
	return report_checkpoints(verification, job->job.path, file, 0, SSUM_ERR_CHECKPOINTS);
}

int find_expected_length(struct verification *verification, struct verify_job *job)
{
	struct ssum_checkpoints *found = NULL;
	int rc = 0;

	for (size_t i = 0; i < job->row_count && !rc && !found; i++) {
		const struct listed *listed = &rows_of(verification, job)[i];

		if (has_digest(listed))
			rc = find_row_checkpoints(verification, job, job->row + i, &found);
		if (listed->length != SSUM_LENGTH_UNKNOWN)
			job->expected_length = listed->length;
	}
	if (found)
		job->expected_length = found->length;
	ssum_checkpoints_free(found);
	return rc ? rc : report_checkpoint_files(verification);
}

/* ---- Dividing ---------------------------------------------------------------------------- */

/* Skip the first segments if an interrupted run has hashed them. Its journal has the chaining
   values of the data, which may differ from the checkpoints, so compare them. */
static void skip_known_segments(struct verify_job *job, const struct journal_entry *entry,
				const struct algorithms *algorithms)
{
	struct segments *segments = job->segments;
	size_t count = entry ? entry->parts : 0;
	struct ssum_digest value, listed;

	/* The journal has chaining values, but the last segment ends in a digest. */
	if (count > segments->judgement.count - 1)
		count = segments->judgement.count - 1;
	if (!count || entry->interval != segments->judgement.checkpoints[0]->interval)
		return;
	for (size_t i = 0; i < algorithms->count; i++) {
		journal_entry_value(entry, count, algorithms, i, &value);
		checkpoints_value(segments->judgement.checkpoints[i], count, &listed);
		if (!ssum_digest_equal(&listed, &value))
			return;
	}
	segments_skip(segments, count, &entry->identity);
	job->kept_segments = entry->parts;
	job->kept = resume_file_of(entry);
}

int divide_into_segments(struct verification *verification, struct verify_job *job)
{
	const struct manifests *manifests = &verification->manifests;
	const struct algorithms *algorithms = &manifests->algorithms;
	const struct journal_entry *entry =
		resume_find(&verification->resume, verification->root, job->job.path);
	struct ssum_checkpoints **all = calloc(algorithms->count, sizeof(*all));
	bool usable = true;
	int rc = all ? 0 : -ENOMEM;

	/* Of each algorithm, take the first checkpoints. */
	for (size_t row = job->row; row < job->row + job->row_count && !rc; row++) {
		const struct listed *listed = &manifests->listing.rows[row];
		struct ssum_checkpoints *found = NULL;

		if (has_digest(listed))
			rc = find_row_checkpoints(verification, job, row, &found);
		if (found && !all[listed->algorithm])
			all[listed->algorithm] = found;
		else
			ssum_checkpoints_free(found);
	}
	if (!rc)
		rc = report_checkpoint_files(verification);
	if (rc)
		goto out;

	/* Segments must be the same for all algorithms. */
	for (size_t i = 0; i < algorithms->count && usable; i++)
		usable = all[i] && all[i]->interval == all[0]->interval &&
			 all[i]->length == all[0]->length;
	/* Another manifest may list another digest by the same algorithm. The segments have no
	   values for that digest, so the file has to be read in one chain. */
	for (size_t row = job->row; row < job->row + job->row_count && usable; row++) {
		const struct listed *listed = &manifests->listing.rows[row];

		usable = !has_digest(listed) ||
			 checkpoints_fit_row(all[listed->algorithm], manifests, row);
	}
	/* A file that an interrupted run has hashed to its end is not read again. */
	if (!usable || (entry && entry->done))
		goto out;
	job->segments = segments_new(algorithms, all, job->length);
	if (!job->segments) {
		rc = -ENOMEM;
		goto out;
	}
	operation_source(&verification->operation, &job->segments->file.file, verification->root,
			 job->job.path);
	skip_known_segments(job, entry, algorithms);
	return 0;
out:
	for (size_t i = 0; all && i < algorithms->count; i++)
		ssum_checkpoints_free(all[i]);
	free(all);
	return rc;
}

/* ---- Segments that were read ------------------------------------------------------------- */

/* Record in the journal the segments that hold, from the first segment to the last one before the
   first failure, as if one chain had hashed them. 0 or -ENOMEM. */
static int keep_segments(struct verification *verification, struct verify_job *job)
{
	struct segments *segments = job->segments;
	size_t algorithms = verification->manifests.algorithms.count;
	size_t proven = judgement_proven(&segments->judgement);
	struct ssum_digest *values;

	/* A file that is longer than listed has another digest. */
	if (segments->length > segments->judgement.length && proven == segments->judgement.count)
		proven--;
	if (!verification->resume.path || segments->result || segments->read_twice ||
	    job->kept_segments >= proven)
		return 0;
	values = calloc(algorithms, sizeof(*values));
	if (!values)
		return -ENOMEM;
	for (size_t end = job->kept_segments + 1; end <= proven; end++) {
		bool is_last = end == segments->judgement.count;

		for (size_t i = 0; i < algorithms; i++) {
			values[i] = segments->judgement.checkpoints[i]->digest;
			if (!is_last)
				checkpoints_value(segments->judgement.checkpoints[i], end,
						  &values[i]);
		}
		resume_note(&verification->resume, &job->kept, &segments->file.first, job->job.path,
			    is_last ? JOURNAL_DONE
				    : end * segments->judgement.checkpoints[0]->interval,
			    values);
	}
	job->kept_segments = proven;
	free(values);
	return 0;
}

int segment_returned(struct verification *verification, struct verify_job *job, struct span *span,
		     struct span **follow_up)
{
	const struct manifests *manifests = &verification->manifests;
	struct segments *segments = job->segments;
	int rc = segments_done(segments, span, follow_up);

	if (!rc)
		rc = keep_segments(verification, job);
	if (rc || !segments_finished(segments))
		return rc;
	if (segments->result == SSUM_ERR_CHANGED) {
		/* The file changed between two segments. Read it in one chain, which begins again
		   as often as the file changes. */
		segments_free(segments);
		job->segments = NULL;
		rc = resumable_set(&job->hash, &verification->hashing, job->length);
		*follow_up = rc ? NULL : &job->job.span;
	} else if (segments->has_wrong_checkpoints) {
		rc = report_checkpoints(
			verification, job->job.path,
			&manifests->rows[rows_of(verification, job)->manifest].checkpoints, 0,
			SSUM_ERR_CHECKPOINTS);
	}
	return rc;
}
