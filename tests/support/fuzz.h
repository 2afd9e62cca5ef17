/* SPDX-License-Identifier: MIT */
/* What the targets in tests/fuzz share. Each is a file with LLVMFuzzerTestOneInput(), which is run
   by libFuzzer (make fuzz), and over the kept inputs by tests/fuzz/replay.c (make check). */
#ifndef SUPPORT_FUZZ_H
#define SUPPORT_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

/* A property that has to hold, whatever the input. */
#define require(condition)                                                                         \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,          \
				#condition);                                                       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* An input as a program: numbers are taken from its beginning, and are 0 behind its end. */
struct program {
	const uint8_t *at;
	size_t left;
};

/* A number below `limit`, of as few bytes as that takes; limit is above 0. */
uint64_t take_below(struct program *program, uint64_t limit);

/* An input as text: the words of its first line choose, the rest is read. False if there is no
   such line. */
struct fuzz_text {
	char *choices, *text; /* both end in a NUL */
	size_t length;        /* of text, which may hold further ones */
};

bool fuzz_text(struct fuzz_text *text, const uint8_t *data, size_t length);
void fuzz_text_free(struct fuzz_text *text);
bool chooses(const struct fuzz_text *text, const char *word);

/* A directory of this process, which is removed with all that is in it when the process ends; and
   the path of a file in it. Valid for ever. */
const char *fuzz_directory(void);
const char *fuzz_path(void);

#endif
