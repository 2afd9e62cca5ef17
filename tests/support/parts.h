/* SPDX-License-Identifier: MIT */
/* Two files that are compared in parts. The test runs each part. Calls on the files are counted,
   and can be made to fail. */
#ifndef SUPPORT_PARTS_H
#define SUPPORT_PARTS_H

#include "ops/division.h"

#define PARTS 4
#define PARTS_LENGTH (3 * PART_LENGTH + MIB)
#define NOWHERE UINT64_MAX
#define PAGE 4096

enum { A, B, FILES };

struct watch {
	/* Faults, set by the test. */
	int open_fails, check_fails; /* the code to fail with, or 0 */
	uint64_t fails_at;           /* offset of the byte whose read fails, or NOWHERE */
	uint64_t decides_at; /* a read at this offset sets the decisive offset to `decides`; or
				NOWHERE */
	uint64_t decides;
	bool has_no_size;

	/* Counts of calls. */
	unsigned opens, closes, reads, checks;
};

/* The only trial. The sources of both files use it. */
extern struct trial {
	struct ssum_context *context;
	struct division division;
	struct watch watch[FILES];
	struct span *span[PARTS]; /* the parts so far */
	unsigned spans;
} trial;

/* Write a byte to a file, or set its length. The file is created if necessary. */
void poke(const char *path, uint64_t offset, char byte);
void set_length(const char *path, uint64_t length);

/* Create the files "a" and "b" in a scratch directory: empty, or with data at the start of each
   part. */
void trial_begin(enum ssum_holes holes);
void trial_begin_with_parts(enum ssum_holes holes);
void trial_end(void);

/* To use another file: set trial.division.file[i].file, and then call this. */
void trial_watch(int i);

/* Open both files, and take parts from the division until there are `count`. */
void trial_give(unsigned count);

/* One of the parts has finished. */
void trial_take(unsigned i);

/* Set the counts of reads and checks to 0. */
void trial_reset_counts(void);

#endif
