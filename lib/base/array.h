/* SPDX-License-Identifier: MIT */
/* Arrays that grow. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include "base/common.h"

/*
 * Have room for `count` items of `size` bytes; array is the address of the pointer to them, which
 * is NULL as long as *capacity is 0. It grows to twice as many each time, so that adding one after
 * the other copies each a few times at most. 0; or -ENOMEM, and all is as before.
 */
int array_reserve(void *array, size_t *capacity, size_t count, size_t size);

#endif
