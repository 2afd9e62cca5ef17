/* SPDX-License-Identifier: MIT */
/* The content of the target after each step of a writer. */
#ifndef CONCURRENT_STATES_H
#define CONCURRENT_STATES_H

#include "system/concurrent/target.h"
#include "sparsesum.h"

struct state {
	unsigned char *content;
	size_t length;
	struct ssum_digest sha1, sha256;
};

extern struct state states[STEPS + 1];
extern size_t state_count;
extern struct state mixed; /* the last state with the first byte of the first state; the file never
			      has this content */

/* Compute the states by running the writer alone. Call states_free(). */
void states_make(const struct writer *writer);
void states_free(void);

/* The number of the state with the digest; fails the test if there is none. */
size_t state_with(const struct ssum_digest *digest, const char *what, unsigned call);

/* Whether the target ever had this content, or any other one. */
bool was_ever(const struct state *content);
bool was_ever_other_than(const struct state *content);

#endif
