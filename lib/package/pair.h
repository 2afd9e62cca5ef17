/* SPDX-License-Identifier: MIT */
/* A pair of files as a job: the source of a span and the peer that it is compared with. */
#ifndef PACKAGE_PAIR_H
#define PACKAGE_PAIR_H

#include "engine/compare_sink.h"
#include "file/file_source.h"
#include "package/operation.h"

struct pair {
	struct job job;
	struct file_source file[2];
	struct compare_sink sink;
};

/* Make ready a pair whose files are set; it must not be moved after this. */
static inline void pair_init(struct pair *pair, const struct ssum_context *context,
			     const char *name)
{
	compare_sink_init(&pair->sink, &pair->file[0].source, &pair->file[1].source,
			  context->options.holes == SSUM_HOLES_VERIFY);
	pair->job.path = name;
	pair->job.span = (struct span){
		.source = &pair->file[0].source, .sink = &pair->sink.sink, .end = SPAN_TO_END};
}

#endif
