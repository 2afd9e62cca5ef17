/* SPDX-License-Identifier: MIT */
/* Comparison of two files, byte by byte. */
#include "base/options.h"
#include "package/pair.h"
#include "package/single.h"

int ssum_compare_files(struct ssum_context *context, const char *a, const char *b,
		       struct ssum_comparison *given)
{
	struct operation operation;
	struct pair pair = {.job.path = a};
	int rc;

	operation_begin(&operation, context, NULL, NULL);
	context = operation.context;
	pair_init(&pair, context, a);
	file_source_named(&pair.file[0], a, context->options.holes);
	file_source_named(&pair.file[1], b, context->options.holes);
	pair.file[0].devices = pair.file[1].devices = &operation.devices;
	rc = run_single(&operation, &pair.job, 2);

	struct ssum_comparison result = {
		.size = sizeof(result),
		.length = {pair.sink.length[0], pair.sink.length[1]},
		.offset = pair.sink.offset,
	};
	if (!rc)
		rc = pair.sink.differs ? SSUM_DIFFERS : SSUM_SAME;
	if (rc >= 0 && options_give(given, &result, sizeof(result)))
		rc = SSUM_ERR_OPTIONS;
	return operation_end(&operation, rc, NULL, pair.sink.peer_failed ? b : a);
}
