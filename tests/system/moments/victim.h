/* SPDX-License-Identifier: MIT */
/* A file with a hole, and programs that write to it while it is read. */
#ifndef MOMENTS_VICTIM_H
#define MOMENTS_VICTIM_H

#include <stdbool.h>
#include <stddef.h>

#define VICTIM_SIZE (640 * 1024)
#define VICTIM_FIRST 7                  /* the byte with the number of the state */
#define VICTIM_LAST (VICTIM_SIZE - 100) /* a byte of the last read */

extern unsigned char victim_content[VICTIM_SIZE]; /* in the first state */
extern int victim_fd;

/* Make the content; then a new file with it. Only that file is watched from then on, and it is open
   until victim_close(). */
void victim_make_up(void);
void victim_new(const char *path);
void victim_close(void);

#define STEPS 3

/* Each writer changes the first byte and then a later one, so a reader that gets both old and new
   bytes has a content that the file never had. */
struct writer {
	const char *name;
	void (*steps[STEPS])(void);
	bool is_about_times; /* changes only timestamps, or resets them */
};

#define WRITERS 11
extern const struct writer writers[WRITERS];

/* The steps of a writer, from the first number to the second. */
void write_steps(const struct writer *writer, size_t from, size_t to);

#endif
