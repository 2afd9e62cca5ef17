/* SPDX-License-Identifier: MIT */
#include "io/source.h"

#include "base/bytes.h"

int source_read(struct source *source, void *buffer, size_t length, uint64_t offset)
{
	size_t got;
	int rc = source->ops->read_at(source, buffer, length, offset, &got);

	return rc ? rc : got < length ? SSUM_ERR_CHANGED : 0;
}

int source_judge_hole(struct source *source, const void *data, size_t length)
{
	if (bytes_are_zero(data, length))
		return 0;
	return source->ops->check(source) ? SSUM_ERR_CHANGED : SSUM_ERR_HOLE_NOT_ZERO;
}
