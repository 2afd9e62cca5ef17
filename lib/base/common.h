/* SPDX-License-Identifier: MIT */
/* Small definitions for every file of the library. */
#ifndef BASE_COMMON_H
#define BASE_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sparsesum.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* The structure that contains a member, from a pointer to the member. */
#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The name of an algorithm; NULL is the default. */
static inline const char *algorithm_or_default(const char *name)
{
	return name ? name : "sha1";
}

#endif
