/* SPDX-License-Identifier: MIT */
#include "support/streams.h"

#include "support/suite.h"

struct ssum_stream *new_stream(const char *algorithm)
{
	struct ssum_stream *stream;

	assert_ok(ssum_stream_new(algorithm, &stream));
	return stream;
}

struct ssum_digest finish_stream(struct ssum_stream *stream)
{
	struct ssum_digest digest;

	assert_ok(ssum_stream_final(stream, &digest));
	ssum_stream_free(stream);
	return digest;
}
