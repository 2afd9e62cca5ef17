/* SPDX-License-Identifier: MIT */
/* The calls by which the library opens, stats and reads one file and finds its holes. Those of this
   program replace the C library's. */
#ifndef CONCURRENT_CALLS_H
#define CONCURRENT_CALLS_H

#include <stdatomic.h>
#include <sys/stat.h>

#define CALLS_MAX 400

/* Called before each such call, with its number; calls made by the function are not counted. NULL:
   not called. */
extern void (*before_call)(unsigned call);

/* The number of calls, and their kinds: o open, f fstat, l lseek, r pread. */
extern atomic_uint call_count;
extern char trace[CALLS_MAX + 1];

/* Count only calls on this file, and opens of the name "target". */
void watch_file(const struct stat *st);

#endif
