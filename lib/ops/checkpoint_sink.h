/* SPDX-License-Identifier: MIT */
/* A digest sink that collects the checkpoints of a file while the file is hashed. */
#ifndef OPS_CHECKPOINT_SINK_H
#define OPS_CHECKPOINT_SINK_H

#include "engine/digest_sink.h"
#include "manifest/checkpoints.h"

/* The owner zeroes it and calls digest_sink_init(&sink->digest, ...), and at the end
   checkpoint_sink_clear(). */
struct checkpoint_sink {
	struct digest_sink digest;
	/* One for each algorithm, empty if it has no checkpoints; NULL: nothing is collected. */
	struct ssum_checkpoints *checkpoints;
};

void checkpoint_sink_clear(struct checkpoint_sink *sink);

/* Collect checkpoints at this interval, which must be valid: sets the mark of the sink. 0 or
   -ENOMEM. */
int checkpoint_sink_collect(struct checkpoint_sink *sink, uint64_t interval);

/* Add the checkpoints at an offset: values, one for each algorithm; or with values NULL those of
   the streams, which are at this offset. 0, -ENOMEM or SSUM_ERR_CRYPTO. */
int checkpoint_sink_keep(struct checkpoint_sink *sink, uint64_t offset,
			 const struct ssum_digest *values);

/* Complete the checkpoints after the span has succeeded: the length and the name of the file. 0 or
   -ENOMEM. */
int checkpoint_sink_finish(struct checkpoint_sink *sink, const char *name, uint64_t length);

#endif
