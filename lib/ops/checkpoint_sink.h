/* SPDX-License-Identifier: MIT */
/* Checkpoints that are gathered while a file is hashed. */
#ifndef OPS_CHECKPOINT_SINK_H
#define OPS_CHECKPOINT_SINK_H

#include "engine/digest_sink.h"
#include "manifest/checkpoints.h"

struct checkpoint_sink {
	struct digest_sink digest;
	struct ssum_checkpoints *checkpoints; /* one for each algorithm, empty where it has none;
						 NULL: none are gathered */
};

/* As digest_sink_init(); gathers nothing yet. Call checkpoint_sink_clear() even after a failure. */
void checkpoint_sink_init(struct checkpoint_sink *sink, const struct algorithms *algorithms,
			  struct ssum_digest *digests);
void checkpoint_sink_clear(struct checkpoint_sink *sink);

/* Gather checkpoints at that interval, which is valid. 0 or -ENOMEM. */
int checkpoint_sink_gather(struct checkpoint_sink *sink, uint64_t interval);

/* At a mark: keep the values there. A mark does only this, unless its function is replaced. */
int checkpoint_sink_keep(struct checkpoint_sink *sink, uint64_t offset);

/* Keep values, one for each algorithm, that are known from an earlier run. */
int checkpoint_sink_take(struct checkpoint_sink *sink, uint64_t offset,
			 const struct ssum_digest *values);

/* Its span of `length` bytes has succeeded: complete the checkpoints, for a file of this name. 0 or
   -ENOMEM. */
int checkpoint_sink_finish(struct checkpoint_sink *sink, const char *name, uint64_t length);

#endif
