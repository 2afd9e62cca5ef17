/* SPDX-License-Identifier: MIT */
/* A pair of files below two directories, which is compared as a whole, or in parts if it is long.
 */
#ifndef OPS_PAIR_H
#define OPS_PAIR_H

#include "ops/division.h"

struct pair {
	struct job job; /* as a whole; when all is known, of the result */
	struct operation *operation;
	int root[2];
	struct file_source file[2];
	struct compare_sink sink;  /* when all is known, of the differences */
	struct division *division; /* while it is compared in parts, else NULL */
	bool is_given;             /* no further part is to be given */
};

/* Make ready a pair of that name below both directories; it must not be moved after this. */
void pair_init(struct pair *pair, struct operation *operation, const int root[2], const char *name);

/* Also of one that is all zero. No part may be left. */
void pair_clear(struct pair *pair);

/* Have it compared in parts, if both lengths are worth it. 0 or -ENOMEM. */
int pair_divide(struct pair *pair, const uint64_t length[2]);

/* The next of its spans, until is_given is set: 1 or -ENOMEM. */
int pair_next(struct pair *pair, struct span **span);

/* The pair that a span is, or is a part of. */
struct pair *pair_of(struct span *span);

/* One of its spans is through; in order. True if all is known now; *instead, if it is set, is what
   is to be run before it is. */
bool pair_done(struct pair *pair, struct span *span, struct span **instead);

/* One of its spans is not going to be run. True if that was the last, and no more are to be given.
 */
bool pair_drop(struct pair *pair, struct span *span);

#endif
