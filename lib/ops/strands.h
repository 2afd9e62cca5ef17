/* SPDX-License-Identifier: MIT */
/*
 * Several hashes over variants of one content. As long as two variants have had the same bytes they
 * share a stream, a strand: a variant costs nothing until it differs, and those that do not end up
 * the same are advanced side by side.
 */
#ifndef OPS_STRANDS_H
#define OPS_STRANDS_H

#include "digest/stream.h"

#define STRANDS_MAX 16

/* What a variant takes next. Steps are the same if they are of the same bytes in memory. */
struct step {
	const unsigned char *data; /* NULL: zeros */
	uint64_t length;           /* 0: nothing */
};

struct variant {
	bool alive;
	unsigned strand;
	struct step step;
};

struct strand {
	struct ssum_stream stream;
	unsigned users; /* 0: it is free */
};

struct strands {
	const struct algorithm *algorithm;
	struct strand strand[STRANDS_MAX];
};

/* Have all variants that are alive begin on one strand; at most STRANDS_MAX of them.
   strands_clear() is due in any case. 0 or a code of stream_init(). */
int strands_begin(struct strands *strands, const struct algorithm *algorithm,
		  struct variant *const variants[], size_t count);
void strands_clear(struct strands *strands);

/* Take the steps of all variants that are alive. 0 or a code. */
int strands_advance(struct strands *strands, struct variant *const variants[], size_t count);

/* The stream that a variant is on; not to be changed unless it is alone there. */
struct ssum_stream *strand_of(struct strands *strands, const struct variant *variant);

/* Give a variant a strand of its own. 0 or a code. */
int strands_part(struct strands *strands, struct variant *variant);

/* A variant is of no more use. */
void strands_leave(struct strands *strands, struct variant *variant);

#endif
