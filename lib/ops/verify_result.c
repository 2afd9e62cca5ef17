/* SPDX-License-Identifier: MIT */
/* The judgement of an entry, and its report. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/opening.h"
#include "ops/verification.h"

struct ssum_digest row_digest(const struct manifests *manifests, size_t row)
{
	const struct listed *listed = &manifests->listing.rows[row];
	struct ssum_digest digest = {0};

	if (has_digest(listed)) {
		digest.length = manifests->algorithms.rows[listed->algorithm].digest_length;
		memcpy(digest.bytes, listed_target(&manifests->listing, row), digest.length);
	}
	return digest;
}

/* Whether an entry agrees with one row. *found is the digest of the file if it is known. */
static bool row_holds(const struct verification *verification, const struct verify_job *job,
		      size_t row, const struct ssum_digest *expected, struct ssum_digest *found)
{
	const struct listing *listing = &verification->manifests.listing;
	const struct listed *listed = &listing->rows[row];

	*found = (struct ssum_digest){0};
	if (listed->type != job->type || !has_listed_length(listed, job->length))
		return false;
	if (listed->type == SSUM_TYPE_SYMLINK)
		return !listed->has_target || !strcmp(listed_target(listing, row), job->target);
	/* A file that has a listed digest and was not read: another of its rows lists another
	   length. That row decides. */
	if (!expected->length || !job->is_read)
		return true;
	if (job->segments) {
		/* Segments prove a difference without the digest of the file. */
		if (segments_differ(job->segments, listed->algorithm))
			return false;
		*found = *expected;
		return true;
	}
	*found = job->digests[listed->algorithm];
	return ssum_digest_equal(expected, found);
}

/* Whether the file at a path is the manifest of a row, under this or another name. */
static bool is_manifest_of_row(const struct verification *verification, const char *path,
			       size_t row)
{
	const struct manifests *manifests = &verification->manifests;
	const struct stat *manifest = &manifests->rows[manifests->listing.rows[row].manifest].st;
	int fd = beneath_open(verification->root, path, O_PATH);
	struct stat st;
	bool is = fd >= 0 && !fstat(fd, &st) && st.st_ino == manifest->st_ino &&
		  st.st_dev == manifest->st_dev;

	if (fd >= 0)
		close(fd);
	return is;
}

void result_make(const struct verification *verification, struct verify_job *job)
{
	const struct manifests *manifests = &verification->manifests;
	const struct ssum_tree_entry entry = {.path = job->job.path, .type = job->type};
	const struct package_manifest *lacking;
	struct entry_result *result = &job->result;
	int error = job->error      ? job->error
		    : job->segments ? job->segments->result
				    : job->job.span.result;
	bool is_judged = !error && !job->missing;

	*result = (struct entry_result){.expected_length = job->expected_length};
	if (!is_judged) {
		result->verdict = job->missing ? SSUM_MISSING : verdict_of_error(error);
		result->error = error;
	}

	/* The first row that does not hold decides. If the entry could not be judged, the first row
	   has the expected content. */
	for (size_t row = job->row; row < job->row + job->row_count; row++) {
		const struct listed *listed = &manifests->listing.rows[row];
		const struct package_manifest *manifest = &manifests->rows[listed->manifest];
		struct ssum_digest expected = row_digest(manifests, row), found = {0};
		bool holds = is_judged && row_holds(verification, job, row, &expected, &found);

		if (holds && found.length && !result->agreeing)
			result->agreeing = manifest;
		if (result->verdict != SSUM_HOLDS && (is_judged || row > job->row))
			continue;
		result->row = row;
		result->manifest = manifest;
		result->expected = expected;
		result->found = found;
		if (listed->type == SSUM_TYPE_FILE && listed->length != SSUM_LENGTH_UNKNOWN)
			result->expected_length = listed->length;
		if (is_judged && listed->type == SSUM_TYPE_FILE && job->segments)
			result->expected_length =
				job->segments->judgement.checkpoints[listed->algorithm]->length;
		if (is_judged && !holds) {
			result->verdict = SSUM_DIFFERS;
			result->lists_itself = is_manifest_of_row(verification, job->job.path, row);
		}
	}
	if (result->verdict != SSUM_HOLDS)
		return;

	/* The entry must be listed in every manifest that has to list its path. That it is not is
	   proven only if all lines of the manifest could be read. */
	lacking = manifest_without(manifests, rows_of(verification, job), job->row_count, &entry);
	if (lacking || !job->row_count) {
		bool is_incomplete = lacking ? lacking->is_incomplete : manifests->is_incomplete;

		if (!lacking && manifests->count == 1)
			lacking = manifests->rows;
		result->verdict = is_incomplete ? SSUM_UNDECIDED : SSUM_EXTRA;
		result->manifest = lacking;
	}
}

