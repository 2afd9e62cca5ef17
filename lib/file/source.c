/* SPDX-License-Identifier: MIT */
#include "file/source.h"

int source_read(struct source *source, void *buffer, size_t length, uint64_t offset)
{
	size_t got;
	int rc = source->ops->read_at(source, buffer, length, offset, &got);

	return rc ? rc : got < length ? SSUM_ERR_CHANGED : 0;
}
