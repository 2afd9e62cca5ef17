/* SPDX-License-Identifier: MIT */
/* ssum_compare_directories(): walk two directories at the same time, and compare their files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/context.h"
#include "io/opening.h"
#include "manifest/listing.h"
#include "ops/division.h"
#include "ops/walk.h"

enum { FIRST, SECOND, SIDES };

struct directories {
	struct operation operation;
	struct ssum_compare_options options;
	int root[SIDES];
	struct ssum_tree tree[SIDES];
	struct names_lookup lookup[SIDES];
	struct pair *dividing; /* a pair whose parts are handed out now, or NULL */
};

/* A path that is in one of the directories or in both. */
struct pair {
	struct job job; /* its span compares the complete files; it has the result at the end */
	char *path;
	bool exists[SIDES];
	enum ssum_type type[SIDES];
	uint64_t length[SIDES];
	char *target[SIDES]; /* of symlinks */
	char *other_name;    /* see struct ssum_report */
	int error;           /* found before the span runs */

	/* Two regular files. */
	struct file_source file[SIDES];
	struct compare_sink sink;  /* of that span; at the end it has the first difference */
	struct division *division; /* while the files are compared in parts, else NULL */
	bool at_end;               /* pair_next() has returned all spans */
};

/* The pair of a span, which may be one of its parts. */
static struct pair *pair_of(struct span *span)
{
	struct job *job = container_of(span, struct job, span);

	return job->owner ? job->owner : container_of(job, struct pair, job);
}

static void pair_end_division(struct pair *pair)
{
	if (pair->division)
		division_end(pair->division);
	free(pair->division);
	pair->division = NULL;
}

static void pair_free(struct pair *pair)
{
	pair_end_division(pair);
	free(pair->target[FIRST]);
	free(pair->target[SECOND]);
	free(pair->other_name);
	free(pair->path);
	free(pair);
}

/* ---- Parts ---- */

/* If no more parts are needed, check the files and close them. Parts that still run open them
   again. */
static void pair_close_if_at_end(struct pair *pair)
{
	struct division *division = pair->division;

	if (!division_at_end(division))
		return;
	pair->at_end = true;
	if (!division->is_open)
		return;
	if (!division->result && !division->differs)
		division->result = division_check(division);
	division_close(division);
}

/*
 * Divide long files into parts. The files are opened here to find the holes that both have. They
 * are not divided if they cannot be opened, since the comparison as a whole finds the same error;
 * nor on a rotating disk, where parts would only make it seek. 0 or -ENOMEM.
 */
static int pair_divide(struct directories *directories, struct pair *pair)
{
	const struct waiter waiter = {.pause = operation_pause, .user = &directories->operation};
	struct division *division;

	if (min_u64(pair->length[FIRST], pair->length[SECOND]) <= PART_LENGTH)
		return 0;
	division = calloc(1, sizeof(*division));
	if (!division)
		return -ENOMEM;
	division_init(division, directories->operation.context, pair->path, pair);
	for (int i = 0; i < SIDES; i++)
		operation_source(&directories->operation, &division->file[i].file,
				 directories->root[i], pair->path);
	pair->division = division;
	if (division_open(division, &waiter) || division->file[FIRST].file.takes_turns ||
	    division->file[SECOND].file.takes_turns) {
		pair_end_division(pair);
		return 0;
	}
	directories->operation.bytes_due -= division->skipped;
	pair_close_if_at_end(pair);
	return 0;
}

/* Get the next span of a pair: a part, or the span of the pair itself. The next pair begins only
   after the last span of this one. 1 or -ENOMEM. */
static int pair_next(struct directories *directories, struct pair *pair, struct span **span)
{
	struct division *division = pair->division;
	int rc = 1;

	if (division && !pair->at_end) {
		uint64_t skipped_before = division->skipped;

		rc = division_next(division, span);
		if (rc == 1) {
			directories->operation.bytes_due -= division->skipped - skipped_before;
			pair_close_if_at_end(pair);
		}
	} else {
		/* If the files are holes only, there are no parts. The pair still needs a span, so
		   that it is reported in order; the span reads nothing. */
		if (division)
			pair->job.span.source = NULL;
		pair->at_end = true;
		*span = &pair->job.span;
	}
	directories->dividing = pair->at_end ? NULL : pair;
	return rc;
}

/* ---- Pairs ---- */

