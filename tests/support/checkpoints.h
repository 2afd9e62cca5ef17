/* SPDX-License-Identifier: MIT */
/* Checkpoints of contents, and checkpoint files read completely. */
#ifndef SUPPORT_CHECKPOINTS_H
#define SUPPORT_CHECKPOINTS_H

#include "base/bytes.h"
#include "manifest/checkpoints.h"
#include "sparsesum/package.h"

/* A memfd with a text, positioned at its beginning. */
int memory_file(const void *text, size_t length);

/* The checkpoints of a content, by libcrypto. Call checkpoints_clear(). */
void true_checkpoints(struct ssum_checkpoints *checkpoints, const char *algorithm,
		      uint64_t interval, const void *content, size_t length);

/* The result of reading a file. */
struct all_read {
	char algorithm[32]; /* "" if the first line is invalid */
	struct ssum_checkpoints *entries;
	size_t count;
	int code;      /* 0 at the end of the file, or the error */
	uint64_t line; /* of the error */
};

/* Read a file from its current position. Fails the test if an entry is invalid. Call
   all_read_free(). */
void read_all(struct all_read *all, int fd);
void read_text(struct all_read *all, const void *text, size_t length);
void all_read_free(struct all_read *all);

/* Fails the test unless both have the same name, length, interval, digest and values. */
void assert_same_checkpoints(const struct ssum_checkpoints *a, const struct ssum_checkpoints *b);

/* The text of the entries. Call bytes_free(). */
struct bytes text_of(const char *algorithm, const struct ssum_checkpoints *entries, size_t count);

#endif
