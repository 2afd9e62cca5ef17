/* SPDX-License-Identifier: MIT */
/* Which missing file is which extra one: by their digests, and among equal ones by their names. */
#ifndef OPS_MOVES_H
#define OPS_MOVES_H

#include "base/common.h"

struct candidate;

struct moves {
	size_t digest_length;

	/* Whether a pair with equal digests may be one, and what to do with it then. */
	bool (*fits)(void *user, const void *missing, const void *extra);
	void (*take)(void *user, void *missing, void *extra);
	void *user;

	struct candidate *rows;
	size_t count, capacity;
};

/* Add a file; path and digest must outlive the moves. 0 or -ENOMEM. */
int moves_add_missing(struct moves *moves, const char *path, const void *digest, void *item);
int moves_add_extra(struct moves *moves, const char *path, const void *digest, bool is_empty,
		    void *item);

/* Pair them, each at most once: those first whose names are most alike, then in the order in which
   they were added. That two files are empty says little: they need names that are alike. */
void moves_pair(struct moves *moves);

void moves_free(struct moves *moves);

#endif
