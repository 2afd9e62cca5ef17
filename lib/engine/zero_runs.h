/* SPDX-License-Identifier: MIT */
/* Runs of zeros in a content that is read in order. */
#ifndef ENGINE_ZERO_RUNS_H
#define ENGINE_ZERO_RUNS_H

#include "base/common.h"

/* Shorter runs are not kept. A run of data begins and ends at a multiple of this length, unless the
   content ends there or a hole. */
#define ZERO_RUN_MIN 4096

struct zero_run {
	uint64_t begin, end;
	bool in_hole; /* it was not read: it is in a hole */
};

/* All zero: no runs. */
struct zero_runs {
	struct zero_run *rows; /* ascending; two that touch are of different kinds */
	size_t count, capacity;
	uint64_t at;         /* how far the content was seen */
	struct zero_run run; /* the one that ends there; begin == end: none */
};

/* Begin again at an offset, and keep the runs before it. */
void zero_runs_begin(struct zero_runs *runs, uint64_t offset);

/* The next bytes; NULL: in a hole. 0 or -ENOMEM. */
int zero_runs_put(struct zero_runs *runs, const unsigned char *data, uint64_t length);

/* The content ends here. 0 or -ENOMEM. */
int zero_runs_end(struct zero_runs *runs);
void zero_runs_free(struct zero_runs *runs);

#endif
