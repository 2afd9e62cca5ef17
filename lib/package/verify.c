/* SPDX-License-Identifier: MIT */
/* Verification: the walk of a folder meets what its manifests list. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/options.h"
#include "engine/digest_sink.h"
#include "file/beneath.h"
#include "file/file_source.h"
#include "package/manifests.h"
#include "package/tree.h"

struct verification {
	struct operation operation;
	struct ssum_verify_options options;
	int root;
	struct manifests manifests;
	bool content_hash_differs;

	/* Where the merge of listing and walk stands. */
	size_t row;
	struct ssum_tree tree;
	const struct ssum_tree_entry *entry; /* the walk's next, or NULL at its end */
};

/* An entry that is listed, or there, or both. */
struct verify_job {
	struct job job;
	struct file_source file;
	struct digest_sink sink;
	size_t row, row_count; /* of the listing */
	enum ssum_type type;   /* what is there; unknown if nothing is */
	bool missing;
	int error;      /* known before the span runs */
	char *own_path; /* of what is not listed */
	char *target;   /* of a link */
	uint64_t length;
	struct ssum_digest digests[];
};

/* ---- Jobs ---- */

static struct verify_job *job_of(struct span *span)
{
	return container_of(span, struct verify_job, job.span);
}

static void job_free(struct verify_job *job)
{
	free(job->own_path);
	free(job->target);
	free(job);
}

static struct verify_job *job_new(struct verification *verification, size_t row_count,
				  const char *path)
{
	const struct algorithms *algorithms = &verification->manifests.algorithms;
	struct verify_job *job =
		calloc(1, sizeof(*job) + algorithms->count * sizeof(job->digests[0]));

	if (!job)
		return NULL;
	digest_sink_init(&job->sink, algorithms, job->digests);
	job->job.span = (struct span){.sink = &job->sink.sink, .end = SPAN_TO_END};
	job->row = verification->row;
	job->row_count = row_count;
	if (row_count) {
		job->job.path = listed_name(&verification->manifests.listing, job->row);
		return job;
	}
	job->own_path = strdup(path);
	job->job.path = job->own_path;
	if (!job->own_path) {
		job_free(job);
		return NULL;
	}
	return job;
}

static const struct listed *rows_of(const struct verification *verification,
				    const struct verify_job *job)
{
	return &verification->manifests.listing.rows[job->row];
}

static bool is_listed_as(const struct verification *verification, const struct verify_job *job,
			 enum ssum_type type)
{
	const struct listed *rows = rows_of(verification, job);

	for (size_t i = 0; i < job->row_count; i++)
		if (rows[i].type == type)
			return true;
	return false;
}

/* Listed, but the walk did not meet it: that is missing only if it is certain not to be there. */
static void probe(struct verification *verification, struct verify_job *job)
{
	job->error = beneath_look(verification->root, job->job.path, &job->type);
	job->missing = !job->error && job->type == SSUM_TYPE_UNKNOWN;

	/* There after all, as it is listed: it came after the walk had passed. A folder is no such
	   case: the walk goes through those that are not empty. */
	if (!job->error && !job->missing && job->type != SSUM_TYPE_FOLDER &&
	    is_listed_as(verification, job, job->type))
		job->error = SSUM_ERR_CHANGED;
}

/* Listed and there. What is not of the listed type is not opened. */
static void examine(struct verification *verification, struct verify_job *job)
{
	if (job->error || !is_listed_as(verification, job, job->type))
		return;
	if (job->type == SSUM_TYPE_SYMLINK)
		job->error = link_target(verification->root, job->job.path, &job->target);
	if (job->type != SSUM_TYPE_FILE)
		return;
	file_source_beneath(&job->file, verification->root, job->job.path,
			    verification->operation.context->options.holes);
	job->file.devices = &verification->operation.devices;
	job->file.descriptors = verification->operation.descriptors;
	job->job.span.source = &job->file.source;
}

/* ---- The merge ---- */

static int advance_walk(struct verification *verification)
{
	int rc = ssum_tree_next(&verification->tree, &verification->entry);

	if (rc != 1)
		verification->entry = NULL;
	return rc < 0 ? rc : 0;
}

/* Whether what comes next is listed (< 0), there (> 0) or both (0). */
static int next_side(const struct verification *verification)
{
	const struct listing *listing = &verification->manifests.listing;
	const struct ssum_tree_entry *entry = verification->entry;

	if (verification->row == listing->count)
		return 1;
	if (!entry)
		return -1;
	return path_order(listed_name(listing, verification->row),
			  listing->rows[verification->row].type == SSUM_TYPE_FOLDER, entry->path,
			  entry->type == SSUM_TYPE_FOLDER);
}

