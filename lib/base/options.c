/* SPDX-License-Identifier: MIT */
#include "base/options.h"

#include <string.h>

#include "base/bytes.h"

/* No release will have a structure near this; it keeps a size that was never set from being read
   as the length of one. */
#define LARGEST_STRUCTURE ((size_t)4096)

static int read_size(const void *structure, size_t *size)
{
	memcpy(size, structure, sizeof(*size));
	return *size < sizeof(*size) || *size > LARGEST_STRUCTURE ? SSUM_ERR_OPTIONS : 0;
}

int options_take(void *options, size_t known, const void *given)
{
	size_t size;

	memset(options, 0, known);
	if (!given)
		return 0;
	if (read_size(given, &size))
		return SSUM_ERR_OPTIONS;
	if (size > known && !bytes_are_zero((const char *)given + known, size - known))
		return SSUM_ERR_OPTIONS;

	memcpy(options, given, size < known ? size : known);
	memcpy(options, &known, sizeof(known));
	return 0;
}

int options_give(void *taken, const void *value, size_t known)
{
	size_t size;

	if (!taken)
		return 0;
	if (read_size(taken, &size))
		return SSUM_ERR_OPTIONS;

	memset(taken, 0, size);
	memcpy(taken, value, size < known ? size : known);
	memcpy(taken, &size, sizeof(size));
	return 0;
}
