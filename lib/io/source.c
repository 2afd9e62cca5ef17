/* SPDX-License-Identifier: MIT */
#include "io/source.h"

#include "base/bytes.h"
#include "io/read_write.h"

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

/* ---- A source over an open descriptor ---- */

/* Nothing to open or to check. */
static int open_file_succeed(struct source *source)
{
	(void)source;
	return 0;
}

static struct ssum_extent open_file_extent_at(struct source *source, uint64_t offset)
{
	return (struct ssum_extent){
		.kind = SSUM_DATA, .offset = offset, .length = source->size - offset};
}

static int open_file_read_at(struct source *source, void *buffer, size_t length, uint64_t offset,
			     size_t *got)
{
	int fd = container_of(source, struct open_file, source)->fd;

	return read_until_end(fd, buffer, length, offset, got);
}

static void open_file_close(struct source *source)
{
	(void)source;
}

void open_file_init(struct open_file *file, int fd, uint64_t size)
{
	static const struct source_ops ops = {
		.open = open_file_succeed,
		.extent_at = open_file_extent_at,
		.read_at = open_file_read_at,
		.check = open_file_succeed,
		.close = open_file_close,
	};

	*file = (struct open_file){.source = {.ops = &ops, .has_size = true, .size = size},
				   .fd = fd};
}
