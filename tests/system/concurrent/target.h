/* SPDX-License-Identifier: MIT */
/* A file with a hole, and programs that write to it while it is read. */
#ifndef CONCURRENT_TARGET_H
#define CONCURRENT_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#define TARGET_SIZE (640 * 1024)
#define TARGET_FIRST 7                  /* the byte with the number of the state */
#define TARGET_LAST (TARGET_SIZE - 100) /* a byte of the last read */

extern unsigned char target_content[TARGET_SIZE]; /* in the first state */
extern int target_fd;

/* Make the content; then a new file with it. Only that file is watched from then on, and it is open
   until target_close(). */
void target_make_content(void);
void target_new(const char *path);
void target_close(void);

#define STEPS 3

/* Each writer changes the first byte and then a later one, so a reader that gets both old and new
   bytes has a content that the file never had. */
struct writer {
	const char *name;
	void (*steps[STEPS])(void);
	bool is_timestamps; /* changes only timestamps, or resets them */
};

#define WRITERS 11
extern const struct writer writers[WRITERS];

/* The steps of a writer, from the first number to the second. */
void write_steps(const struct writer *writer, size_t from, size_t to);

#endif
