/* SPDX-License-Identifier: MIT */
/*
 * The context of an operation: its options, its cancellation flag, and its error message. Also:
 * copies of public structures that begin with their size.
 */
#ifndef BASE_CONTEXT_H
#define BASE_CONTEXT_H

#include <stdatomic.h>

#include "base/bytes.h"

struct ssum_context {
	struct ssum_options options; /* defaults are filled in */
	atomic_bool cancelled;
	bool read_twice;      /* by the last operation; see ssum_read_twice() */
	struct bytes message; /* empty, or NUL-terminated */
};

static inline bool context_cancelled(const struct ssum_context *context)
{
	return atomic_load_explicit(&context->cancelled, memory_order_relaxed);
}

/*
 * Begin an operation. Returns the caller's context, or if that is NULL, `own` with the default
 * options. Clears the message of the last operation. Call context_end() at the end.
 */
struct ssum_context *context_begin(struct ssum_context *caller, struct ssum_context *own);
void context_end(struct ssum_context *context, struct ssum_context *own);

/*
 * Set the message to "directory/name: text of code". Without a directory (NULL) it is "name: text
 * of code"; without a name too, it is "text of code". Returns code.
 */
int context_fail(struct ssum_context *context, int code, const char *directory, const char *name);

/*
 * ---- Structures that begin with their size ----
 *
 * The size lets a program use a newer or older release of the library than it was compiled for.
 */

/*
 * Copy a structure of the caller to `options`. `known` is its size in this release. Members that an
 * older caller does not have become zero. Bytes after `known`, from a newer caller, must be zero.
 * If `structure` is NULL, all members become zero. 0 or SSUM_ERR_OPTIONS.
 */
int options_copy_in(void *options, size_t known, const void *structure);

/* Copy `value`, of `known` bytes, to a structure of the caller, which has set the size in it. If
   `structure` is NULL, this does nothing. 0 or SSUM_ERR_OPTIONS. */
int options_copy_out(void *structure, const void *value, size_t known);

/* Whether options_copy_out() is going to succeed, to find out before something is done. 0 or
   SSUM_ERR_OPTIONS. */
int options_check_out(const void *structure);

#endif
