/* SPDX-License-Identifier: MIT */
#include "io/open_file.h"

#include "io/reader.h"

static int file_open(struct source *source)
{
	(void)source;
	return 0;
}

static struct ssum_extent file_extent_at(struct source *source, uint64_t offset)
{
	return (struct ssum_extent){
		.kind = SSUM_DATA, .offset = offset, .length = source->size - offset};
}

static int file_read_at(struct source *source, void *buffer, size_t length, uint64_t offset,
			size_t *got)
{
	return read_until_end(container_of(source, struct open_file, source)->fd, buffer, length,
			      offset, got);
}

static int file_check(struct source *source)
{
	(void)source;
	return 0;
}

static void file_close(struct source *source)
{
	(void)source;
}

static const struct source_ops file_ops = {
	.open = file_open,
	.extent_at = file_extent_at,
	.read_at = file_read_at,
	.check = file_check,
	.close = file_close,
};

void open_file_init(struct open_file *file, int fd, uint64_t size)
{
	*file = (struct open_file){.source = {.ops = &file_ops, .has_size = true, .size = size},
				   .fd = fd};
}
