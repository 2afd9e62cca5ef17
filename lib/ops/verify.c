/* SPDX-License-Identifier: MIT */
/* Verification of a directory, from its manifests to the summary. */
#include <unistd.h>

#include "base/context.h"
#include "io/opening.h"
#include "ops/verification.h"

/* Report each manifest with its content hash. 0 or a code. */
static int report_manifests(struct verification *verification)
{
	const struct manifests *manifests = &verification->manifests;
	const struct ssum_digest *expected = verification->options.content_hash;
	bool compared = false;
	int rc = 0;

	/* A content hash with a length that no manifest can have is a mistake of the caller. */
	for (size_t i = 0; expected && i < manifests->count; i++)
		compared |= manifests->rows[i].content_hash.length == expected->length;
	if (expected && !compared)
		return context_fail(verification->operation.context, SSUM_ERR_OPTIONS, NULL,
				    "content hash");
	/* The sources of a caller's listing are not manifests that were read. */
	for (size_t i = 0; i < manifests->count && !manifests->borrowed && !rc; i++) {
		const struct package_manifest *manifest = &manifests->rows[i];
		struct ssum_report report = {
			.kind = SSUM_REPORT_MANIFEST,
			.verdict = SSUM_HOLDS,
			.path = manifest->path,
			.algorithm = manifests->algorithms.rows[manifest->algorithm].name,
			.found.digest = &manifest->content_hash,
		};

		if (expected && expected->length == manifest->content_hash.length) {
			report.expected.digest = expected;
			if (!ssum_digest_equal(expected, &manifest->content_hash)) {
				report.verdict = SSUM_DIFFERS;
				verification->content_hash_differs = true;
			}
		}
		rc = operation_report(&verification->operation, &report);
	}
	return rc;
}

/* A journal is valid only for this directory and for the content of its manifests. 0 or a code. */
static int begin_journal(struct verification *verification)
{
	const struct manifests *manifests = &verification->manifests;
	struct resume_key key;
	int rc = resume_key_begin(&key, "verify", verification->root,
				  verification->operation.context->options.holes,
				  &manifests->algorithms);

	for (size_t i = 0; i < manifests->count && !rc; i++)
		rc = resume_key_add(&key, &manifests->rows[i].content_hash,
				    sizeof(manifests->rows[i].content_hash));
	if (!rc && manifests->borrowed)
		rc = resume_key_add(&key, manifests->listing.text.data,
				    manifests->listing.text.length);
	if (!rc)
		rc = resume_begin(&verification->resume, verification->options.journal, &key,
				  verification->options.resume, &manifests->algorithms);
	resume_key_end(&key);
	verification->operation.resume = &verification->resume;
	verification->hashing = (struct resumable_options){
		.operation = &verification->operation,
		.resume = &verification->resume,
		.algorithms = &manifests->algorithms,
		.root = verification->root,
		.interval = SSUM_NO_CHECKPOINTS,
	};
	return rc;
}

/* A proven difference takes precedence over entries that could not be judged. */
static int verification_result(const struct verification *verification)
{
	const uint64_t *count = verification->operation.summary.count;

	if (verification->content_hash_differs || count[SSUM_DIFFERS] || count[SSUM_MISSING] ||
	    (count[SSUM_EXTRA] && !verification->options.allow_extra))
		return SSUM_DIFFERS;
	if (count[SSUM_UNREADABLE] || count[SSUM_CHANGED] || count[SSUM_FALSE_HOLE] ||
	    count[SSUM_BAD_LINE] || count[SSUM_UNDECIDED])
		return SSUM_ERR_UNDECIDED;
	return SSUM_HOLDS;
}

int ssum_verify(struct ssum_context *context, const char *directory,
		const struct ssum_verify_options *options, struct ssum_summary *summary)
{
	struct verification verification = {.root = -1, .resume.fd = -1};
	struct operation *operation = &verification.operation;
	int rc = options_copy_in(&verification.options, sizeof(verification.options), options);

	operation_begin(operation, context, verification.options.report, verification.options.user);
	operation->directory = directory;
	/* Refuse a summary of unknown size before anything is reported. */
	if (!rc)
		rc = options_check_out(summary);
	if (rc)
		goto out;
	verification.root = directory_open_or_dup(verification.options.directory_fd, directory);
	if (verification.root < 0) {
		rc = verification.root;
		goto out;
	}
	rc = manifests_read(&verification.manifests, operation, verification.root,
			    &verification.options);
	if (!rc)
		rc = report_manifests(&verification);
	if (!rc)
		rc = report_checkpoint_files(&verification);
	if (!rc)
		rc = begin_journal(&verification);
	if (!rc)
		rc = verify_entries(&verification);
	if (!rc)
		rc = verification_result(&verification);
out:
	resume_end(&verification.resume, rc, &operation->summary);
	manifests_free(&verification.manifests);
	if (verification.root >= 0)
		close(verification.root);
	return operation_end(operation, rc, summary, directory);
}
