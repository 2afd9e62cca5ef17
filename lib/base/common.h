/* SPDX-License-Identifier: MIT */
/* Definitions that every part of the library uses. */
#ifndef BASE_COMMON_H
#define BASE_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sparsesum.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Returns the structure that contains a member; `pointer` points to the member. */
#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

#endif
