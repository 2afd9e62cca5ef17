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

/* target_make_content(): make the content. target_new(): write it to a new file; from then on only
   calls on this file are counted, and target_fd is open until target_close(). */
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

/* Run the steps `from` to `to` - 1 of a writer. */
void write_steps(const struct writer *writer, size_t from, size_t to);

#endif
