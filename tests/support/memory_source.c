/* SPDX-License-Identifier: MIT */
#include "support/memory_source.h"

#include <check.h>
#include <errno.h>
#include <string.h>

static struct memory_source *of(struct source *source)
{
	return container_of(source, struct memory_source, source);
}

static bool in_hole(const struct memory_source *memory, uint64_t offset)
{
	return offset >= memory->hole && offset < memory->hole_end;
}

static int memory_open(struct source *source, const struct waiter *waiter)
{
	struct memory_source *memory = of(source);

	(void)waiter;
	ck_assert(!memory->is_open);
	if (++memory->opens == memory->open_fails)
		return -EIO;
	memory->is_open = true;
	return 0;
}

static struct ssum_extent memory_extent_at(struct source *source, uint64_t offset)
{
	const struct memory_source *memory = of(source);
	bool hole = in_hole(memory, offset);
	uint64_t end = hole                    ? memory->hole_end
		       : offset < memory->hole ? memory->hole
					       : source->size;

	ck_assert(memory->is_open && source->has_size);
	ck_assert_uint_lt(offset, source->size);
	return (struct ssum_extent){offset, end - offset, hole ? SSUM_HOLE : SSUM_DATA};
}

static int memory_read_at(struct source *source, void *buffer, size_t length, uint64_t offset,
			  size_t *got)
{
	struct memory_source *memory = of(source);

	ck_assert(memory->is_open && offset <= source->size);
	memory->reads++;
	memory->hole_reads += in_hole(memory, offset);
	if (memory->on_read)
		memory->on_read(memory);
	if (memory->reads == memory->read_fails)
		return -EIO;
	*got = (size_t)min_u64(length, source->size - offset);
	if (memory->reads == memory->read_is_short)
		--*got;
	if (memory->content)
		memcpy(buffer, memory->content + offset, *got);
	else
		memset(buffer, 0, *got);
	return 0;
}

static int memory_check(struct source *source)
{
	struct memory_source *memory = of(source);

	ck_assert(memory->is_open);
	if (!memory->changes)
		return 0;
	memory->changes--;
	return SSUM_ERR_CHANGED;
}

static void memory_close(struct source *source)
{
	struct memory_source *memory = of(source);

	ck_assert(memory->is_open);
	memory->is_open = false;
}

const struct source_ops memory_source_ops = {
	.open = memory_open,
	.extent_at = memory_extent_at,
	.read_at = memory_read_at,
	.check = memory_check,
	.close = memory_close,
};

struct memory_source memory_source_of(const void *content, uint64_t size)
{
	return (struct memory_source){
		.source = {.ops = &memory_source_ops,
			   .has_size = true,
			   .can_reopen = true,
			   .size = size},
		.content = content,
	};
}
