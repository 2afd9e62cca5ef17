/* SPDX-License-Identifier: MIT */
#include "engine/span.h"

/* Zeros that go into a sink at once: a few milliseconds of work between two looks at the flag that
   cancels. */
#define ZEROS_MAX (8 * MIB)

static int check_stop(const struct workplace *workplace)
{
	const struct span_shared *shared = workplace->shared;

	return context_cancelled(shared->context) ||
			       atomic_load_explicit(&shared->stop, memory_order_relaxed)
		       ? SSUM_ERR_CANCELLED
		       : 0;
}

static int took(struct span *span, struct workplace *workplace, uint64_t length)
{
	span->length += length;
	atomic_fetch_add_explicit(&workplace->shared->bytes_done, length, memory_order_relaxed);
	return check_stop(workplace);
}

static int run_zeros(struct span *span, struct workplace *workplace, uint64_t length)
{
	int rc = 0;

	while (length && !rc) {
		uint64_t piece = min_u64(length, ZEROS_MAX);

		rc = span->sink->ops->zeros(span->sink, piece);
		if (!rc)
			rc = took(span, workplace, piece);
		length -= piece;
	}
	return rc;
}

/* A hole that is read as well has to hold zeros. If it does not because somebody has just written
   to it, that is a change and not the file system's fault. */
static int judge_hole(struct span *span, const struct workplace *workplace, size_t length)
{
	if (bytes_are_zero(workplace->buffer, length))
		return 0;
	return span->source->ops->check(span->source) ? SSUM_ERR_CHANGED : SSUM_ERR_HOLE_NOT_ZERO;
}

static int run_data(struct span *span, struct workplace *workplace,
		    const struct ssum_extent *extent)
{
	uint64_t offset = extent->offset, end = extent->offset + extent->length;
	int rc = 0;

	while (offset < end && !rc) {
		size_t piece = (size_t)min_u64(end - offset, workplace->buffer_length);

		rc = source_read(span->source, workplace->buffer, piece, offset);
		if (!rc && extent->kind == SSUM_HOLE)
			rc = judge_hole(span, workplace, piece);
		if (!rc)
			rc = span->sink->ops->data(span->sink, workplace->buffer, piece);
		if (!rc)
			rc = took(span, workplace, piece);
		offset += piece;
	}
	return rc;
}

static int run_extents(struct span *span, struct workplace *workplace, uint64_t offset,
		       uint64_t end)
{
	bool read_holes = workplace->shared->context->options.holes == SSUM_HOLES_VERIFY;
	int rc = 0;

	while (offset < end && !rc) {
		struct ssum_extent extent = span->source->ops->extent_at(span->source, offset);

		extent.length = min_u64(extent.length, end - offset);
		if (extent.kind == SSUM_HOLE && !read_holes)
			rc = run_zeros(span, workplace, extent.length);
		else
			rc = run_data(span, workplace, &extent);
		offset += extent.length;
	}
	return rc;
}

static int run_to_the_end(struct span *span, struct workplace *workplace, uint64_t offset)
{
	size_t got = 0;
	int rc;

	do {
		rc = span->source->ops->read_at(span->source, workplace->buffer,
						workplace->buffer_length, offset, &got);
		if (!rc && got)
			rc = span->sink->ops->data(span->sink, workplace->buffer, got);
		if (!rc)
			rc = took(span, workplace, got);
		offset += got;
	} while (!rc && got == workplace->buffer_length);
	return rc;
}

static int run_content(struct span *span, struct workplace *workplace)
{
	const struct source *source = span->source;
	uint64_t start = source->start + span->start;

	if (!source->has_size)
		return run_to_the_end(span, workplace, start);
	return run_extents(span, workplace, start,
			   span->end < source->size - source->start ? source->start + span->end
								    : source->size);
}

static int run_once(struct span *span, struct workplace *workplace)
{
	struct source *source = span->source;
	struct sink *sink = span->sink;
	int rc = check_stop(workplace);

	span->length = 0;
	if (!rc)
		rc = source->ops->open(source);
	if (rc)
		return rc;
	rc = sink->ops->begin(sink, source);
	if (!rc)
		rc = run_content(span, workplace);
	if (!rc || rc == SINK_ENOUGH)
		rc = source->ops->check(source);
	if (!rc)
		rc = sink->ops->end(sink);
	source->ops->close(source);
	return rc;
}

int span_run(struct span *span, struct workplace *workplace)
{
	unsigned tries = workplace->shared->context->options.tries;

	span->result = span->source ? run_once(span, workplace) : 0;
	while (span->result == SSUM_ERR_CHANGED && span->source->can_reopen && --tries) {
		atomic_fetch_sub_explicit(&workplace->shared->bytes_done, span->length,
					  memory_order_relaxed);
		span->result = run_once(span, workplace);
	}
	return span->result;
}
