/* SPDX-License-Identifier: MIT */
/* Verification of one file against its digest, by segments if there are checkpoints. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/file_source.h"
#include "ops/segments.h"

struct file_verification {
	struct operation operation;
	struct job whole; /* to read all of it in one chain */
	struct file_source file;
	struct digest_sink sink;
	struct ssum_digest found;
	struct segments *segments; /* or NULL */
	bool given;                /* the whole */
};

static int give(void *user, struct span **span)
{
	struct file_verification *verification = user;

	if (verification->segments)
		return segments_next(verification->segments, verification->whole.path, verification,
				     span);
	if (verification->given)
		return 0;
	verification->given = true;
	*span = &verification->whole.span;
	return 1;
}

static int take_back(void *user, struct span *span, struct span **instead)
{
	struct file_verification *verification = user;
	struct segments *segments = verification->segments;
	int rc;

	if (!segments)
		return 0;
	rc = segments_done(segments, span, instead);
	if (rc || segments->result != SSUM_ERR_CHANGED || !segments->finished)
		return rc;
	segments_free(segments);
	verification->segments = NULL;
	verification->given = true;
	*instead = &verification->whole.span;
	return 0;
}

static void drop(void *user, struct span *span)
{
	struct file_verification *verification = user;

	if (span != &verification->whole.span)
		segments_drop(span);
}

/* ---- Segments ---- */

static int cut(struct file_verification *verification, const struct algorithms *algorithms,
	       const struct ssum_checkpoints *checkpoints, uint64_t length)
{
	struct ssum_checkpoints **all = malloc(sizeof(struct ssum_checkpoints *));
	struct ssum_checkpoints *copy = calloc(1, sizeof(*copy));
	int rc = all && copy ? checkpoints_copy(copy, checkpoints) : -ENOMEM;

	if (!rc) {
		all[0] = copy;
		verification->segments = segments_new(algorithms, all, length);
	}
	if (verification->segments) {
		file_source_named(&verification->segments->file.file, verification->whole.path,
				  verification->operation.context->options.holes);
		verification->segments->file.file.devices = &verification->operation.devices;
		return 0;
	}
	ssum_checkpoints_free(copy);
	free(all);
	return -ENOMEM;
}

/* What is of another content, or of no regular file, is left aside. */
static bool are_useful(const struct ssum_checkpoints *checkpoints,
		       const struct algorithm *algorithm, const struct ssum_digest *digest,
		       const struct stat *st)
{
	return checkpoints && checkpoints->count && S_ISREG(st->st_mode) &&
	       checkpoints_are_of(checkpoints, algorithm, digest);
}

/* ---- All together ---- */

static int tell_damaged(const struct segments *segments, ssum_range_fn *damaged, void *user)
{
	struct ssum_range range;
	size_t index = 0;

	while (damaged && segments_next_damaged(segments, &index, &range))
		if (damaged(user, &range))
			return SSUM_ERR_CANCELLED;
	return SSUM_DIFFERS;
}

static int run(struct file_verification *verification, const struct ssum_digest *digest,
	       ssum_range_fn *damaged, void *user)
{
	const struct pool_client client = {
		.next = give, .done = take_back, .drop = drop, .user = verification, .files = 1};
	int rc = operation_run(&verification->operation, client);
	const struct segments *segments = verification->segments;

	if (!rc)
		rc = segments ? segments->result : verification->whole.span.result;
	if (rc)
		return rc;
	if (segments)
		return segments->differs[0] ? tell_damaged(segments, damaged, user) : SSUM_HOLDS;
	return ssum_digest_equal(&verification->found, digest) ? SSUM_HOLDS : SSUM_DIFFERS;
}

static int verify(struct file_verification *verification, const struct algorithms *algorithms,
		  const struct ssum_digest *digest, const struct ssum_checkpoints *checkpoints)
{
	const char *path = verification->whole.path;
	struct stat st;

	if (digest->length != algorithms->rows[0].digest_length)
		return SSUM_ERR_OPTIONS;
	if (stat(path, &st))
		return -errno;
	file_source_named(&verification->file, path,
			  verification->operation.context->options.holes);
	verification->file.devices = &verification->operation.devices;
	digest_sink_init(&verification->sink, algorithms, &verification->found);
	verification->whole.span = (struct span){.source = &verification->file.source,
						 .sink = &verification->sink.sink,
						 .end = SPAN_TO_END};
	operation_due(&verification->operation, &verification->whole, (uint64_t)st.st_size);
	if (!are_useful(checkpoints, &algorithms->rows[0], digest, &st))
		return 0;
	return cut(verification, algorithms, checkpoints, (uint64_t)st.st_size);
}

int ssum_verify_file(struct ssum_context *context, const char *path, const char *algorithm,
		     const struct ssum_digest *digest, const struct ssum_checkpoints *checkpoints,
		     ssum_range_fn *damaged, void *user)
{
	const char *const names[] = {algorithm_or_default(algorithm), NULL};
	struct file_verification verification = {.whole.path = path};
	struct algorithms algorithms = {0};
	const char *culprit = path;
	int rc;

	operation_begin(&verification.operation, context, NULL, NULL);
	rc = algorithms_find(names, &algorithms, &culprit);
	if (!rc)
		rc = verify(&verification, &algorithms, digest, checkpoints);
	if (!rc)
		rc = run(&verification, digest, damaged, user);
	segments_free(verification.segments);
	algorithms_release(&algorithms);
	return operation_end(&verification.operation, rc, NULL, culprit);
}
