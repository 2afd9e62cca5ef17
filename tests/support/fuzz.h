/* SPDX-License-Identifier: MIT */
/* Shared functions of the fuzz targets in tests/fuzz. Each target is a file with
   LLVMFuzzerTestOneInput(). libFuzzer calls it (make fuzz), and tests/fuzz/replay.c calls it for
   each kept input (make check). */
#ifndef SUPPORT_FUZZ_H
#define SUPPORT_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

/* Abort unless a property holds that must hold for every input. */
#define require(condition)                                                                         \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,          \
				#condition);                                                       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* An input as a program: a sequence of numbers, followed by endless zeros. */
struct program {
	const uint8_t *at;
	size_t left;
};

/* The next number, below `limit`, which is above 0. Takes as few bytes as possible. */
uint64_t take_below(struct program *program, uint64_t limit);

/* An input as text: the words of its first line are options, the rest is the text. Returns false if
   there is no first line. */
struct fuzz_text {
	char *choices, *text; /* terminated by a NUL */
	size_t length;        /* of text, which may contain NULs */
};

bool fuzz_text(struct fuzz_text *text, const uint8_t *data, size_t length);
void fuzz_text_free(struct fuzz_text *text);
bool chooses(const struct fuzz_text *text, const char *word);

/* A directory of this process, and the path of a file in it. Both strings stay valid. The directory
   is removed with its content when the process exits. */
const char *fuzz_directory(void);
const char *fuzz_path(void);

#endif
