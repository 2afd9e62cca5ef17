/* SPDX-License-Identifier: MIT */
#include "ops/division.h"

#include <errno.h>
#include <stdlib.h>

enum { A, B, FILES };

/* A part of both files. */
struct part {
	struct job job;
	struct shared_view view[FILES];
	struct compare_sink sink;
};

static struct part *part_of(struct span *span)
{
	return container_of(span, struct part, job.span);
}

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

/* The length of a file that is open. One that does not tell it has to have no content. */
static int find_length(struct source *source, uint64_t *length)
{
	unsigned char byte;
	size_t got = 0;
	int rc = 0;

	*length = source->has_size ? source->size - source->start : 0;
	if (!source->has_size)
		rc = source->ops->read_at(source, &byte, 1, source->start, &got);
	return rc ? rc : got ? SSUM_ERR_NOT_REGULAR : 0;
}

static void close_file(struct division *division, int i)
{
	struct source *source = &division->view[i].source;

	source->ops->close(source);
}

static int open_file(struct division *division, int i)
{
	struct source *source = &division->view[i].source;

	division->blamed = i;
	division->file[i].seen = false;
	shared_view_init(&division->view[i], &division->file[i]);

	int rc = source->ops->open(source);
	if (rc)
		return rc;
	rc = find_length(source, &division->length[i]);
	if (rc)
		close_file(division, i);
	return rc;
}

static struct ssum_extent extent_of(struct division *division, int i)
{
	struct source *source = &division->view[i].source;

	return source->ops->extent_at(source, source->start + division->given);
}

/* What is a hole in both is equal, and needs no part: it may be longer than any file. */
static void skip_common_holes(struct division *division)
{
	while (division->holes != SSUM_HOLES_VERIFY && division->given < division->common) {
		struct ssum_extent a = extent_of(division, A), b = extent_of(division, B);
		uint64_t length = min_u64(a.length, b.length); /* no extent ends behind its file */

		if (a.kind != SSUM_HOLE || b.kind != SSUM_HOLE)
			return;
		division->given += length;
		division->skipped += length;
	}
}

static void begin_anew(struct division *division)
{
	division->common = min_u64(division->length[A], division->length[B]);
	division->given = 0;
	atomic_store_explicit(&division->decisive, UINT64_MAX, memory_order_relaxed);
	division->result = 0;
	division->differs = false;
	division->offset = 0;
	division->data[A] = division->data[B] = 0;
	division->skipped = division->compared = 0;
	skip_common_holes(division);
}

int division_open(struct division *division)
{
	int rc = open_file(division, A);

	if (rc)
		return rc;
	rc = open_file(division, B);
	if (rc) {
		close_file(division, A);
		return rc;
	}
	division->is_open = true;
	begin_anew(division);
	return 0;
}

int division_check(struct division *division)
{
	int rc = 0;

	for (int i = 0; i < FILES && !rc; i++) {
		struct source *source = &division->view[i].source;

		division->blamed = i;
		rc = source->ops->check(source);
	}
	return rc;
}

void division_close(struct division *division)
{
	for (int i = 0; i < FILES && division->is_open; i++)
		close_file(division, i);
	division->is_open = false;
}

/* ---- Parts ---- */

static struct part *part_new(struct division *division)
{
	struct part *part = calloc(1, sizeof(*part));
	uint64_t start = division->given;
	uint64_t length = min_u64(division->common - start, PART_LENGTH);

	if (!part)
		return NULL;
	for (int i = 0; i < FILES; i++)
		shared_view_init_beside(&part->view[i], &division->view[i]);
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
	return part;
}

int division_next(struct division *division, struct span **span)
{
	struct part *part;

	if (division_all_given(division))
		return 0;
	part = part_new(division);
	if (!part)
		return -ENOMEM;
	division->given = part->job.span.end;
	division->parts++;
	skip_common_holes(division);
	*span = &part->job.span;
	return 1;
}

static void note_difference(struct division *division, uint64_t offset)
{
	if (!division->differs)
		division->offset = offset;
	division->differs = true;
}

/* In order: the first part that differs has the first difference, and what comes behind it need not
   have been compared. So it is with an error. */
int division_take(struct division *division, struct span *span)
{
	const struct compare_sink *sink = part_sink(span);

	if (division->result || (division->differs && !division->every))
		return span->result;
	division->result = span->result;
	division->blamed = sink->peer_failed ? B : A;
	division->compared += span->length;
	for (int i = 0; i < FILES; i++)
		division->data[i] += sink->data[i];
	if (!division->result && sink->differs)
		note_difference(division, sink->offset);
	if (division->result || (division->differs && !division->every)) {
		division->given = division->common;
		compare_sink_decide(&division->decisive, span->start);
	}
	return span->result;
}

void division_drop(struct division *division, struct span *span)
{
	struct part *part = part_of(span);

	division->parts--;
	differences_free(&part->sink.differences);
	free(part);
}

bool division_rest(struct division *division, struct ssum_range *rest)
{
	uint64_t longest = division->length[division->length[A] < division->length[B]];

	*rest = (struct ssum_range){division->common, longest - division->common};
	if (rest->length)
		note_difference(division, rest->offset);
	return rest->length != 0;
}
