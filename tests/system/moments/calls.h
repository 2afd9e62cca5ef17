/* SPDX-License-Identifier: MIT */
/* The calls that the library makes to open one file, look at it, ask for its holes and read it:
   those of this program stand before the C library's. */
#ifndef MOMENTS_CALLS_H
#define MOMENTS_CALLS_H

#include <stdatomic.h>
#include <sys/stat.h>

#define MOMENTS_MAX 400

/* Called before each such call, with its number; what it does itself is not counted. NULL: nothing
   is. */
extern void (*at_moment)(unsigned moment);

/* How many there were, and which: o open, f fstat, l lseek, r pread. */
extern atomic_uint moments;
extern char trace[MOMENTS_MAX + 1];

/* Only what is done to this file counts, and the opening of what is called "victim". */
void watch_file(const struct stat *st);

#endif
