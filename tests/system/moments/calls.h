/* SPDX-License-Identifier: MIT */
/* The calls by which the library opens, stats and reads one file and finds its holes. Those of this
   program replace the C library's. */
#ifndef MOMENTS_CALLS_H
#define MOMENTS_CALLS_H

#include <stdatomic.h>
#include <sys/stat.h>

#define MOMENTS_MAX 400

/* Called before each such call, with its number; calls made by the function are not counted. NULL:
   not called. */
extern void (*at_moment)(unsigned moment);

/* The number of calls, and their kinds: o open, f fstat, l lseek, r pread. */
extern atomic_uint moments;
extern char trace[MOMENTS_MAX + 1];

/* Count only calls on this file, and opens of the name "victim". */
void watch_file(const struct stat *st);

#endif
