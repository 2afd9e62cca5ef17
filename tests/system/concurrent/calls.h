/* SPDX-License-Identifier: MIT */
/* The functions that the library calls to open, stat and read one file and to find its holes. This
   program's functions replace those of the C library. */
#ifndef CONCURRENT_CALLS_H
#define CONCURRENT_CALLS_H

#include <stdatomic.h>
#include <sys/stat.h>

#define CALLS_MAX 400

/* Called before each such call with the index of the call, or NULL. Calls that the function itself
   makes are not counted. */
extern void (*before_call)(unsigned call);

/* The number of calls, and their kinds: o open, f fstat, l lseek, r pread. */
extern atomic_uint call_count;
extern char trace[CALLS_MAX + 1];

/* Count only calls on this file, and opens of the name "target". */
void watch_file(const struct stat *st);

#endif