int result_report(struct verification *verification, struct verify_job *job)
{
	const struct manifests *manifests = &verification->manifests;
	const struct entry_result *result = &job->result;
	const struct listed *row = job->row_count ? &manifests->listing.rows[result->row] : NULL;
	struct operation *operation = &verification->operation;
	struct ssum_report report = {
		.kind = SSUM_REPORT_ENTRY,
		.verdict = result->verdict,
		.error = result->error,
		.path = job->job.path,
		.manifest = result->manifest ? result->manifest->path : NULL,
		.line = row && result->verdict != SSUM_EXTRA &&
					(result->verdict != SSUM_UNDECIDED || result->error)
				? row->line
				: 0,
		.expected.length = result->expected_length,
		.found = {.type = job->type,
			  .length = job->length,
			  .digest = result->found.length ? &result->found : NULL},
		.explanation = result->explanation,
		.moved = result->moved,
		.lists_itself = result->lists_itself,
		.changes = result->error == SSUM_ERR_CHANGED ? job->job.span.changes : 0,
		.read_twice = !result->error && (job->segments ? job->segments->read_twice
							       : job->job.span.read_twice),
		.other_name = job->other_name,
		.other_is_listed =
			job->other_name && listing_has(&manifests->listing, job->other_name),
	};
	struct bytes damaged = {0}; /* an array of struct ssum_range */
	struct bytes zeros = {0};   /* an array of struct ssum_zeros */
	struct ssum_range range;
	size_t index = 0;
	int rc = 0;

	if (row) {
		report.expected.type = (enum ssum_type)row->type;
		if (result->expected.length) {
			report.algorithm = manifests->algorithms.rows[row->algorithm].name;
			report.expected.digest = &result->expected;
		}
		if (row->type == SSUM_TYPE_SYMLINK) {
			report.found.target = job->target;
			if (row->has_target)
				report.expected.target =
					listed_target(&manifests->listing, result->row);
		}
	}
	while (job->segments && result->verdict == SSUM_DIFFERS && !rc &&
	       segments_next_damaged(job->segments, &index, &range)) {
		rc = bytes_append(&damaged, &range, sizeof(range));
		if (!rc)
			rc = segments_zeros(job->segments, &range, &zeros);
	}
	report.damaged = (const struct ssum_range *)damaged.data;
	report.damaged_count = damaged.length / sizeof(range);
	report.zeros = (const struct ssum_zeros *)zeros.data;
	report.zeros_count = zeros.length / sizeof(*report.zeros);
	/* A longer file may also be another entry that begins like this one. */
	if (result->explanation && result->explanation->cause == SSUM_CAUSE_LONGER)
		report.surplus = result->explanation->count;
	else if (!result->explanation && job->segments && result->verdict == SSUM_DIFFERS)
		report.surplus = segments_surplus(job->segments);

	operation->summary.bytes += job->is_read ? job->length : 0;
	operation->summary.resumed += job->segments ? job->segments->skipped : job->job.span.start;
	operation->files_done++;
	if (!rc)
		rc = operation_report(operation, &report);
	bytes_free(&damaged);
	bytes_free(&zeros);
	return rc;
}
