/* SPDX-License-Identifier: MIT */
/* A file with a hole, and those who write to it while it is read. */
#ifndef MOMENTS_VICTIM_H
#define MOMENTS_VICTIM_H

#include <stdbool.h>
#include <stddef.h>

#define VICTIM_SIZE (640 * 1024)
#define VICTIM_FIRST 7                  /* the byte that says how old the file is */
#define VICTIM_LAST (VICTIM_SIZE - 100) /* a byte of the last read */

extern unsigned char victim_content[VICTIM_SIZE]; /* at first */
extern int victim_fd;

/* Make up what it holds; then a new file of it, which alone is watched from then on, and is open
   until victim_close(). */
void victim_make_up(void);
void victim_new(const char *path);
void victim_close(void);

#define STEPS 3

/* Each changes the first byte and then something behind it, so that a reading that met both the old
   and the new file comes to a content that there never was. */
struct writer {
	const char *name;
	void (*steps[STEPS])(void);
	bool is_about_times; /* moves them alone, or sets them back */
};

#define WRITERS 11
extern const struct writer writers[WRITERS];

/* The steps of a writer, from one up to another. */
void write_steps(const struct writer *writer, size_t from, size_t to);

#endif
