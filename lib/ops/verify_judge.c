/* SPDX-License-Identifier: MIT */
/* The verdicts of a verification, and what is told of them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/opening.h"
#include "ops/verification.h"

/* The digests of a report. */
struct digests {
	struct ssum_digest expected, found;
};

/* What a row of the listing expects. */
static void tell_row(const struct verification *verification, size_t row,
		     struct ssum_report *report, struct digests *digests)
{
	const struct manifests *manifests = &verification->manifests;
	const struct listed *listed = &manifests->listing.rows[row];
	const struct package_manifest *manifest = &manifests->rows[listed->manifest];
	const char *target = listed_target(&manifests->listing, row);

	report->expected.type = (enum ssum_type)listed->type;
	report->manifest = manifest->path;
	report->line = listed->line;
	report->algorithm = NULL;
	report->expected.digest = report->found.digest = NULL;
	report->expected.target = report->found.target = NULL;
	if (listed->type == SSUM_TYPE_FILE && listed->length != SSUM_LENGTH_UNKNOWN)
		report->expected.length = listed->length;
	if (listed->type == SSUM_TYPE_SYMLINK && listed->has_target) {
		report->expected.target = target;
	} else if (has_digest(listed)) {
		const struct algorithm *algorithm = &manifests->algorithms.rows[listed->algorithm];

		report->algorithm = algorithm->name;
		digests->expected = (struct ssum_digest){.length = algorithm->digest_length};
		memcpy(digests->expected.bytes, target, algorithm->digest_length);
		report->expected.digest = &digests->expected;
	}
}

/* The digest of what differs was not needed to know that it does. */
static void judge_segments(const struct verify_job *job, size_t algorithm,
			   struct ssum_report *report)
{
	report->expected.length = job->segments->checkpoints[algorithm]->length;
	if (job->segments->differs[algorithm])
		report->verdict = SSUM_DIFFERS;
	else
		report->found.digest = report->expected.digest;
}

/* What was found, against what tell_row() has said. */
static void judge_row(const struct verification *verification, const struct verify_job *job,
		      size_t row, struct ssum_report *report, struct digests *digests)
{
	const struct listed *listed = &verification->manifests.listing.rows[row];

	report->verdict = SSUM_HOLDS;
	if (report->expected.type != job->type || !has_listed_length(listed, job->length)) {
		report->verdict = SSUM_DIFFERS;
		return;
	}
	if (job->segments) {
		judge_segments(job, listed->algorithm, report);
		return;
	}
	/* What is not read has another length than some other row says, which will be told. */
	if (has_digest(listed) && job->is_read) {
		digests->found = job->digests[listed->algorithm];
		report->found.digest = &digests->found;
		if (!ssum_digest_equal(&digests->expected, &digests->found))
			report->verdict = SSUM_DIFFERS;
	} else if (job->type == SSUM_TYPE_SYMLINK) {
		report->found.target = job->target;
		if (report->expected.target && job->target &&
		    strcmp(report->expected.target, job->target))
			report->verdict = SSUM_DIFFERS;
	}
}

/* Whether what stands under a name is the manifest that lists it: by that name or by another. */
static bool is_manifest(const struct verification *verification, const struct verify_job *job,
			size_t row)
{
	const struct manifests *manifests = &verification->manifests;
	const struct stat *manifest = &manifests->rows[manifests->listing.rows[row].manifest].st;
	int fd = beneath_open(verification->root, job->job.path, O_PATH);
	struct stat st;
	bool is = fd >= 0 && !fstat(fd, &st) && st.st_ino == manifest->st_ino &&
		  st.st_dev == manifest->st_dev;

	if (fd >= 0)
		close(fd);
	return is;
}

/* What is not listed, or not by each that should. */
static void judge_coverage(const struct verification *verification, const struct verify_job *job,
			   struct ssum_report *report)
{
	const struct ssum_tree_entry entry = {.path = job->job.path, .type = job->type};
	const struct package_manifest *without = manifest_without(
		&verification->manifests, rows_of(verification, job), job->row_count, &entry);

	if (!without && job->row_count)
		return;
	if (!without && verification->manifests.count == 1)
		without = verification->manifests.rows;
	report->verdict = SSUM_EXTRA;
	report->manifest = without ? without->path : NULL;
	report->line = 0;
}

