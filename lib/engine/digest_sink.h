/* SPDX-License-Identifier: MIT */
/* Digests as a sink: several algorithms side by side over the same bytes. */
#ifndef ENGINE_DIGEST_SINK_H
#define ENGINE_DIGEST_SINK_H

#include "digest/stream.h"
#include "engine/sink.h"

struct digest_sink {
	struct sink sink;
	const struct algorithms *algorithms;
	struct ssum_digest *digests; /* one for each algorithm; valid when its span has succeeded */
	struct ssum_stream *streams; /* while the span runs; the owner's if it goes on */
	bool goes_on; /* the streams have begun, perhaps within a block, and belong to the owner:
			 only for span_run(). Digests may be NULL then, since more content follows.
		       */

	/* Of a part of a content; all zero for the whole of it. */
	uint64_t offset;                  /* where it begins, as the span does */
	const struct ssum_digest *values; /* the chaining values there; NULL: at the beginning */
	bool stops; /* more content follows: the digests are the chaining values at the end */
};

/* Both must outlive the sink. Owns nothing until its span runs. */
void digest_sink_init(struct digest_sink *sink, const struct algorithms *algorithms,
		      struct ssum_digest *digests);

/* While its span runs, at the end of a block: the chaining values, one for each algorithm. 0 or a
   code. */
int digest_sink_values(const struct digest_sink *sink, struct ssum_digest *values);

/* The algorithms of a sink that is one of digests, else NULL. */
const struct algorithms *digest_sink_algorithms(const struct sink *sink);

/* While its span runs, the stream of one of the algorithms. */
struct ssum_stream *digest_sink_stream(struct sink *sink, size_t row);

#endif
