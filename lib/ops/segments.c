/* SPDX-License-Identifier: MIT */
#include "ops/segments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A span, with its view of the file. */
struct segment {
	struct segment_chain chain;
	struct shared_view view;
	bool is_again; /* a chain over segments that failed before */
};

struct segments *segments_new(const struct algorithms *algorithms,
			      struct ssum_checkpoints **checkpoints, uint64_t length)
{
	struct segments *all = calloc(1, sizeof(*all));

	if (!all)
		return NULL;
	shared_file_init(&all->file);
	all->file.is_divided = true;
	all->file.length = all->length = length;
	int rc = judgement_init(&all->judgement, algorithms, checkpoints,
				min_u64(length, checkpoints[0]->length));
	all->values = calloc(algorithms->count, sizeof(*all->values));
	if (rc || !all->values) {
		all->judgement.checkpoints = NULL; /* the caller's */
		segments_free(all);
		return NULL;
	}
	/* A journal records chaining values, so they have to be the true ones. */
	all->judgement.corrects = true;
	for (size_t i = 0; i < algorithms->count; i++)
		checkpoints_trim(checkpoints[i], all->judgement.count - 1);
	return all;
}

void segments_free(struct segments *all)
{
	if (!all)
		return;
	struct ssum_checkpoints **checkpoints = all->judgement.checkpoints;
	for (size_t i = 0; checkpoints && i < all->judgement.algorithms->count; i++)
		ssum_checkpoints_free(checkpoints[i]);
	free(checkpoints);
	free(all->values);
	zero_runs_free(&all->zeros);
	judgement_end(&all->judgement);
	shared_file_end(&all->file);
	free(all);
}

void segments_skip(struct segments *all, size_t count, const struct file_identity *identity)
{
	for (size_t i = 0; i < count; i++)
		all->judgement.holds[i] = true;
	all->next = count;
	all->skipped = judgement_offset(&all->judgement, count);
	all->file.first = *identity;
	all->file.seen = true;
}

/* ---- Spans ------------------------------------------------------------------------------- */

void segments_drop(struct segments *all, struct span *span)
{
	struct segment *segment = container_of(span, struct segment, chain.job.span);

	all->in_flight--;
	chain_clear(&segment->chain);
	free(segment);
}

/* Make a span over the next segment, or over all failed segments. 0 or -ENOMEM. */
static int segment_new(struct segments *all, bool is_again, const char *path, void *owner,
		       struct span **span)
{
	struct segment *segment = calloc(1, sizeof(*segment));
	struct source *source;
	int rc;

	if (!segment)
		return -ENOMEM;
	all->in_flight++;
	shared_view_init(&segment->view, &all->file, NULL);
	source = &segment->view.source;
	segment->is_again = is_again;
	rc = is_again ? chain_init_failed(&segment->chain, &all->judgement, source)
		      : chain_init(&segment->chain, &all->judgement, source, all->next,
				   all->next + 1);
	if (rc) {
		segments_drop(all, &segment->chain.job.span);
		return rc;
	}
	if (is_again)
		segment->chain.sink.zeros = &all->zeros;
	segment->chain.job.path = path;
	segment->chain.job.owner = owner;
	*span = &segment->chain.job.span;
	return 0;
}

int segments_next(struct segments *all, const char *path, void *owner, struct span **span)
{
	int rc;

	if (all->next == all->judgement.count)
		return 0;
	rc = segment_new(all, false, path, owner, span);
	all->next += !rc;
	return rc ? rc : 1;
}

/*
 * The first bytes of a file that is longer than listed do not hold. The length beside the
 * checkpoints may be wrong, so that proves nothing yet: judge the last segment up to the end of the
 * file.
 */
static void segments_judge_all(struct segments *all)
{
	struct judgement *judgement = &all->judgement;

	all->judges_all = true;
	all->last_holds = judgement->holds[judgement->count - 1];
	all->values_at = 0;
	judgement->holds[judgement->count - 1] = false;
	judgement->length = all->length;
	judgement->proven = min_u64(judgement->proven, judgement->count - 1);
	judgement->proven_end = judgement->count;
}

