/* SPDX-License-Identifier: MIT */
/* Two files that are compared in parts, which run when a test wants it. Each check of the files is
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
	/* What will happen. */
	int open_fails, check_fails; /* with that code */
	uint64_t fails_at;           /* a read of the byte there; or NOWHERE */
	uint64_t decides_at; /* after this read everything after `decides` is decided; or NOWHERE */
	uint64_t decides;
	bool has_no_size;

	/* What happened. */
	unsigned opens, closes, reads, checks;
};

/* There is only one, which the sources of the files use. */
extern struct trial {
	struct ssum_context *context;
	struct division division;
	struct watch watch[FILES];
	struct span *span[PARTS]; /* parts that were made */
	unsigned spans;
} trial;

/* Write a byte, or set the length, of a file, which is created if necessary. */
void poke(const char *path, uint64_t offset, char byte);
void set_length(const char *path, uint64_t length);

/* In a scratch directory, the files "a" and "b": empty, or with data where each part begins. */
void trial_begin(enum ssum_holes holes);
void trial_begin_with_parts(enum ssum_holes holes);
void trial_end(void);

/* To use another file: set trial.division.file[i].file, and then call this. */
void trial_watch(int i);

/* Open both files, and allow so many parts in total. */
void trial_give(unsigned count);

/* One of the parts has finished. */
void trial_take(unsigned i);

/* Set the count of checks to 0. */
void trial_forget_looks(void);

#endif
