/* SPDX-License-Identifier: MIT */
/* Two files that are compared in parts, which run when a test says so. Each look at the files is
   counted, and can be made to fail. */
#ifndef SUPPORT_PARTS_H
#define SUPPORT_PARTS_H

#include "ops/division.h"

#define PARTS 4
#define PARTS_LENGTH (3 * PART_LENGTH + MIB)
#define NOWHERE UINT64_MAX
#define PAGE 4096

enum { A, B, FILES };

struct watch {
	/* What is to happen. */
	int open_fails, check_fails; /* with that code */
	uint64_t fails_at;           /* a read of the byte there; or NOWHERE */
	uint64_t decides_at; /* once it is read all behind `decides` is decided; or NOWHERE */
	uint64_t decides;
	bool has_no_size;

	/* What happened. */
	unsigned opens, closes, reads, checks;
};

/* There is one at a time, which the files find themselves in. */
extern struct trial {
	struct ssum_context *context;
	struct division division;
	struct watch watch[FILES];
	struct span *span[PARTS]; /* that were given */
	unsigned spans;
} trial;

/* Write a byte, or set the length, of a file that is made if there is none. */
void poke(const char *path, uint64_t offset, char byte);
void set_length(const char *path, uint64_t length);

/* In a scratch directory, the files "a" and "b": empty, or with data where each part begins. */
void trial_begin(enum ssum_holes holes);
void trial_begin_with_parts(enum ssum_holes holes);
void trial_end(void);

/* Instead of one that is named: set trial.division.file[i].file, and then this. */
void trial_watch(int i);

/* Open both, and have that many parts given in all. */
void trial_give(unsigned count);

/* One of them is through. */
void trial_take(unsigned i);

/* The looks so far are not counted. */
void trial_forget_looks(void);

#endif
