/* SPDX-License-Identifier: MIT */
#include "ops/division.h"

#include <errno.h>
#include <stdlib.h>

enum { A, B, FILES };

/* The same range of both files. */
struct part {
	struct job job;
	struct shared_view view[FILES];
	struct compare_sink sink;
};

void division_init(struct division *division, const struct ssum_context *context, const char *path,
		   void *owner)
{
	*division =
		(struct division){.holes = context->options.holes, .path = path, .owner = owner};
	for (int i = 0; i < FILES; i++)
		shared_file_init(&division->file[i]);
}

void division_end(struct division *division)
{
	division_close(division);
	for (int i = 0; i < FILES; i++)
		shared_file_end(&division->file[i]);
}

/* ---- Opening and closing ---- */

static int division_open_file(struct division *division, int i, const struct waiter *waiter)
{
	struct source *source = &division->view[i].source;
	unsigned char byte;
	size_t got = 0;
	int rc;

	division->failed = i;
	division->file[i].seen = false;
	shared_view_init(&division->view[i], &division->file[i], NULL);
	rc = source->ops->open(source, waiter);
	if (rc)
		return rc;

	/* A file of unknown length is accepted only if it is empty. */
	division->length[i] = source->has_size ? source->size - source->start : 0;
	if (!source->has_size)
		rc = source->ops->read_at(source, &byte, 1, source->start, &got);
	if (!rc && got)
		rc = SSUM_ERR_NOT_REGULAR;
	if (rc)
		source->ops->close(source);
	return rc;
}

/* Skip a range that is a hole in both files: it is equal without reading. It may be very long. */
static void division_skip_holes(struct division *division)
{
	struct source *a = &division->view[A].source, *b = &division->view[B].source;

	while (division->holes != SSUM_HOLES_VERIFY && division->next < division->common) {
		struct ssum_extent in_a = a->ops->extent_at(a, a->start + division->next);
		struct ssum_extent in_b = b->ops->extent_at(b, b->start + division->next);
		uint64_t length = min_u64(in_a.length, in_b.length); /* ends within both files */

		if (in_a.kind != SSUM_HOLE || in_b.kind != SSUM_HOLE)
			return;
		division->next += length;
		division->skipped += length;
	}
}

int division_open(struct division *division, const struct waiter *waiter)
{
	struct source *a = &division->view[A].source;
	int rc = division_open_file(division, A, waiter);

	if (rc)
		return rc;
	rc = division_open_file(division, B, waiter);
	if (rc) {
		a->ops->close(a);
		return rc;
	}
	division->is_open = true;
	division->common = min_u64(division->length[A], division->length[B]);
	division->next = 0;
	atomic_store_explicit(&division->decisive, UINT64_MAX, memory_order_relaxed);
	division->result = 0;
	division->differs = false;
	division->read_twice = false;
	division->changes = 0;
	division->offset = 0;
	division->data[A] = division->data[B] = 0;
	division->skipped = division->compared = 0;
	division_skip_holes(division);
	return 0;
}

int division_check(struct division *division)
{
	int rc = 0;

	for (int i = 0; i < FILES && !rc; i++) {
		struct source *source = &division->view[i].source;

		division->failed = i;
		rc = source->ops->check(source);
		division->changes |= source->changes;
	}
	return rc;
}

void division_close(struct division *division)
{
	for (int i = 0; i < FILES && division->is_open; i++) {
		struct source *source = &division->view[i].source;

		source->ops->close(source);
	}
	division->is_open = false;
}

/* ---- Parts ---- */

int division_next(struct division *division, struct span **span)
{
	uint64_t start = division->next;
	uint64_t length = min_u64(division->common - start, PART_LENGTH);
	struct part *part;

	if (division_at_end(division))
		return 0;
	part = calloc(1, sizeof(*part));
	if (!part)
		return -ENOMEM;
	for (int i = 0; i < FILES; i++)
		shared_view_init(&part->view[i], &division->file[i], &division->view[i].map.last);
	compare_sink_init(&part->sink, &part->view[A].source, &part->view[B].source,
			  division->holes == SSUM_HOLES_VERIFY);
	part->sink.start = start;
	part->sink.stops = true;
	part->sink.every = division->every;
	part->sink.decisive = division->every ? NULL : &division->decisive;
	part->job.path = division->path;
	part->job.owner = division->owner;
	part->job.span = (struct span){
		.source = &part->view[A].source,
		.sink = &part->sink.sink,
		.start = start,
		.end = start + length,
		.weight = length,
	};
	division->next = start + length;
	division->parts++;
	division_skip_holes(division);
	*span = &part->job.span;
	return 1;
}

int division_take(struct division *division, struct span *span)
{
	const struct compare_sink *sink = part_sink(span);

	/* Results come in order. The first error or difference decides; parts after it may not have
	   been compared at all. */
	if (division->result || (division->differs && !division->every))
		return span->result;
	division->result = span->result;
	division->failed = sink->peer_failed ? B : A;
	division->compared += span->length;
	division->read_twice |= span->read_twice || sink->peer_read_twice;
	division->changes |= span->changes | sink->peer_changes;
	for (int i = 0; i < FILES; i++)
		division->data[i] += sink->data[i];
	if (!division->result && sink->differs) {
		if (!division->differs)
			division->offset = sink->offset;
		division->differs = true;
	}
	if (division->result || (division->differs && !division->every)) {
		division->next = division->common;
		compare_sink_decide(&division->decisive, span->start);
	}
	return span->result;
}

void division_drop(struct division *division, struct span *span)
{
	struct part *part = container_of(span, struct part, job.span);

	division->parts--;
	differences_free(&part->sink.differences);
	free(part);
}

bool division_rest(struct division *division, struct ssum_range *rest)
{
	uint64_t longest = division->length[division->length[A] < division->length[B]];

	*rest = (struct ssum_range){division->common, longest - division->common};
	if (!rest->length)
		return false;
	if (!division->differs)
		division->offset = rest->offset;
	division->differs = true;
	return true;
}
