/* SPDX-License-Identifier: MIT */
/* Files of checkpoints, read as a whole. */
#ifndef SUPPORT_CHECKPOINTS_H
#define SUPPORT_CHECKPOINTS_H

#include "base/bytes.h"
#include "manifest/checkpoints.h"
#include "sparsesum/package.h"

/* A file in memory that holds a text, at its beginning. */
int memory_file(const void *text, size_t length);

/* The checkpoints of a content, by libcrypto; to be cleared. */
void true_checkpoints(struct ssum_checkpoints *checkpoints, const char *algorithm,
		      uint64_t interval, const void *content, size_t length);

/* All that a file gives. */
struct all_read {
	char algorithm[32]; /* "" if the first line was refused */
	struct ssum_checkpoints *entries;
	size_t count;
	int code;      /* what ended it: 0 the end */
	uint64_t line; /* and where */
};

/* Read a file from where it stands; to be freed. Fails the test if an entry is given that cannot be
   one. */
void read_all(struct all_read *all, int fd);
void read_text(struct all_read *all, const void *text, size_t length);
void all_read_free(struct all_read *all);

/* Fails the test unless both have the same name, length, interval, digest and values. */
void assert_same_checkpoints(const struct ssum_checkpoints *a, const struct ssum_checkpoints *b);

/* The text that the entries are written as; to be freed. */
struct bytes text_of(const char *algorithm, const struct ssum_checkpoints *entries, size_t count);

#endif