/* A manifest is no entry, unless one of them lists it. */
static int skip_manifests(struct verification *verification)
{
	int rc = 0;

	while (!rc && verification->entry && next_side(verification) > 0 &&
	       manifest_set_has(&verification->manifests.files, &verification->tree))
		rc = advance_walk(verification);
	return rc;
}

static int make_job(struct verification *verification, struct verify_job **made)
{
	int side = next_side(verification);
	size_t rows =
		side <= 0 ? listing_group(&verification->manifests.listing, verification->row) : 0;
	const struct ssum_tree_entry *entry = verification->entry;
	struct verify_job *job = job_new(verification, rows, side > 0 ? entry->path : NULL);

	*made = job;
	if (!job)
		return -ENOMEM;
	verification->row += rows;
	if (side < 0) {
		probe(verification, job);
		operation_due(&verification->operation, &job->job, 0);
		return 0;
	}
	job->type = entry->type;
	job->length = entry->length;
	job->error = entry->error;
	if (!side)
		examine(verification, job);
	operation_due(&verification->operation, &job->job,
		      job->job.span.source ? entry->length : 0);
	return advance_walk(verification);
}

static int next_job(void *user, struct span **span)
{
	struct verification *verification = user;
	struct verify_job *job;
	int rc = skip_manifests(verification);

	if (rc)
		return rc;
	if (!verification->entry && verification->row == verification->manifests.listing.count)
		return 0;
	rc = make_job(verification, &job);
	if (rc) {
		if (job)
			job_free(job);
		return rc;
	}
	*span = &job->job.span;
	return 1;
}

/* ---- Judgement ---- */

/* What is expected and found, as it is told. */
struct texts {
	char expected[SSUM_HEX_MAX];
	char found[SSUM_HEX_MAX];
};

/* What a row of the listing expects. */
static void tell_row(const struct verification *verification, size_t row,
		     struct ssum_report *report, struct texts *texts)
{
	const struct manifests *manifests = &verification->manifests;
	const struct listed *listed = &manifests->listing.rows[row];
	const struct package_manifest *manifest = &manifests->rows[listed->manifest];
	const struct algorithm *algorithm = &manifests->algorithms.rows[manifest->algorithm];
	const char *target = listed_target(&manifests->listing, row);

	report->expected_type = (enum ssum_type)listed->type;
	report->manifest = manifest->path;
	report->line = listed->line;
	if (listed->type == SSUM_TYPE_SYMLINK) {
		report->expected = target;
	} else if (listed->type == SSUM_TYPE_FILE) {
		report->algorithm = algorithm->name;
		hex_encode((const unsigned char *)target, algorithm->digest_length,
			   texts->expected);
		report->expected = texts->expected;
	}
}

/* What was found, against what tell_row() has said. */
static void judge_row(const struct verification *verification, const struct verify_job *job,
		      size_t row, struct ssum_report *report, struct texts *texts)
{
	const struct manifests *manifests = &verification->manifests;
	uint32_t manifest = manifests->listing.rows[row].manifest;

	report->verdict = SSUM_HOLDS;
	if (report->expected_type != job->type) {
		report->verdict = SSUM_DIFFERENT;
		return;
	}
	if (job->type == SSUM_TYPE_FILE) {
		ssum_digest_hex(&job->digests[manifests->rows[manifest].algorithm], texts->found);
		report->found = texts->found;
	} else if (job->type == SSUM_TYPE_SYMLINK) {
		report->found = job->target;
	}
	if (report->found && strcmp(report->expected, report->found))
		report->verdict = SSUM_DIFFERENT;
}

/* The rows of a path are in the order of the manifests, at most one for each: the first number that
   is left out is that of a manifest that does not list it. */
static const char *manifest_without(const struct verification *verification,
				    const struct verify_job *job)
{
	const struct listed *rows = rows_of(verification, job);
	size_t number = 0;

	while (number < job->row_count && rows[number].manifest == number)
		number++;
	return number < verification->manifests.count ? verification->manifests.rows[number].path
						      : NULL;
}

static void judge(const struct verification *verification, const struct verify_job *job,
		  struct ssum_report *report, struct texts *texts)
{
	int error = job->error ? job->error : job->job.span.result;
	bool decided = !error && !job->missing;

	if (!decided) {
		report->verdict = job->missing ? SSUM_MISSING : verdict_of_error(error);
		report->error = error;
		if (job->row_count)
			tell_row(verification, job->row, report, texts);
		return;
	}
	for (size_t i = 0; i < job->row_count && report->verdict == SSUM_HOLDS; i++) {
		tell_row(verification, job->row + i, report, texts);
		judge_row(verification, job, job->row + i, report, texts);
	}

