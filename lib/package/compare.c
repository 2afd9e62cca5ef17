/* SPDX-License-Identifier: MIT */
/*
 * Comparison of two files, byte by byte. A comparison has no chain, so both are cut into parts that
 * are compared side by side; they come back in order, and with them the first difference.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/options.h"
#include "engine/compare_sink.h"
#include "file/shared_file.h"
#include "package/operation.h"
#include "package/ranges.h"

/* A few milliseconds of work: long against the time that it takes to begin a part, and short enough
   that all threads have work to the end. What a part can hold is 128 KiB of ranges. */
#define PART_LENGTH (32 * MIB)

/* Parts for each thread that are given ahead of it. */
#define PARTS_AHEAD 4

enum { A, B, FILES };

struct comparison {
	struct operation operation;
	const char *path[FILES];
	struct shared_file file[FILES];
	struct ranges ranges;

	/* While both are open. */
	struct shared_view view[FILES]; /* the calling thread's */
	uint64_t length[FILES], common;
	uint64_t given; /* how far parts have been given */

	/* When all parts are through, or have come to the first difference. */
	bool differs;
	uint64_t offset;
	uint64_t data[FILES];
	int blamed; /* for an error */
};

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

static void part_free(struct part *part)
{
	differences_free(&part->sink.differences);
	free(part);
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

static int open_file(struct comparison *comparison, int i)
{
	struct shared_file *shared = &comparison->file[i];
	struct source *source = &comparison->view[i].source;

	comparison->blamed = i;
	shared->seen = false;
	file_source_named(&shared->file, comparison->path[i],
			  comparison->operation.context->options.holes);
	shared->file.devices = &comparison->operation.devices;
	shared_view_init(&comparison->view[i], shared);

	int rc = source->ops->open(source);
	if (rc)
		return rc;
	rc = find_length(source, &comparison->length[i]);
	if (rc)
		source->ops->close(source);
	return rc;
}

static void close_file(struct comparison *comparison, int i)
{
	struct source *source = &comparison->view[i].source;

	source->ops->close(source);
}

static int open_files(struct comparison *comparison)
{
	int rc = open_file(comparison, A);

	if (rc)
		return rc;
	rc = open_file(comparison, B);
	if (rc)
		close_file(comparison, A);
	comparison->common = min_u64(comparison->length[A], comparison->length[B]);
	return rc;
}

static int check_files(struct comparison *comparison)
{
	int rc = 0;

	for (int i = 0; i < FILES && !rc; i++) {
		struct source *source = &comparison->view[i].source;

		comparison->blamed = i;
		rc = source->ops->check(source);
	}
	return rc;
}

/* ---- Parts ---- */

static struct ssum_extent extent_of(struct comparison *comparison, int i)
{
	struct source *source = &comparison->view[i].source;

	return source->ops->extent_at(source, source->start + comparison->given);
}

/* What is a hole in both is equal, and needs no part: it may be longer than any file. */
static void skip_common_holes(struct comparison *comparison)
{
	while (comparison->given < comparison->common) {
		struct ssum_extent a = extent_of(comparison, A), b = extent_of(comparison, B);
		uint64_t length = min_u64(min_u64(a.length, b.length),
					  comparison->common - comparison->given);

		if (a.kind != SSUM_HOLE || b.kind != SSUM_HOLE)
			return;
		comparison->given += length;
		comparison->operation.bytes_due -= length;
	}
}

static struct part *part_new(struct comparison *comparison)
{
	struct part *part = calloc(1, sizeof(*part));
	uint64_t start = comparison->given;

	if (!part)
		return NULL;
	for (int i = 0; i < FILES; i++) {
		shared_view_init(&part->view[i], &comparison->file[i]);
		part->view[i].known = comparison->view[i].map.last;
	}
	compare_sink_init(&part->sink, &part->view[A].source, &part->view[B].source,
			  comparison->operation.context->options.holes == SSUM_HOLES_VERIFY);
	part->sink.start = start;
	part->sink.stops = true;
	part->sink.every = comparison->ranges.tell != NULL;
	part->job.path = comparison->path[A];
	part->job.span = (struct span){
		.source = &part->view[A].source,
		.sink = &part->sink.sink,
		.start = start,
		.end = start + min_u64(comparison->common - start, PART_LENGTH),
	};
	return part;
}

static int next_part(void *user, struct span **span)
{
	struct comparison *comparison = user;
	struct part *part;

	if (comparison->operation.context->options.holes != SSUM_HOLES_VERIFY)
		skip_common_holes(comparison);
	if (comparison->given == comparison->common)
		return 0;
	part = part_new(comparison);
	if (!part)
		return -ENOMEM;
	comparison->given = part->job.span.end;
	*span = &part->job.span;
	return 1;
}

static void note_difference(struct comparison *comparison, uint64_t offset)
{
	if (!comparison->differs)
		comparison->offset = offset;
	comparison->differs = true;
}

/* In order: the first part that differs has the first difference. */
static int part_done(void *user, struct span *span, struct span **instead)
{
	struct comparison *comparison = user;
	struct part *part = part_of(span);
	const struct compare_sink *sink = &part->sink;
	int rc = span->result;

	(void)instead;
	comparison->blamed = sink->peer_failed ? B : A;
	for (int i = 0; i < FILES; i++)
		comparison->data[i] += sink->data[i];
	if (!rc && sink->differs) {
		note_difference(comparison, sink->offset);
		rc = sink->every ? ranges_add(&comparison->ranges, sink->differences.ranges,
					      sink->differences.count)
				 : SINK_ENOUGH;
	}
	part_free(part);
	return rc;
}

static void part_drop(void *user, struct span *span)
{
	(void)user;
	part_free(part_of(span));
}

static int compare_parts(struct comparison *comparison)
{
	const struct pool_client client = {
		.next = next_part,
		.done = part_done,
		.drop = part_drop,
		.user = comparison,
		.files = FILES,
		.window = PARTS_AHEAD * comparison->operation.context->options.threads,
	};

	comparison->given = 0;
	comparison->operation.bytes_due = comparison->common;
	return operation_run(&comparison->operation, client);
}

/* ---- All together ---- */

/* The bytes that one file has and the other lacks. */
static int compare_lengths(struct comparison *comparison)
{
	uint64_t longest = comparison->length[comparison->length[A] < comparison->length[B]];
	const struct ssum_range rest = {comparison->common, longest - comparison->common};

	if (!rest.length)
		return 0;
	note_difference(comparison, rest.offset);
	return ranges_add(&comparison->ranges, &rest, 1);
}

static int try_once(struct comparison *comparison)
{
	int rc = open_files(comparison);

	if (rc)
		return rc;
	comparison->differs = false;
	comparison->offset = 0;
	comparison->data[A] = comparison->data[B] = 0;
	ranges_forget(&comparison->ranges);
	rc = compare_parts(comparison);
	if (!rc)
		rc = compare_lengths(comparison);
	if (!rc)
		rc = check_files(comparison);
	close_file(comparison, A);
	close_file(comparison, B);
	return rc == SINK_ENOUGH ? 0 : rc;
}

/* Files that changed are compared again, unless something was told that cannot be taken back. */
static int compare_until_stable(struct comparison *comparison)
{
	unsigned tries = comparison->operation.context->options.tries;
	int rc;

	comparison->operation.files_due = 1;
	do
		rc = try_once(comparison);
	while (rc == SSUM_ERR_CHANGED && !comparison->ranges.told && --tries);
	return rc || !comparison->ranges.tell ? rc : ranges_end(&comparison->ranges);
}

static struct ssum_comparison result_of(const struct comparison *comparison)
{
	const struct shared_file *file = comparison->file;

	return (struct ssum_comparison){
		.size = sizeof(struct ssum_comparison),
		.length = {comparison->length[A], comparison->length[B]},
		.offset = comparison->offset,
		.data = {comparison->data[A], comparison->data[B]},
		.maps_known = !comparison->differs && file[A].file.knows_holes &&
			      file[B].file.knows_holes,
	};
}

int ssum_compare_ranges(struct ssum_context *context, const char *a, const char *b,
			ssum_range_fn *range, void *user, struct ssum_comparison *given)
{
	struct comparison comparison = {.path = {a, b}};

	operation_begin(&comparison.operation, context, NULL, NULL);
	comparison.ranges = (struct ranges){
		.context = comparison.operation.context, .tell = range, .user = user};
	shared_file_init(&comparison.file[A]);
	shared_file_init(&comparison.file[B]);

	int rc = compare_until_stable(&comparison);
	if (!rc)
		rc = comparison.differs ? SSUM_DIFFERS : SSUM_SAME;
	const struct ssum_comparison result = result_of(&comparison);
	if (rc >= 0 && options_give(given, &result, sizeof(result)))
		rc = SSUM_ERR_OPTIONS;

	ranges_free(&comparison.ranges);
	shared_file_end(&comparison.file[A]);
	shared_file_end(&comparison.file[B]);
	return operation_end(&comparison.operation, rc, NULL, comparison.path[comparison.blamed]);
}

int ssum_compare_files(struct ssum_context *context, const char *a, const char *b,
		       struct ssum_comparison *comparison)
{
	return ssum_compare_ranges(context, a, b, NULL, NULL, comparison);
}
