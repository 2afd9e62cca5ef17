/* SPDX-License-Identifier: MIT */
/* A sink that computes digests: several algorithms side by side over the same bytes. */
#ifndef ENGINE_DIGEST_SINK_H
#define ENGINE_DIGEST_SINK_H

#include "digest/stream.h"
#include "engine/sink.h"
#include "engine/zero_runs.h"

struct digest_sink {
	struct sink sink;
	const struct algorithms *algorithms;
	struct ssum_digest *digests; /* one for each algorithm; valid when its span has succeeded */
	struct ssum_stream *streams; /* one for each algorithm, while the span runs */
	bool borrows_streams;        /* The streams are the owner's. They have begun already, at any
					offset, and are not finished at the end. Only for span_run();
					`digests` may be NULL. */

	/* For a part of a content; all zero for the whole of it. */
	uint64_t offset;                  /* its offset, equal to the start of the span */
	const struct ssum_digest *values; /* the chaining values there; NULL: at the beginning */
	bool stops; /* more content follows: the digests are the chaining values at the end */
	struct zero_runs *zeros; /* the runs of zeros are noted here; or NULL */
};

/* Both must outlive the sink. The sink owns nothing until its span runs. */
void digest_sink_init(struct digest_sink *sink, const struct algorithms *algorithms,
		      struct ssum_digest *digests);

/* While its span runs, at the end of a block: the chaining values, one for each algorithm. 0 or a
   code. */
int digest_sink_values(const struct digest_sink *sink, struct ssum_digest *values);

/* The sink as a digest sink; NULL if it is another kind. */
struct digest_sink *digest_sink_of(struct sink *sink);

#endif
