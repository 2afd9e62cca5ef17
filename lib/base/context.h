/* SPDX-License-Identifier: MIT */
/*
 * The context of an operation: its options, the flag that cancels it, and the message of its
 * failure. Also: structures of the public interface that begin with their size.
 */
#ifndef BASE_CONTEXT_H
#define BASE_CONTEXT_H

#include <stdatomic.h>

#include "base/bytes.h"

struct ssum_context {
	struct ssum_options options; /* defaults are filled in */
	atomic_bool cancelled;
	struct bytes message; /* empty, or NUL-terminated */
};

static inline bool context_cancelled(const struct ssum_context *context)
{
	return atomic_load_explicit(&context->cancelled, memory_order_relaxed);
}

/*
 * Begin an operation: returns the caller's context, or `own` with the defaults if there is none.
 * Clears the message of the last operation. Call context_end() in the end.
 */
struct ssum_context *context_begin(struct ssum_context *given, struct ssum_context *own);
void context_end(struct ssum_context *context, struct ssum_context *own);

/* Set the message to "name: text of code"; name may be NULL. Returns code. */
int context_fail(struct ssum_context *context, int code, const char *name);

/* The same for a name in a directory, with the path "directory/name"; directory may be NULL. */
int context_fail_below(struct ssum_context *context, int code, const char *directory,
		       const char *name);

/* ---- Structures that begin with their size, so that old and new releases fit together ---- */

/*
 * Copy a structure of the caller, where `known` is its size in this release. Members that an older
 * caller lacks become zero. Bytes that a newer caller has beyond `known` must be zero. NULL is a
 * structure of zeros. 0 or SSUM_ERR_OPTIONS.
 */
int options_take(void *options, size_t known, const void *given);

/* Copy a structure into one of the caller, whose first member says its size. NULL is allowed, and
   nothing is copied. 0 or SSUM_ERR_OPTIONS. */
int options_give(void *taken, const void *value, size_t known);

#endif