/* Set one side of a pair to the current entry of its walk, and advance the walk. */
static int pair_set_side(struct directories *directories, struct pair *pair, int side)
{
	const struct ssum_tree_entry *entry = directories->tree[side].current;
	int error = entry->error;

	if (!pair->path)
		pair->path = strdup(entry->path);
	if (!pair->path)
		return -ENOMEM;
	pair->exists[side] = true;
	pair->type[side] = entry->type;
	pair->length[side] = entry->length;
	if (!error && entry->type == SSUM_TYPE_SYMLINK)
		error = beneath_readlink(directories->root[side], pair->path, &pair->target[side]);
	if (!pair->error)
		pair->error = error;
	return walk_advance(&directories->tree[side]);
}

/* Set the pair to the next path of the two walks. 0 or a code. */
static int pair_set(struct directories *directories, struct pair *pair)
{
	struct operation *operation = &directories->operation;
	const struct ssum_tree_entry *first = directories->tree[FIRST].current;
	const struct ssum_tree_entry *second = directories->tree[SECOND].current;
	bool compared = false;
	int order, rc = 0;

	/* The next path is in the first directory (< 0), in the second one (> 0), or in both. */
	if (!first || !second)
		order = !first - !second;
	else
		order = path_order(first->path, first->type == SSUM_TYPE_DIRECTORY, second->path,
				   second->type == SSUM_TYPE_DIRECTORY);
	if (order <= 0)
		rc = pair_set_side(directories, pair, FIRST);
	if (order >= 0 && !rc)
		rc = pair_set_side(directories, pair, SECOND);
	if (rc)
		return rc;
	pair->job.path = pair->path;

	if (order && !pair->error) {
		/* Only one walk found the path. Check whether the other directory really lacks it:
		   it may have been created after the walk. Or the file system finds it under
		   another name. */
		int here = order < 0 ? FIRST : SECOND, other = SIDES - 1 - here, listed = 0;
		enum ssum_type type;

		pair->error = beneath_type(directories->root[other], pair->path, &type);
		if (!pair->error && type != SSUM_TYPE_UNKNOWN)
			listed = names_look_up(&directories->lookup[other], operation->context,
					       directories->root[other], pair->path,
					       &pair->other_name);
		if (listed == -ENOMEM || listed == SSUM_ERR_CANCELLED)
			return listed;
		if (listed < 0)
			pair->error = listed;
		if (listed > 0 && type == pair->type[here] && type != SSUM_TYPE_DIRECTORY)
			pair->error = SSUM_ERR_CHANGED;
	} else if (!order && !pair->error && pair->type[FIRST] == pair->type[SECOND]) {
		compared = pair->type[FIRST] == SSUM_TYPE_FILE;
		if (!compared && pair->type[FIRST] != SSUM_TYPE_SYMLINK &&
		    pair->type[FIRST] != SSUM_TYPE_DIRECTORY)
			pair->error = SSUM_ERR_NOT_REGULAR;
	}
	operation_due(operation, &pair->job, compared ? pair->length[FIRST] : 0);
	if (!compared)
		return 0;

	compare_sink_init(&pair->sink, &pair->file[FIRST].source, &pair->file[SECOND].source,
			  operation->context->options.holes == SSUM_HOLES_VERIFY);
	for (int i = 0; i < SIDES; i++)
		operation_source(operation, &pair->file[i], directories->root[i], pair->path);
	pair->job.span.source = &pair->file[FIRST].source;
	pair->job.span.sink = &pair->sink.sink;
	pair->job.span.end = SPAN_TO_END;
	return pair_divide(directories, pair);
}

static enum ssum_verdict pair_verdict(const struct pair *pair, int error)
{
	if (error)
		return verdict_of_error(error);
	if (!pair->exists[SECOND])
		return SSUM_MISSING;
	if (!pair->exists[FIRST])
		return SSUM_EXTRA;
	if (pair->type[FIRST] != pair->type[SECOND])
		return SSUM_DIFFERS;
	if (pair->type[FIRST] == SSUM_TYPE_SYMLINK)
		return strcmp(pair->target[FIRST], pair->target[SECOND]) ? SSUM_DIFFERS
									 : SSUM_HOLDS;
	return pair->sink.differs ? SSUM_DIFFERS : SSUM_HOLDS;
}

/* ---- The operation ---- */

static int directories_next(void *user, struct span **span)
{
	struct directories *directories = user;
	struct pair *pair;
	int rc;

	if (directories->dividing)
		return pair_next(directories, directories->dividing, span);
	if (!directories->tree[FIRST].current && !directories->tree[SECOND].current)
		return 0;
	pair = calloc(1, sizeof(*pair));
	if (!pair)
		return -ENOMEM;
	rc = pair_set(directories, pair);
	if (rc) {
		pair_free(pair);
		return rc;
	}
	return pair_next(directories, pair, span);
}