int segments_done(struct segments *all, struct span *span, struct span **follow_up)
{
	struct segment *segment = container_of(span, struct segment, chain.job.span);
	const struct segment_chain *chain = &segment->chain;
	const char *path = chain->job.path;
	void *owner = chain->job.owner;

	if (!all->result) {
		all->result = span->result;
		all->changes = span->changes;
	}
	all->read_twice |= span->read_twice;
	if (!all->result) {
		bool holds = chain_judge(chain);

		/* The chain reaches a later checkpoint, so an earlier one is wrong. */
		if (segment->is_again && holds)
			all->has_wrong_checkpoints = true;
		if (segment->is_again && !holds) {
			all->values_at = chain->end;
			memcpy(all->values, chain->end_values,
			       all->judgement.algorithms->count * sizeof(*all->values));
		}
	}
	segments_drop(all, span);
	if (all->values_at && !all->result && all->length > all->judgement.length)
		segments_judge_all(all);

	/* Read failed segments again in one chain: the checkpoints may be wrong instead of the
	   data. */
	if (segments_finished(all) && !all->result && !all->values_at &&
	    judgement_proven(&all->judgement) < all->judgement.count)
		return segment_new(all, true, path, owner, follow_up);
	/* The ranges that do not hold are those of the listed length. */
	if (segments_finished(all) && all->values_at && all->judges_all) {
		all->judgement.length = all->judgement.checkpoints[0]->length;
		all->judgement.holds[all->judgement.count - 1] = all->last_holds;
	}
	return 0;
}

/* ---- Segments that fail ------------------------------------------------------------------ */

uint64_t segments_surplus(const struct segments *all)
{
	const struct judgement *judgement = &all->judgement;

	if (all->values_at || all->judges_all ||
	    judgement_find(judgement->holds, judgement->count, 0, false) < judgement->count)
		return 0;
	return all->length - judgement->length;
}

bool segments_differ(const struct segments *all, size_t algorithm)
{
	if (segments_surplus(all))
		return true;
	return all->values_at && !judgement_expects(&all->judgement, algorithm, all->values_at,
						    &all->values[algorithm]);
}

bool segments_are_beginning(const struct segments *all)
{
	const struct judgement *judgement = &all->judgement;
	size_t failed = judgement_find(judgement->holds, judgement->count, 0, false);

	return judgement->length < judgement->checkpoints[0]->length && judgement->count > 1 &&
	       failed == judgement->count - 1;
}

bool segments_next_damaged(const struct segments *all, size_t *index, struct ssum_range *range)
{
	const struct judgement *judgement = &all->judgement;
	size_t first = judgement_find(judgement->holds, judgement->count, *index, false);
	size_t end = judgement_find(judgement->holds, judgement->count, first, true);

	*index = end;
	*range = (struct ssum_range){.offset = judgement_offset(judgement, first)};
	if (first == judgement->count)
		return false;
	/* Bytes that are missing at the end of the file are damaged too. */
	range->length = (end < judgement->count ? judgement_offset(judgement, end)
						: judgement->checkpoints[0]->length) -
			range->offset;
	return range->length != 0;
}

int segments_zeros(const struct segments *all, const struct ssum_range *range, struct bytes *zeros)
{
	const struct zero_runs *runs = &all->zeros;
	uint64_t range_end = range->offset + range->length;
	int rc = 0;

	for (size_t i = 0; i < runs->count && !rc; i++) {
		const struct zero_run *run = &runs->rows[i];
		uint64_t end = min_u64(run->end, range_end);
		struct ssum_zeros found = {.offset = run->begin > range->offset ? run->begin
										: range->offset};

		if (end < found.offset + ZERO_RUN_MIN)
			continue;
		found.length = end - found.offset;
		found.in_hole = run->in_hole ? 1 : all->file.knows_holes ? 0 : -1;
		rc = bytes_append(zeros, &found, sizeof(found));
	}
	return rc;
}

bool segments_damage_is_zeros(const struct segments *all, struct ssum_range *first)
{
	const struct zero_runs *runs = &all->zeros;
	struct ssum_range range;
	size_t index = 0, run = 0;
	uint64_t at;

	*first = (struct ssum_range){0};
	while (segments_next_damaged(all, &index, &range)) {
		if (!first->length)
			*first = range;
		/* Runs that touch each other may cover the range together. */
		for (at = range.offset; at < range.offset + range.length;
		     at = runs->rows[run].end) {
			while (run < runs->count && runs->rows[run].end <= at)
				run++;
			if (run == runs->count || runs->rows[run].begin > at)
				return false;
		}
	}
	return first->length != 0;
}
