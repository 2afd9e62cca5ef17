/* SPDX-License-Identifier: MIT */
/* An operation that reads a file "target", while another program writes to it at each call. */
#ifndef CONCURRENT_READING_H
#define CONCURRENT_READING_H

#include "system/concurrent/calls.h"
#include "system/concurrent/states.h"

extern const struct writer *writer; /* the writer that runs */
extern atomic_bool has_written;
extern struct ssum_context *context;

/* Enter a new directory, choose a writer by its index, and compute the states that it makes. */
void enter(size_t number);
void leave(void);

/* The context of the operation, which leave() frees. */
void new_context(unsigned tries, unsigned threads);

/* Start counting calls, with the target in its first state. The writer runs before call `call`; if
   `last` is greater, only its first step runs there, and the rest before call `last`. */
void begin_reading(const char *path, unsigned call, unsigned last);

/* Stop counting. Returns false if the writer did not run, because there were fewer calls. */
bool end_reading(void);

/* Run the function once for each call, with the writer before that call. The function makes one run
   and checks its result. Returns the number of calls. */
typedef void reading_fn(unsigned call);
unsigned before_each_call(reading_fn *reading, const char *path);

#endif
