/* SPDX-License-Identifier: MIT */
/* An operation that reads the victim, with a writer at each moment of it. */
#ifndef MOMENTS_READING_H
#define MOMENTS_READING_H

#include "system/moments/calls.h"
#include "system/moments/states.h"

extern const struct writer *writer; /* at work */
extern atomic_bool has_written;
extern struct ssum_context *context;

/* A new directory to be in, a writer by its number, and the states that it makes. */
void enter(size_t number);
void leave(void);

/* The context of what comes, which leave() frees. */
void new_context(unsigned tries, unsigned threads);

/* Begin to count, with a victim as at first. The writer writes before the call with the one number,
   and all but its first step before that with the other, if that is the later one. */
void begin_reading(const char *path, unsigned moment, unsigned last);

/* No more calls. False if it has not written: it was to do so after the last one. */
bool end_reading(void);

/* Try the writer at each moment: how many there were. A function runs one reading, and judges it.
 */
typedef void reading_fn(unsigned moment);
unsigned at_each_moment(reading_fn *reading, const char *path);

#endif
