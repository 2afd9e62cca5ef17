/* SPDX-License-Identifier: MIT */
/* A sink that compares the content of a span with another source, the peer. */
#ifndef ENGINE_COMPARE_SINK_H
#define ENGINE_COMPARE_SINK_H

#include <stdatomic.h>

#include "engine/differences.h"
#include "engine/second_reading.h"
#include "engine/sink.h"

struct compare_sink {
	struct sink sink;
	struct source *source; /* of the span */
	struct source *peer;
	bool read_holes; /* buffer for bytes of the peer, to check that they are zeros */

	/* Set by the owner, to compare only a part or to find more than the first difference. */
	uint64_t start; /* of the span */
	bool stops;     /* other spans compare what follows, and the owner compares the lengths */
	bool every;     /* find all differences in the common bytes */
	atomic_uint_least64_t *decisive; /* shared by the spans of one comparison that run in
					    parallel: ignore differences after this offset. Or
					    NULL */

	/* Set when the span has succeeded. */
	bool differs;
	uint64_t offset;                /* of the first difference */
	uint64_t length[2];             /* of the source and of the peer */
	uint64_t data[2];               /* bytes compared that are not in holes, of each */
	struct differences differences; /* with `every`; the owner frees it */

	bool peer_read_twice;  /* changes of the peer could not be detected */
	unsigned peer_changes; /* what was seen to move, if the peer changed */

	bool peer_failed; /* set if the span has failed with an error of the peer */

	/* While the span runs. */
	bool peer_is_open;
	struct second_reading again; /* of the peer */
	uint64_t at;                 /* offset up to which both are compared */
	unsigned char *buffer;
};

/* Source and peer must outlive the sink. Each must have a size or no content; otherwise the span
   fails with SSUM_ERR_NOT_REGULAR. The sink owns nothing until its span runs. */
void compare_sink_init(struct compare_sink *sink, struct source *source, struct source *peer,
		       bool read_holes);

/* Ignore differences after this offset from now on. */
void compare_sink_decide(atomic_uint_least64_t *decisive, uint64_t offset);

#endif
