/* SPDX-License-Identifier: MIT */
/* Comparison of two files, byte by byte, in parts. */
#include "base/context.h"
#include "ops/division.h"
#include "ops/ranges.h"

/* Parts for each thread that are given ahead of it. */
#define PARTS_AHEAD 4

enum { A, B, FILES };

struct comparison {
	struct operation operation;
	const char *path[FILES];
	struct division division;
	struct ranges ranges;
};

/* ---- Parts ---- */

static int next_part(void *user, struct span **span)
{
	struct comparison *comparison = user;
	struct division *division = &comparison->division;
	int rc = division_next(division, span);

	comparison->operation.bytes_due = division->common - division->skipped;
	return rc;
}

static int part_done(void *user, struct span *span, struct span **instead)
{
	struct comparison *comparison = user;
	const struct differences *differences = &part_sink(span)->differences;
	int rc = division_take(&comparison->division, span);

	(void)instead;
	if (!rc && comparison->division.every)
		rc = ranges_add(&comparison->ranges, differences->ranges, differences->count);
	else if (!rc && comparison->division.differs)
		rc = SINK_ENOUGH;
	division_drop(&comparison->division, span);
	return rc;
}

static void part_drop(void *user, struct span *span)
{
	struct comparison *comparison = user;

	division_drop(&comparison->division, span);
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

	return operation_run(&comparison->operation, client);
}

/* ---- All together ---- */

/* The bytes that one file has and the other lacks differ too. */
static int compare_lengths(struct comparison *comparison)
{
	struct ssum_range rest;

	return division_rest(&comparison->division, &rest)
		       ? ranges_add(&comparison->ranges, &rest, 1)
		       : 0;
}

static int try_once(struct comparison *comparison)
{
	int rc = division_open(&comparison->division);

	if (rc)
		return rc;
	ranges_forget(&comparison->ranges);
	rc = compare_parts(comparison);
	if (!rc)
		rc = compare_lengths(comparison);
	if (!rc)
		rc = division_check(&comparison->division);
	division_close(&comparison->division);
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

static struct ssum_comparison result_of(const struct division *division)
{
	const struct shared_file *file = division->file;

	return (struct ssum_comparison){
		.size = sizeof(struct ssum_comparison),
		.length = {division->length[A], division->length[B]},
		.offset = division->offset,
		.data = {division->data[A], division->data[B]},
		.maps_known =
			!division->differs && file[A].file.knows_holes && file[B].file.knows_holes,
	};
}

static void comparison_begin(struct comparison *comparison, struct ssum_context *given,
			     ssum_range_fn *range, void *user)
{
	operation_begin(&comparison->operation, given, NULL, NULL);

	const struct ssum_context *context = comparison->operation.context;
	comparison->ranges = (struct ranges){.context = context, .tell = range, .user = user};
	division_init(&comparison->division, context, comparison->path[A], NULL);
	comparison->division.every = range != NULL;
	for (int i = 0; i < FILES; i++) {
		struct file_source *file = &comparison->division.file[i].file;

		file_source_named(file, comparison->path[i], context->options.holes);
		file->devices = &comparison->operation.devices;
	}
}

int ssum_compare_ranges(struct ssum_context *context, const char *a, const char *b,
			ssum_range_fn *range, void *user, struct ssum_comparison *given)
{
	struct comparison comparison = {.path = {a, b}};

	comparison_begin(&comparison, context, range, user);
	int rc = compare_until_stable(&comparison);
	if (!rc)
		rc = comparison.division.differs ? SSUM_DIFFERS : SSUM_HOLDS;
	const struct ssum_comparison result = result_of(&comparison.division);
	if (rc >= 0 && options_give(given, &result, sizeof(result)))
		rc = SSUM_ERR_OPTIONS;

	ranges_free(&comparison.ranges);
	division_end(&comparison.division);
	return operation_end(&comparison.operation, rc, NULL,
			     comparison.path[comparison.division.blamed]);
}

int ssum_compare_files(struct ssum_context *context, const char *a, const char *b,
		       struct ssum_comparison *comparison)
{
	return ssum_compare_ranges(context, a, b, NULL, NULL, comparison);
}