	const char *without = manifest_without(verification, job);
	if (without && report->verdict == SSUM_HOLDS) {
		report->verdict = SSUM_EXTRA;
		report->manifest = without;
		report->line = 0;
	}
}

static int job_done(void *user, struct span *span)
{
	struct verification *verification = user;
	struct verify_job *job = job_of(span);
	struct ssum_report report = {
		.path = job->job.path,
		.type = job->type,
		.length = span->source ? span->length : job->length,
	};
	struct texts texts;

	judge(verification, job, &report, &texts);
	verification->operation.summary.bytes += span->length;
	int rc = operation_report(&verification->operation, &report);
	job_free(job);
	return rc;
}

static void job_drop(void *user, struct span *span)
{
	(void)user;
	job_free(job_of(span));
}

static int verification_tick(void *user, const struct pool_progress *progress)
{
	struct verification *verification = user;

	return operation_tick(&verification->operation, progress);
}

/* ---- All together ---- */

static int report_manifest(struct verification *verification, const struct package_manifest *row)
{
	const struct ssum_digest *expected = verification->options.content_hash;
	bool applies = expected && expected->length == row->content_hash.length;
	struct texts texts;
	struct ssum_report report = {
		.verdict = SSUM_HOLDS,
		.path = row->path,
		.type = SSUM_TYPE_MANIFEST,
		.expected_type = SSUM_TYPE_MANIFEST,
		.algorithm = verification->manifests.algorithms.rows[row->algorithm].name,
		.found = texts.found,
	};

	ssum_digest_hex(&row->content_hash, texts.found);
	if (applies) {
		ssum_digest_hex(expected, texts.expected);
		report.expected = texts.expected;
		if (!ssum_digest_equal(expected, &row->content_hash)) {
			report.verdict = SSUM_DIFFERENT;
			verification->content_hash_differs = true;
		}
	}
	return operation_report(&verification->operation, &report);
}

static int check_content_hash(const struct verification *verification)
{
	const struct ssum_digest *expected = verification->options.content_hash;

	for (size_t i = 0; expected && i < verification->manifests.count; i++)
		if (verification->manifests.rows[i].content_hash.length == expected->length)
			return 0;
	return expected ? context_fail(verification->operation.context, SSUM_ERR_OPTIONS,
				       "content hash")
			: 0;
}

static int verify_entries(struct verification *verification)
{
	const struct pool_client client = {
		.next = next_job,
		.done = job_done,
		.drop = job_drop,
		.tick = verification_tick,
		.user = verification,
		.files = 1,
	};
	int rc = tree_init(&verification->tree, verification->root);

	if (rc)
		return rc;
	rc = advance_walk(verification);
	if (!rc)
		rc = pool_run(verification->operation.context, &client);
	tree_clear(&verification->tree);
	return rc;
}

static int conclude(const struct verification *verification)
{
	const uint64_t *count = verification->operation.summary.count;

	if (verification->content_hash_differs || count[SSUM_DIFFERENT] || count[SSUM_MISSING] ||
	    (count[SSUM_EXTRA] && !verification->options.allow_extra))
		return SSUM_DIFFERS;
	if (count[SSUM_UNREADABLE] || count[SSUM_UNSTABLE] || count[SSUM_FALSE_HOLE] ||
	    count[SSUM_BAD_LINE])
		return SSUM_ERR_UNDECIDED;
	return SSUM_SAME;
}

static int verify(struct verification *verification, const char *folder)
{
	int rc;

	verification->root = folder_open(folder);
	if (verification->root < 0)
		return verification->root;
	rc = manifests_read(&verification->manifests, &verification->operation, verification->root,
			    &verification->options);
	if (!rc)
		rc = check_content_hash(verification);
	for (size_t i = 0; i < verification->manifests.count && !rc; i++)
		rc = report_manifest(verification, &verification->manifests.rows[i]);
	if (!rc)
		rc = verify_entries(verification);
	return rc ? rc : conclude(verification);
}

int ssum_verify(struct ssum_context *context, const char *folder,
		const struct ssum_verify_options *options, struct ssum_summary *summary)
{
	struct verification verification = {.root = -1};
	int rc = options_take(&verification.options, sizeof(verification.options), options);

	operation_begin(&verification.operation, context, verification.options.report,
			verification.options.user);
	if (!rc)
		rc = verify(&verification, folder);
	manifests_free(&verification.manifests);
	if (verification.root >= 0)
		close(verification.root);
	return operation_end(&verification.operation, rc, summary, folder);
}
