/* SPDX-License-Identifier: MIT */
/* Comparison of two files, byte by byte. */
#include "base/options.h"
#include "package/pair.h"

struct file_comparison {
	struct operation operation;
	struct pair pair;
	bool given;
};

static int give_pair(void *user, struct span **span)
{
	struct file_comparison *comparison = user;

	if (comparison->given)
		return 0;
	comparison->given = true;
	*span = &comparison->pair.job.span;
	return 1;
}

static int pair_done(void *user, struct span *span)
{
	(void)user;
	(void)span;
	return 0;
}

static void pair_drop(void *user, struct span *span)
{
	(void)user;
	(void)span;
}

static int comparison_tick(void *user, const struct pool_progress *progress)
{
	struct file_comparison *comparison = user;

	return operation_tick(&comparison->operation, progress);
}

int ssum_compare_files(struct ssum_context *context, const char *a, const char *b,
		       struct ssum_comparison *given)
{
	struct file_comparison comparison = {.given = false};
	struct pair *pair = &comparison.pair;
	const struct pool_client client = {
		.next = give_pair,
		.done = pair_done,
		.drop = pair_drop,
		.tick = comparison_tick,
		.user = &comparison,
		.files = 2,
	};
	int rc;

	operation_begin(&comparison.operation, context, NULL, NULL);
	context = comparison.operation.context;
	pair_init(pair, context, a);
	file_source_named(&pair->file[0], a, context->options.holes);
	file_source_named(&pair->file[1], b, context->options.holes);
	pair->file[0].devices = pair->file[1].devices = &comparison.operation.devices;
	rc = pool_run(context, &client);
	if (!rc)
		rc = pair->job.span.result;

	struct ssum_comparison result = {
		.size = sizeof(result),
		.length = {pair->sink.length[0], pair->sink.length[1]},
		.offset = pair->sink.offset,
	};
	if (!rc)
		rc = pair->sink.differs ? SSUM_DIFFERS : SSUM_SAME;
	if (rc >= 0 && options_give(given, &result, sizeof(result)))
		rc = SSUM_ERR_OPTIONS;
	return operation_end(&comparison.operation, rc, NULL, pair->sink.peer_failed ? b : a);
}
