/* SPDX-License-Identifier: MIT */
/* Interruption by signals. */
#ifndef CLI_OUTPUT_SIGNALS_H
#define CLI_OUTPUT_SIGNALS_H

#include <stdbool.h>

#include "sparsesum.h"

/* SIGINT, SIGTERM and SIGHUP cancel the operation of the context; a second one kills the program,
   and so does the first one if the context is NULL. The progress line is erased.
   streams: the operation may block for ever in a read; kill the program soon after the first one.
 */
void signals_catch(struct ssum_context *context, bool streams);

/* Must be called before the context is freed. Does not return if there was a signal: the program
   dies by that signal. */
void signals_release(void);

/* Whether the code says that the operation was cancelled. Prints that and the outcome if a signal
   was the cause. */
bool signals_stopped(int code, const char *outcome);

/*
 * As openat(2) for reading, and without blocking on a FIFO. If another process has a lease on the
 * file, this waits until that process gives it up, or until a signal: then errno is EINTR.
 */
int signals_open(int at, const char *name, int flags);

#endif