static int directories_done(void *user, struct span *span, struct span **follow_up)
{
	struct directories *directories = user;
	struct operation *operation = &directories->operation;
	struct pair *pair = pair_of(span);
	struct span *whole = &pair->job.span;
	struct division *division = pair->division;
	int rc;

	if (division && span != whole) {
		/* A part: wait for the others, unless its result decides. */
		division_take(division, span);
		division_drop(division, span);
		pair_close_if_at_end(pair);
		if (pair->at_end && directories->dividing == pair)
			directories->dividing = NULL;
		if (division->parts || !pair->at_end)
			return 0;
	}
	if (division && division->result == SSUM_ERR_CHANGED) {
		/* Compare the whole files in one span, which is repeated if they change again. */
		pair_end_division(pair);
		whole->source = &pair->file[FIRST].source;
		operation->bytes_due += whole->weight;
		*follow_up = whole;
		return 0;
	}
	if (division) {
		/* Make the result the one of a comparison as a whole. */
		struct ssum_range rest;

		if (!division->result)
			division_rest(division, &rest);
		whole->result = division->result;
		whole->length = division->skipped + division->compared;
		pair->sink.differs = division->differs;
		pair->sink.offset = division->offset;
		whole->read_twice = division->read_twice;
		whole->changes = division->changes;
	}

	int error = pair->error ? pair->error : whole->result;
	struct ssum_report report = {
		.verdict = pair_verdict(pair, error),
		.error = error,
		.path = pair->path,
		.expected = {.type = pair->type[FIRST],
			     .length = pair->length[FIRST],
			     .target = pair->target[FIRST]},
		.found = {.type = pair->type[SECOND],
			  .length = pair->length[SECOND],
			  .target = pair->target[SECOND]},
		.offset = error ? 0 : pair->sink.offset,
		.changes = error == SSUM_ERR_CHANGED ? whole->changes | pair->sink.peer_changes : 0,
		.read_twice = !error && (whole->read_twice || pair->sink.peer_read_twice),
		.other_name = pair->other_name,
	};

	operation->summary.bytes += whole->length;
	operation->files_done++;
	rc = operation_report(operation, &report);
	pair_free(pair);
	return rc;
}

static void directories_drop(void *user, struct span *span)
{
	struct pair *pair = pair_of(span);

	(void)user;
	if (span != &pair->job.span)
		division_drop(pair->division, span);
	if (pair->at_end && (!pair->division || !pair->division->parts))
		pair_free(pair);
}

static int directories_compare(struct directories *directories, const char *const path[SIDES])
{
	struct operation *operation = &directories->operation;
	const struct pool_client client = {
		.next = directories_next,
		.done = directories_done,
		.drop = directories_drop,
		.user = directories,
		.files = 2,
	};
	const uint64_t *count = operation->summary.count;
	int rc;

	for (int i = 0; i < SIDES; i++) {
		directories->root[i] = directory_open(path[i]);
		rc = directories->root[i];
		if (rc >= 0)
			rc = walk_init(&directories->tree[i], operation->context,
				       directories->root[i], &directories->options.filter);
		if (!rc)
			rc = walk_advance(&directories->tree[i]);
		if (rc)
			return context_fail(operation->context, rc, NULL, path[i]);
	}
	rc = operation_run(operation, client);
	if (directories->dividing)
		pair_free(directories->dividing);
	if (rc)
		return rc;
	if (count[SSUM_DIFFERS] || count[SSUM_MISSING] || count[SSUM_EXTRA])
		return SSUM_DIFFERS;
	return count[SSUM_HOLDS] < operation->summary.entries ? SSUM_ERR_UNDECIDED : SSUM_HOLDS;
}

int ssum_compare_directories(struct ssum_context *context, const char *a, const char *b,
			     const struct ssum_compare_options *options,
			     struct ssum_summary *summary)
{
	const char *const path[SIDES] = {a, b};
	struct directories directories = {.root = {-1, -1}, .tree = {{.fd = -1}, {.fd = -1}}};
	int rc = options_copy_in(&directories.options, sizeof(directories.options), options);

	operation_begin(&directories.operation, context, directories.options.report,
			directories.options.user);
	/* Refuse a summary of unknown size before anything is reported. */
	if (!rc)
		rc = options_check_out(summary);
	if (!rc)
		rc = directories_compare(&directories, path);
	for (int i = 0; i < SIDES; i++) {
		if (directories.root[i] >= 0)
			close(directories.root[i]);
		walk_clear(&directories.tree[i]);
		names_lookup_free(&directories.lookup[i]);
	}
	return operation_end(&directories.operation, rc, summary, a);
}
