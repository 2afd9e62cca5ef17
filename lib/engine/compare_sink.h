/* SPDX-License-Identifier: MIT */
/* A comparison as a sink: what a span brings is held against another source, the peer. */
#ifndef ENGINE_COMPARE_SINK_H
#define ENGINE_COMPARE_SINK_H

#include <stdatomic.h>

#include "engine/differences.h"
#include "engine/sink.h"

struct compare_sink {
	struct sink sink;
	struct source *source; /* of its span */
	struct source *peer;
	bool read_holes; /* of the peer, to see whether they are zeros */

	/* Set by its owner, if not all of the content is to come or more than the first difference
	   is asked for. */
	uint64_t start; /* of its span */
	bool stops;     /* behind its span both are left to others */
	bool every;     /* all differences; those of lengths are its owner's to see */
	atomic_uint_least64_t *decisive; /* where spans of the same contents run side by side: what
					    begins behind it decides nothing any more. Or NULL */

	/* When its span has succeeded. */
	bool differs;
	uint64_t offset;                /* of the first difference */
	uint64_t length[2];             /* of the source and of the peer */
	uint64_t data[2];               /* bytes that are no holes, of what was looked at */
	struct differences differences; /* with every; the owner's to free */

	bool peer_failed; /* when it has failed: the peer is to blame */

	/* While the span runs. */
	bool peer_is_open;
	uint64_t at; /* how far both were looked at */
	unsigned char *buffer;
};

/* Source and peer must outlive the sink. Both have to have a size, or no content: where that is
   known only by reading, it is SSUM_ERR_NOT_REGULAR. Owns nothing until its span runs. */
void compare_sink_init(struct compare_sink *sink, struct source *source, struct source *peer,
		       bool read_holes);

/* Nothing that begins behind an offset decides anything any more. */
void compare_sink_decide(atomic_uint_least64_t *decisive, uint64_t offset);

#endif
