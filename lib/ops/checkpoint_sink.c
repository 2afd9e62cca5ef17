/* SPDX-License-Identifier: MIT */
#include "ops/checkpoint_sink.h"

#include <errno.h>
#include <stdlib.h>

void checkpoint_sink_clear(struct checkpoint_sink *sink)
{
	for (size_t i = 0; sink->checkpoints && i < sink->digest.algorithms->count; i++)
		checkpoints_clear(&sink->checkpoints[i]);
	free(sink->checkpoints);
	sink->checkpoints = NULL;
}

int checkpoint_sink_keep(struct checkpoint_sink *sink, uint64_t offset,
			 const struct ssum_digest *values)
{
	struct ssum_digest value;
	int rc = 0;

	for (size_t i = 0; i < sink->digest.algorithms->count && !rc; i++) {
		if (!sink->checkpoints[i].value_length)
			continue;
		if (values)
			value = values[i];
		else
			rc = ssum_stream_save(&sink->digest.streams[i], &value);
		if (!rc)
			rc = checkpoints_set(&sink->checkpoints[i], offset, &value);
		/* If the file has grown beyond CHECKPOINTS_MAX values, later checkpoints are
		   dropped; the digest is still computed. */
		if (rc == SSUM_ERR_NO_CHECKPOINT)
			rc = 0;
	}
	return rc;
}

static int checkpoint_sink_mark(struct sink *sink, uint64_t offset)
{
	return checkpoint_sink_keep(container_of(sink, struct checkpoint_sink, digest.sink), offset,
				    NULL);
}

int checkpoint_sink_collect(struct checkpoint_sink *sink, uint64_t interval)
{
	const struct algorithms *algorithms = sink->digest.algorithms;

	sink->checkpoints = calloc(algorithms->count, sizeof(*sink->checkpoints));
	if (!sink->checkpoints)
		return -ENOMEM;
	for (size_t i = 0; i < algorithms->count; i++)
		checkpoints_init(&sink->checkpoints[i], &algorithms->rows[i], interval);
	sink->digest.sink.mark = checkpoint_sink_mark;
	sink->digest.sink.interval = interval;
	return 0;
}

int checkpoint_sink_finish(struct checkpoint_sink *sink, const char *name, uint64_t length)
{
	int rc = 0;

	for (size_t i = 0; sink->checkpoints && i < sink->digest.algorithms->count && !rc; i++) {
		checkpoints_finish(&sink->checkpoints[i], length, &sink->digest.digests[i]);
		rc = checkpoints_set_name(&sink->checkpoints[i], name);
	}
	return rc;
}
