/* SPDX-License-Identifier: MIT */
#include "ops/pair.h"

#include <errno.h>
#include <stdlib.h>

enum { FIRST, SECOND, SIDES };

void pair_init(struct pair *pair, struct operation *operation, const int root[2], const char *name)
{
	compare_sink_init(&pair->sink, &pair->file[FIRST].source, &pair->file[SECOND].source,
			  operation->context->options.holes == SSUM_HOLES_VERIFY);
	pair->operation = operation;
	for (int i = 0; i < SIDES; i++) {
		pair->root[i] = root[i];
		operation_source(operation, &pair->file[i], root[i], name);
	}
	pair->job.path = name;
	pair->job.span = (struct span){
		.source = &pair->file[FIRST].source, .sink = &pair->sink.sink, .end = SPAN_TO_END};
}

void pair_clear(struct pair *pair)
{
	if (pair->division)
		division_end(pair->division);
	free(pair->division);
	pair->division = NULL;
}

struct pair *pair_of(struct span *span)
{
	struct job *job = container_of(span, struct job, span);

	return job->owner ? job->owner : container_of(job, struct pair, job);
}

/* ---- Giving ---- */

/* All parts are given, or no more of them are needed. */
static void end_of_parts(struct pair *pair)
{
	struct division *division = pair->division;

	pair->is_given = true;
	if (!division->is_open)
		return;
	if (!division->result && !division->differs)
		division->result = division_check(division);
	division_close(division);
}

/* What was skipped since is not due any more. */
static void settle(struct pair *pair, uint64_t skipped_before)
{
	pair->operation->bytes_due -= pair->division->skipped - skipped_before;
	if (division_all_given(pair->division))
		end_of_parts(pair);
}

/* On a rotating disk parts that are read side by side only make it seek. */
static bool takes_turns(const struct division *division)
{
	return division->file[FIRST].file.takes_turns || division->file[SECOND].file.takes_turns;
}

/*
 * What is not worth two parts is compared as a whole. The files are opened here to see where both
 * have holes; a pair that cannot be opened is left as it is: comparing it as a whole tells why.
 */
int pair_divide(struct pair *pair, const uint64_t length[2])
{
	struct division *division;

	if (min_u64(length[FIRST], length[SECOND]) <= PART_LENGTH)
		return 0;
	division = calloc(1, sizeof(*division));
	if (!division)
		return -ENOMEM;
	division_init(division, pair->operation->context, pair->job.path, pair);
	for (int i = 0; i < SIDES; i++)
		operation_source(pair->operation, &division->file[i].file, pair->root[i],
				 pair->job.path);
	pair->division = division;
	if (division_open(division) || takes_turns(division))
		pair_clear(pair);
	else
		settle(pair, 0);
	return 0;
}

/* One of which all is skipped has no parts: its own span keeps its place. */
int pair_next(struct pair *pair, struct span **span)
{
	struct division *division = pair->division;
	uint64_t before = division ? division->skipped : 0;
	int rc = 1;

	if (division && !pair->is_given) {
		rc = division_next(division, span);
		if (rc == 1)
			settle(pair, before);
		return rc;
	}
	if (division)
		pair->job.span.source = NULL;
	pair->is_given = true;
	*span = &pair->job.span;
	return rc;
}

/* ---- Done ---- */

/* Files that changed are read again, as a whole, as often as that takes. */
static struct span *read_whole(struct pair *pair)
{
	struct span *span = &pair->job.span;

	pair_clear(pair);
	span->source = &pair->file[FIRST].source;
	pair->operation->bytes_due += span->weight;
	return span;
}

/* What the parts come to, as if the pair had been compared as a whole. */
static void join_parts(struct pair *pair)
{
	struct division *division = pair->division;
	struct ssum_range rest;

	if (!division->result)
		division_rest(division, &rest);
	pair->job.span.result = division->result;
	pair->job.span.length = division->skipped + division->compared;
	pair->sink.differs = division->differs;
	pair->sink.offset = division->offset;
}

bool pair_done(struct pair *pair, struct span *span, struct span **instead)
{
	struct division *division = pair->division;

	if (!division)
		return true;
	if (span != &pair->job.span) {
		division_take(division, span);
		division_drop(division, span);
		if (division_all_given(division))
			end_of_parts(pair);
		if (division->parts || !pair->is_given)
			return false;
	}
	if (division->result == SSUM_ERR_CHANGED)
		*instead = read_whole(pair);
	else
		join_parts(pair);
	return !*instead;
}

bool pair_drop(struct pair *pair, struct span *span)
{
	if (span != &pair->job.span)
		division_drop(pair->division, span);
	return pair->is_given && (!pair->division || !pair->division->parts);
}
