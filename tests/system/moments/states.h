/* SPDX-License-Identifier: MIT */
/* The content of the victim after each step of a writer. */
#ifndef MOMENTS_STATES_H
#define MOMENTS_STATES_H

#include "system/moments/victim.h"
#include "sparsesum.h"

struct state {
	unsigned char *content;
	size_t length;
	struct ssum_digest sha1, sha256;
};

extern struct state states[STEPS + 1];
extern size_t state_count;
extern struct state torn; /* the last state with the first byte of the first one: never in the file
			   */

/* Made by a run of the writer alone. Call states_free(). */
void learn_states(const struct writer *writer);
void forget_states(void);

/* The number of the state with the digest; fails the test if there is none. */
size_t state_with(const struct ssum_digest *digest, const char *what, unsigned moment);

/* Whether the victim ever had this content, or any other one. */
bool was_ever(const struct state *content);
bool was_ever_other_than(const struct state *content);

#endif
