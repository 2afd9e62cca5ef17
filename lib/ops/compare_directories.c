/* SPDX-License-Identifier: MIT */
/* Comparison of two directories: two walks side by side, and a pair of files wherever they meet. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/context.h"
#include "io/opening.h"
#include "ops/pair.h"
#include "manifest/listing.h"
#include "ops/walk.h"

enum { FIRST, SECOND, SIDES };

/* One of the two directories. */
struct side {
	int root;
	struct ssum_tree tree;
	const struct ssum_tree_entry *entry; /* the walk's next, or NULL at its end */
};

struct directory_comparison {
	struct operation operation;
	struct ssum_compare_options options;
	struct side side[SIDES];
	struct entry_job *in_parts; /* whose parts are being given, or NULL */
};

/* An entry of one directory or of both. */
struct entry_job {
	struct pair pair;
	char *path;
	bool there[SIDES];
	enum ssum_type type[SIDES];
	uint64_t length[SIDES];
	char *target[SIDES]; /* of links */
	int error;           /* known before the span runs */
};

static struct entry_job *job_of(struct span *span)
{
	return container_of(pair_of(span), struct entry_job, pair);
}

static void job_free(struct entry_job *job)
{
	pair_clear(&job->pair);
	free(job->target[FIRST]);
	free(job->target[SECOND]);
	free(job->path);
	free(job);
}

/* ---- The walks ---- */

static int advance(struct side *side)
{
	int rc = ssum_tree_next(&side->tree, &side->entry);

	if (rc != 1)
		side->entry = NULL;
	return rc < 0 ? rc : 0;
}

/* Which directory has the next entry: the first alone (< 0), the second alone (> 0) or both (0). */
static int next_side(const struct directory_comparison *comparison)
{
	const struct ssum_tree_entry *a = comparison->side[FIRST].entry;
	const struct ssum_tree_entry *b = comparison->side[SECOND].entry;

	if (!a || !b)
		return a ? -1 : 1;
	return path_order(a->path, a->type == SSUM_TYPE_DIRECTORY, b->path,
			  b->type == SSUM_TYPE_DIRECTORY);
}

static int take_entry(struct directory_comparison *comparison, struct entry_job *job, int number)
{
	struct side *side = &comparison->side[number];
	const struct ssum_tree_entry *entry = side->entry;

	if (!job->path)
		job->path = strdup(entry->path);
	if (!job->path)
		return -ENOMEM;
	job->there[number] = true;
	job->type[number] = entry->type;
	job->length[number] = entry->length;
	int error = entry->error;
	if (!error && entry->type == SSUM_TYPE_SYMLINK)
		error = link_target(side->root, job->path, &job->target[number]);
	if (!job->error)
		job->error = error;
	return advance(side);
}

/* There in both, and of one type. */
static void examine(struct directory_comparison *comparison, struct entry_job *job)
{
	const int root[SIDES] = {comparison->side[FIRST].root, comparison->side[SECOND].root};
	enum ssum_type type = job->type[FIRST];

	if (job->error || type != job->type[SECOND] || type == SSUM_TYPE_SYMLINK ||
	    type == SSUM_TYPE_DIRECTORY)
		return;
	if (type != SSUM_TYPE_FILE) {
		job->error = SSUM_ERR_NOT_REGULAR;
		return;
	}
	pair_init(&job->pair, &comparison->operation, root, job->path);
}

/* Met by one walk alone: that the other directory lacks it is certain only after a look. */
static void look_in_the_other(struct directory_comparison *comparison, struct entry_job *job)
{
	int here = job->there[FIRST] ? FIRST : SECOND;
	const struct side *other = &comparison->side[SIDES - 1 - here];
	enum ssum_type type;

	if (!job->error)
		job->error = beneath_look(other->root, job->path, &type);
	if (!job->error && type == job->type[here] && type != SSUM_TYPE_DIRECTORY)
		job->error = SSUM_ERR_CHANGED; /* it came after the walk had passed */
}

static int take_entries(struct directory_comparison *comparison, struct entry_job *job)
{
	int side = next_side(comparison);
	int rc = 0;

	if (side <= 0)
		rc = take_entry(comparison, job, FIRST);
	if (side >= 0 && !rc)
		rc = take_entry(comparison, job, SECOND);
	if (rc)
		return rc;
	job->pair.job.path = job->path;
	if (side)
		look_in_the_other(comparison, job);
	else
		examine(comparison, job);
	bool compared = job->pair.job.span.source;
	operation_due(&comparison->operation, &job->pair.job, compared ? job->length[FIRST] : 0);
	return compared ? pair_divide(&job->pair, job->length) : 0;
}

/* The next span of a job; until it has no more to give, the walks wait. */
static int next_span(struct directory_comparison *comparison, struct entry_job *job,
		     struct span **span)
{
	int rc = pair_next(&job->pair, span);

