/* SPDX-License-Identifier: MIT */
/* ssum_compare_files() and ssum_compare_ranges(): compare two files byte by byte, in parts. */
#include "base/context.h"
#include "ops/division.h"

/* How many parts per thread may be in the pool at once. */
#define PARTS_AHEAD 4

/* The maximum number of ranges that are kept before they are reported. They take 1 MiB of
   memory. */
#define RANGES_HELD_MAX 65536

enum { A, B, FILES };

struct comparison {
	struct operation operation;
	const char *path[FILES];
	struct division division;

	/* Ranges that were passed to the caller cannot be retracted. While there are few, they are
	   kept, so that the files can be compared again if they change. */
	ssum_range_fn *range; /* NULL: the caller does not want them */
	void *user;
	struct differences held;
	bool passed; /* at least one range was passed */
};

/* ---- Ranges ---- */

/* Pass the first `count` held ranges to the caller. */
static int compare_pass_ranges(struct comparison *comparison, size_t count)
{
	struct differences *held = &comparison->held;

	for (size_t i = 0; i < count; i++) {
		if (context_cancelled(comparison->operation.context))
			return SSUM_ERR_CANCELLED;
		comparison->passed = true;
		if (comparison->range(comparison->user, &held->ranges[i]))
			return SSUM_ERR_CANCELLED;
	}
	for (size_t i = count; i < held->count; i++)
		held->ranges[i - count] = held->ranges[i];
	held->count -= count;
	return 0;
}

/* Add ranges, which follow those that were added before. */
static int compare_add_ranges(struct comparison *comparison, const struct ssum_range *more,
			      size_t count)
{
	struct differences *held = &comparison->held;
	int rc = 0;

	for (size_t i = 0; i < count && !rc; i++) {
		rc = differences_add(held, &more[i]);
		/* Keep the last range: the next one may extend it. */
		if (!rc && held->count > RANGES_HELD_MAX)
			rc = compare_pass_ranges(comparison, held->count - 1);
	}
	return rc;
}

/* ---- Parts ---- */

static int compare_next(void *user, struct span **span)
{
	struct comparison *comparison = user;
	struct division *division = &comparison->division;
	int rc = division_next(division, span);

	comparison->operation.bytes_due = division->common - division->skipped;
	return rc;
}

static int compare_done(void *user, struct span *span, struct span **follow_up)
{
	struct comparison *comparison = user;
	const struct differences *differences = &part_sink(span)->differences;
	int rc = division_take(&comparison->division, span);

	(void)follow_up;
	if (!rc && comparison->range)
		rc = compare_add_ranges(comparison, differences->ranges, differences->count);
	else if (!rc && comparison->division.differs)
		rc = SINK_ENOUGH; /* the caller wants only the first difference */
	division_drop(&comparison->division, span);
	return rc;
}

static void compare_drop(void *user, struct span *span)
{
	struct comparison *comparison = user;

	division_drop(&comparison->division, span);
}

/* ---- The operation ---- */

/* Compare the files as they are now. SSUM_ERR_CHANGED if they changed meanwhile. */
static int compare_once(struct comparison *comparison)
{
	const struct pool_client client = {
		.next = compare_next,
		.done = compare_done,
		.drop = compare_drop,
		.user = comparison,
		.files = FILES,
		.window = PARTS_AHEAD * comparison->operation.context->options.threads,
	};
	const struct waiter waiter = {.pause = operation_pause, .user = &comparison->operation};
	struct ssum_range rest;
	int rc = division_open(&comparison->division, &waiter);

	if (rc)
		return rc;
	comparison->held.count = 0;
	rc = operation_run(&comparison->operation, client);
	/* The bytes after the end of the shorter file differ too. */
	if (!rc && division_rest(&comparison->division, &rest) && comparison->range)
		rc = compare_add_ranges(comparison, &rest, 1);
	if (!rc)
		rc = division_check(&comparison->division);
	division_close(&comparison->division);
	return rc == SINK_ENOUGH ? 0 : rc;
}

int ssum_compare_ranges(struct ssum_context *caller_context, const char *a, const char *b,
			ssum_range_fn *range, void *user, struct ssum_comparison *result)
{
	struct comparison comparison = {.path = {a, b}, .range = range, .user = user};
	struct operation *operation = &comparison.operation;
	struct division *division = &comparison.division;
	const struct file_source *file[FILES];
	int rc;

	operation_begin(operation, caller_context, NULL, NULL);
	const struct ssum_context *context = operation->context;
	unsigned tries = context->options.tries;

	division_init(division, context, a, NULL);
	division->every = range != NULL;
	for (int i = 0; i < FILES; i++) {
		file_source_named(&division->file[i].file, comparison.path[i],
				  context->options.holes);
		division->file[i].file.devices = &operation->devices;
		file[i] = &division->file[i].file;
	}
	operation->files_due = 1;
	/* Refuse a result of unknown size before a range is passed. */
	rc = options_check_out(result);
	if (rc)
		goto out;
	do
		rc = compare_once(&comparison);
	while (rc == SSUM_ERR_CHANGED && !comparison.passed && --tries);
	if (!rc && range)
		rc = compare_pass_ranges(&comparison, comparison.held.count);
	if (!rc)
		rc = division->differs ? SSUM_DIFFERS : SSUM_HOLDS;

	const struct ssum_comparison found = {
		.size = sizeof(found),
		.length = {division->length[A], division->length[B]},
		.offset = division->offset,
		.data = {division->data[A], division->data[B]},
		.maps_known = !division->differs && file[A]->knows_holes && file[B]->knows_holes,
	};
	if (rc >= 0)
		options_copy_out(result, &found, sizeof(found));
	operation->changes = division->changes;
	operation->read_twice = division->read_twice;
out:
	differences_free(&comparison.held);
	division_end(division);
	return operation_end(operation, rc, NULL, comparison.path[division->failed]);
}

int ssum_compare_files(struct ssum_context *context, const char *a, const char *b,
		       struct ssum_comparison *comparison)
{
	return ssum_compare_ranges(context, a, b, NULL, NULL, comparison);
}
