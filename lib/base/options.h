/* SPDX-License-Identifier: MIT */
/* Structures that begin with their size, across releases. */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include "base/common.h"

/*
 * Take over a caller's structure: what it lacks becomes zero, what it has beyond `known` must be
 * zero. NULL is a structure of defaults. 0 or SSUM_ERR_OPTIONS.
 */
int options_take(void *options, size_t known, const void *given);

/* Hand a structure out to a caller whose own says how large it is. NULL is left alone. */
int options_give(void *taken, const void *value, size_t known);

#endif
