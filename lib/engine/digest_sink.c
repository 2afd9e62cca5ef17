/* SPDX-License-Identifier: MIT */
#include "engine/digest_sink.h"

#include <errno.h>
#include <stdlib.h>

static int digest_begin(struct sink *base, const struct source *source)
{
	struct digest_sink *sink = container_of(base, struct digest_sink, sink);
	const struct algorithms *algorithms = sink->algorithms;
	uint64_t length = source->has_size ? source->size - source->start : 0;
	int rc = 0;

	for (size_t i = 0; i < algorithms->count; i++)
		if (length > algorithms->rows[i].max_length)
			return SSUM_ERR_TOO_LONG;
	if (sink->zeros)
		zero_runs_begin(sink->zeros, sink->offset);
	if (sink->borrows_streams)
		return 0;
	sink->streams = calloc(algorithms->count, sizeof(*sink->streams));
	if (!sink->streams)
		return -ENOMEM;
	for (size_t i = 0; i < algorithms->count && !rc; i++)
		rc = sink->values ? stream_restore(&sink->streams[i], &algorithms->rows[i],
						   sink->offset, &sink->values[i])
				  : stream_init(&sink->streams[i], &algorithms->rows[i]);
	return rc;
}

static int digest_put(struct sink *base, const unsigned char *data, uint64_t length)
{
	struct digest_sink *sink = container_of(base, struct digest_sink, sink);
	int rc = 0;

	for (size_t i = 0; i < sink->algorithms->count && !rc; i++)
		rc = stream_put(&sink->streams[i], data, length);
	if (sink->zeros && !rc)
		rc = zero_runs_put(sink->zeros, data, length);
	return rc;
}

static void digest_clear(struct sink *base)
{
	struct digest_sink *sink = container_of(base, struct digest_sink, sink);

	if (sink->borrows_streams)
		return;
	for (size_t i = 0; sink->streams && i < sink->algorithms->count; i++)
		stream_clear(&sink->streams[i]);
	free(sink->streams);
	sink->streams = NULL;
}

int digest_sink_values(const struct digest_sink *sink, struct ssum_digest *values)
{
	int rc = 0;

	for (size_t i = 0; i < sink->algorithms->count && !rc; i++)
		rc = ssum_stream_save(&sink->streams[i], &values[i]);
	return rc;
}

static int digest_end(struct sink *base)
{
	struct digest_sink *sink = container_of(base, struct digest_sink, sink);
	int rc = 0;

	if (sink->digests && sink->stops)
		rc = digest_sink_values(sink, sink->digests);
	else if (sink->digests)
		for (size_t i = 0; i < sink->algorithms->count && !rc; i++)
			rc = ssum_stream_final(&sink->streams[i], &sink->digests[i]);
	if (sink->zeros && !rc)
		rc = zero_runs_end(sink->zeros);
	digest_clear(base);
	return rc;
}

static const struct sink_ops digest_ops = {
	.begin = digest_begin,
	.put = digest_put,
	.end = digest_end,
	.clear = digest_clear,
};

void digest_sink_init(struct digest_sink *sink, const struct algorithms *algorithms,
		      struct ssum_digest *digests)
{
	*sink = (struct digest_sink){
		.sink.ops = &digest_ops, .algorithms = algorithms, .digests = digests};
}

struct digest_sink *digest_sink_of(struct sink *sink)
{
	return sink->ops == &digest_ops ? container_of(sink, struct digest_sink, sink) : NULL;
}
