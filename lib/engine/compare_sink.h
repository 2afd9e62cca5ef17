/* SPDX-License-Identifier: MIT */
/* A comparison as a sink: it compares the content of a span with another source, the peer. */
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

	/* Set by its owner, for a part of the content, or for more than the first difference. */
	uint64_t start; /* of its span */
	bool stops;     /* other spans compare what follows */
	bool every;     /* find all differences; not that of the lengths, which the owner sees */
	atomic_uint_least64_t *decisive; /* for spans of the same contents that run side by side:
					    ignore differences after this offset. Or NULL */

	/* When its span has succeeded. */
	bool differs;
	uint64_t offset;                /* of the first difference */
	uint64_t length[2];             /* of the source and of the peer */
	uint64_t data[2];               /* bytes that are not in holes, of what was compared */
	struct differences differences; /* with every; the owner's to free */

	bool peer_failed; /* when it has failed: because of the peer */

	/* While the span runs. */
	bool peer_is_open;
	uint64_t at; /* how far both are compared */
	unsigned char *buffer;
};

/* Source and peer must outlive the sink. Both need a size, or no content; otherwise the span fails
   with SSUM_ERR_NOT_REGULAR. Owns nothing until its span runs. */
void compare_sink_init(struct compare_sink *sink, struct source *source, struct source *peer,
		       bool read_holes);

/* Ignore differences after this offset from now on. */
void compare_sink_decide(atomic_uint_least64_t *decisive, uint64_t offset);

#endif
