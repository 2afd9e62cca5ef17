/* SPDX-License-Identifier: MIT */
/* An operation that reads a file "target", while another program writes to it at each call. */
#ifndef CONCURRENT_READING_H
#define CONCURRENT_READING_H

#include "system/concurrent/calls.h"
#include "system/concurrent/states.h"

extern const struct writer *writer; /* at work */
extern atomic_bool has_written;
extern struct ssum_context *context;

/* Enter a new directory, with a writer of a given number and the states that it makes. */
void enter(size_t number);
void leave(void);

/* The context of the operation, which leave() frees. */
void new_context(unsigned tries, unsigned threads);

/* Start counting, with the target in its first state. The writer writes before the call with the
   first number; if the second number is later, only its first step, and the rest before that call.
   */
void begin_reading(const char *path, unsigned call, unsigned last);

/* Stop counting. False if the writer has not written: its call was never made. */
bool end_reading(void);

/* Try the writer at each call. Returns the number of calls. The function makes one run and checks
 * it.
 */
typedef void reading_fn(unsigned call);
unsigned before_each_call(reading_fn *reading, const char *path);

#endif