	comparison->in_parts = job->pair.is_given ? NULL : job;
	return rc;
}

static int next_job(void *user, struct span **span)
{
	struct directory_comparison *comparison = user;
	struct entry_job *job;
	int rc;

	if (comparison->in_parts)
		return next_span(comparison, comparison->in_parts, span);
	if (!comparison->side[FIRST].entry && !comparison->side[SECOND].entry)
		return 0;
	job = calloc(1, sizeof(*job));
	rc = job ? take_entries(comparison, job) : -ENOMEM;
	if (rc) {
		if (job)
			job_free(job);
		return rc;
	}
	return next_span(comparison, job, span);
}

/* ---- Judgement ---- */

static enum ssum_verdict judge(const struct entry_job *job, int error)
{
	if (error)
		return verdict_of_error(error);
	if (!job->there[SECOND])
		return SSUM_MISSING;
	if (!job->there[FIRST])
		return SSUM_EXTRA;
	if (job->type[FIRST] != job->type[SECOND])
		return SSUM_DIFFERS;
	if (job->type[FIRST] == SSUM_TYPE_SYMLINK)
		return strcmp(job->target[FIRST], job->target[SECOND]) ? SSUM_DIFFERS : SSUM_HOLDS;
	return job->pair.sink.differs ? SSUM_DIFFERS : SSUM_HOLDS;
}

static int tell(struct directory_comparison *comparison, const struct entry_job *job)
{
	int error = job->error ? job->error : job->pair.job.span.result;
	struct ssum_report report = {
		.verdict = judge(job, error),
		.error = error,
		.path = job->path,
		.expected = {.type = job->type[FIRST],
			     .length = job->length[FIRST],
			     .target = job->target[FIRST]},
		.found = {.type = job->type[SECOND],
			  .length = job->length[SECOND],
			  .target = job->target[SECOND]},
		.offset = error ? 0 : job->pair.sink.offset,
	};

	comparison->operation.summary.bytes += job->pair.job.span.length;
	operation_done(&comparison->operation);
	return operation_report(&comparison->operation, &report);
}

static int job_done(void *user, struct span *span, struct span **instead)
{
	struct directory_comparison *comparison = user;
	struct entry_job *job = job_of(span);
	bool known = pair_done(&job->pair, span, instead);
	int rc;

	if (comparison->in_parts == job && job->pair.is_given)
		comparison->in_parts = NULL;
	if (!known)
		return 0;
	rc = tell(comparison, job);
	job_free(job);
	return rc;
}

static void job_drop(void *user, struct span *span)
{
	struct entry_job *job = job_of(span);

	(void)user;
	if (pair_drop(&job->pair, span))
		job_free(job);
}

/* ---- All together ---- */

static int side_begin(struct side *side, struct directory_comparison *comparison,
		      const char *directory)
{
	int rc;

	side->root = directory_open(directory);
	rc = side->root < 0 ? side->root
			    : walk_init(&side->tree, comparison->operation.context, side->root,
					&comparison->options.filter);
	if (!rc)
		rc = advance(side);
	return rc ? context_fail(comparison->operation.context, rc, directory) : 0;
}

static void side_end(struct side *side)
{
	if (side->root >= 0)
		close(side->root);
	walk_clear(&side->tree);
}

static int compare_entries(struct directory_comparison *comparison)
{
	const struct pool_client client = {
		.next = next_job,
		.done = job_done,
		.drop = job_drop,
		.user = comparison,
		.files = 2,
	};
	const uint64_t *count = comparison->operation.summary.count;
	int rc = operation_run(&comparison->operation, client);

	if (comparison->in_parts)
		job_free(comparison->in_parts);
	if (rc)
		return rc;
	if (count[SSUM_DIFFERS] || count[SSUM_MISSING] || count[SSUM_EXTRA])
		return SSUM_DIFFERS;
	return count[SSUM_HOLDS] < comparison->operation.summary.entries ? SSUM_ERR_UNDECIDED
									 : SSUM_HOLDS;
}

int ssum_compare_directories(struct ssum_context *context, const char *a, const char *b,
			     const struct ssum_compare_options *options,
			     struct ssum_summary *summary)
{
	struct directory_comparison comparison = {
		.side = {{.root = -1, .tree.at = -1}, {.root = -1, .tree.at = -1}}};
	int rc = options_take(&comparison.options, sizeof(comparison.options), options);

	operation_begin(&comparison.operation, context, comparison.options.report,
			comparison.options.user);
	if (!rc)
		rc = side_begin(&comparison.side[FIRST], &comparison, a);
	if (!rc)
		rc = side_begin(&comparison.side[SECOND], &comparison, b);
	if (!rc)
		rc = compare_entries(&comparison);
	side_end(&comparison.side[FIRST]);
	side_end(&comparison.side[SECOND]);
	return operation_end(&comparison.operation, rc, summary, a);
}