static void judge(const struct verification *verification, const struct verify_job *job,
		  struct ssum_report *report, struct digests *digests)
{
	int error = job->error      ? job->error
		    : job->segments ? job->segments->result
				    : job->job.span.result;
	bool decided = !error && !job->missing;

	if (!decided) {
		report->verdict = job->missing ? SSUM_MISSING : verdict_of_error(error);
		report->error = error;
		report->moved = job->missing ? job->moved : NULL;
		report->expected.length = job->expected_length;
		if (job->row_count)
			tell_row(verification, job->row, report, digests);
		return;
	}
	for (size_t i = 0; i < job->row_count && report->verdict == SSUM_HOLDS; i++) {
		tell_row(verification, job->row + i, report, digests);
		judge_row(verification, job, job->row + i, report, digests);
		if (report->verdict == SSUM_DIFFERS)
			report->lists_itself = is_manifest(verification, job, job->row + i);
	}

	report->moved = job->moved;
	if (report->verdict == SSUM_HOLDS)
		judge_coverage(verification, job, report);
}

bool differs_by_digest(const struct verification *verification, const struct verify_job *job,
		       const char **algorithm, struct ssum_digest *expected)
{
	struct ssum_report report = {.found.type = job->type};
	struct digests digests;

	judge(verification, job, &report, &digests);
	*algorithm = report.algorithm;
	if (report.expected.digest)
		*expected = digests.expected;
	return report.verdict == SSUM_DIFFERS && report.found.type == SSUM_TYPE_FILE &&
	       report.expected.type == SSUM_TYPE_FILE && report.expected.digest;
}

const char *manifest_that_holds(const struct verification *verification,
				const struct verify_job *job)
{
	for (size_t i = 0; i < job->row_count; i++) {
		struct ssum_report report = {.found.type = job->type};
		struct digests digests;

		tell_row(verification, job->row + i, &report, &digests);
		judge_row(verification, job, job->row + i, &report, &digests);
		if (report.verdict == SSUM_HOLDS && report.expected.digest && report.found.digest)
			return report.manifest;
	}
	return NULL;
}

/* All ranges of a file that are to be fetched again, to be freed; or NULL. */
static int list_damaged(const struct segments *segments, struct ssum_report *report,
			struct ssum_range **ranges)
{
	struct bytes list = {0};
	struct ssum_range range;
	size_t index = 0;
	int rc = 0;

	while (!rc && segments_next_damaged(segments, &index, &range))
		rc = bytes_append(&list, &range, sizeof(range));
	*ranges = (struct ssum_range *)list.data;
	report->damaged = *ranges;
	report->damaged_count = list.length / sizeof(range);
	return rc;
}

int judge_and_report(struct verification *verification, struct verify_job *job)
{
	struct ssum_report report = {
		.path = job->job.path,
		.found = {.type = job->type, .length = job->length},
	};
	struct ssum_range *ranges = NULL;
	struct digests digests;
	int rc = 0;

	judge(verification, job, &report, &digests);
	if (job->segments && report.verdict == SSUM_DIFFERS)
		rc = list_damaged(job->segments, &report, &ranges);
	if (report.verdict == SSUM_DIFFERS)
		report.explanation = explanation_of(verification, job);
	verification->operation.summary.bytes += job->is_read ? job->length : 0;
	verification->operation.summary.resumed +=
		job->segments ? segments_skipped(job->segments) : job->job.span.start;
	operation_done(&verification->operation);
	if (!rc)
		rc = operation_report(&verification->operation, &report);
	free(ranges);
	return rc;
}

int report_manifest(struct verification *verification, const struct package_manifest *row)
{
	const struct ssum_digest *expected = verification->options.content_hash;
	bool applies = expected && expected->length == row->content_hash.length;
	struct ssum_report report = {
		.kind = SSUM_REPORT_MANIFEST,
		.verdict = SSUM_HOLDS,
		.path = row->path,
		.algorithm = verification->manifests.algorithms.rows[row->algorithm].name,
		.found.digest = &row->content_hash,
	};

	if (applies) {
		report.expected.digest = expected;
		if (!ssum_digest_equal(expected, &row->content_hash)) {
			report.verdict = SSUM_DIFFERS;
			verification->content_hash_differs = true;
		}
	}
	return operation_report(&verification->operation, &report);
}
