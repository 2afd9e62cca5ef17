/* SPDX-License-Identifier: MIT */
/* What an operation was asked for, the flag that stops it, and the text of its failure. */
#ifndef BASE_CONTEXT_H
#define BASE_CONTEXT_H

#include <stdatomic.h>

#include "base/bytes.h"

struct ssum_context {
	struct ssum_options options; /* with the defaults filled in */
	atomic_bool cancelled;
	struct bytes message; /* NUL-terminated once anything is in it */
};

static inline bool context_cancelled(const struct ssum_context *context)
{
	return atomic_load_explicit(&context->cancelled, memory_order_relaxed);
}

/*
 * The context to work with: the caller's, or `own` set to the defaults for a caller without one.
 * Forgets the message of the operation before. context_end() goes with it.
 */
struct ssum_context *context_begin(struct ssum_context *given, struct ssum_context *own);
void context_end(struct ssum_context *context, struct ssum_context *own);

/* Keep "name: text of code" as the message; name may be NULL. Returns code. */
int context_fail(struct ssum_context *context, int code, const char *name);

/* The same for a name below a directory, from where the caller is; directory may be NULL. */
int context_fail_below(struct ssum_context *context, int code, const char *directory,
		       const char *name);

#endif
