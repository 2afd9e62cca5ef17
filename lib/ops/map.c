/* SPDX-License-Identifier: MIT */
/* ssum_map_file() and ssum_map_fd(): report the extents of a file. */
#include <errno.h>
#include <stdlib.h>

#include "base/context.h"
#include "io/file_source.h"

#define BUFFER_LENGTH (128 * KIB)

struct mapping {
	struct ssum_context *context;
	struct source *source;
	ssum_extent_fn *extent;
	void *user;
	unsigned char *buffer; /* to read holes into; NULL: holes are trusted */
};

/* Report an extent. If holes are not trusted, read a hole first. */
static int map_report(const struct mapping *mapping, const struct ssum_extent *extent)
{
	uint64_t offset = extent->offset, end = extent->offset + extent->length;
	int rc = 0;

	while (mapping->buffer && extent->kind == SSUM_HOLE && offset < end && !rc) {
		size_t length = (size_t)min_u64(end - offset, BUFFER_LENGTH);

		rc = source_read(mapping->source, mapping->buffer, length, offset);
		if (!rc)
			rc = source_judge_hole(mapping->source, mapping->buffer, length);
		if (!rc && context_cancelled(mapping->context))
			rc = SSUM_ERR_CANCELLED;
		offset += length;
	}
	if (!rc && (context_cancelled(mapping->context) || mapping->extent(mapping->user, extent)))
		rc = SSUM_ERR_CANCELLED;
	return rc;
}

/* Report all extents. Adjacent extents of one kind are reported as one. */
static int map_extents(const struct mapping *mapping)
{
	struct source *source = mapping->source;
	uint64_t size = source->has_size ? source->size : 0;
	struct ssum_extent whole = {0};
	int rc = 0;

	for (uint64_t offset = 0; offset < size && !rc;) {
		struct ssum_extent extent = source->ops->extent_at(source, offset);

		offset += extent.length;
		if (whole.length && extent.kind == whole.kind) {
			whole.length += extent.length;
			continue;
		}
		if (whole.length)
			rc = map_report(mapping, &whole);
		whole = extent;
	}
	return rc || !whole.length ? rc : map_report(mapping, &whole);
}

static int map_source(struct ssum_context *caller_context, struct file_source *file,
		      const char *name, ssum_extent_fn *extent, void *user)
{
	struct ssum_context own;
	struct devices devices;
	struct mapping mapping = {.context = context_begin(caller_context, &own),
				  .source = &file->source,
				  .extent = extent,
				  .user = user};
	int rc;

	devices_init(&devices, mapping.context);
	file->devices = &devices;
	file->holes = mapping.context->options.holes;
	if (file->holes == SSUM_HOLES_VERIFY)
		mapping.buffer = malloc(BUFFER_LENGTH);
	rc = file->holes == SSUM_HOLES_VERIFY && !mapping.buffer
		     ? -ENOMEM
		     : file->source.ops->open(&file->source, NULL);
	if (!rc) {
		rc = map_extents(&mapping);
		if (!rc)
			rc = file->source.ops->check(&file->source);
		file->source.ops->close(&file->source);
	}
	free(mapping.buffer);
	if (rc)
		context_fail(mapping.context, rc, NULL, name);
	devices_end(&devices);
	context_end(mapping.context, &own);
	return rc;
}

int ssum_map_file(struct ssum_context *context, const char *path, ssum_extent_fn *extent,
		  void *user)
{
	struct file_source file;

	file_source_named(&file, path, SSUM_HOLES_AUTO);
	return map_source(context, &file, path, extent, user);
}

int ssum_map_fd(struct ssum_context *context, int fd, ssum_extent_fn *extent, void *user)
{
	struct file_source file;

	file_source_descriptor(&file, fd, 0, SSUM_HOLES_AUTO);
	return map_source(context, &file, NULL, extent, user);
}
