/* SPDX-License-Identifier: MIT */
#include "ops/segments.h"

#include <errno.h>
#include <stdlib.h>

/* A span over one segment, or a chain over segments that failed, with its view of the file. */
struct segment {
	struct stretch stretch;
	struct shared_view view;
	bool is_chain;
};

struct segments *segments_new(const struct algorithms *algorithms,
			      struct ssum_checkpoints **checkpoints, uint64_t length)
{
	struct segments *all = calloc(1, sizeof(*all));

	if (!all)
		return NULL;
	shared_file_init(&all->file);
	all->file.is_divided = true;
	all->file.length = length;
	all->differs = calloc(algorithms->count, sizeof(*all->differs));
	int rc = judgement_init(&all->judgement, algorithms, checkpoints, length);
	all->values = calloc(algorithms->count, sizeof(*all->values));
	if (rc || !all->differs || !all->values) {
		segments_free(all);
		return NULL;
	}
	/* A journal takes chaining values over, so they have to be the true ones. */
	all->judgement.corrects = true;
	all->checkpoints = checkpoints;
	for (size_t i = 0; i < algorithms->count; i++)
		checkpoints_trim(checkpoints[i], all->judgement.count - 1);
	return all;
}

void segments_free(struct segments *all)
{
	if (!all)
		return;
	for (size_t i = 0; all->checkpoints && i < all->judgement.algorithms->count; i++) {
		checkpoints_clear(all->checkpoints[i]);
		free(all->checkpoints[i]);
	}
	free(all->checkpoints);
	free(all->differs);
	free(all->values);
	judgement_end(&all->judgement);
	shared_file_end(&all->file);
	free(all);
}

void segments_skip(struct segments *all, size_t count, const struct file_identity *identity)
{
	for (size_t i = 0; i < count; i++)
		all->judgement.holds[i] = true;
	all->skipped = all->given = all->returned = count;
	all->file.first = *identity;
	all->file.seen = true;
}

uint64_t segments_skipped(const struct segments *all)
{
	return judgement_offset(&all->judgement, all->skipped);
}

size_t segments_proven(struct segments *all)
{
	return judgement_proven(&all->judgement);
}

/* ---- Spans ------------------------------------------------------------------------------- */

static void segment_free(struct segment *segment)
{
	stretch_end(&segment->stretch);
	free(segment);
}

/* A span over the next segment, or a chain over those that failed. 0 or -ENOMEM. */
static int segment_new(struct segments *all, bool is_chain, const char *path, void *owner,
		       struct span **span)
{
	struct segment *segment = calloc(1, sizeof(*segment));
	struct source *source;
	int rc;

	if (!segment)
		return -ENOMEM;
	shared_view_init(&segment->view, &all->file, NULL);
	source = &segment->view.source;
	segment->is_chain = is_chain;
	rc = is_chain ? stretch_chain(&segment->stretch, &all->judgement, source)
		      : stretch_segment(&segment->stretch, &all->judgement, source, all->given);
	if (rc) {
		segment_free(segment);
		return rc;
	}
	segment->stretch.job.path = path;
	segment->stretch.job.owner = owner;
	*span = &segment->stretch.job.span;
	return 0;
}

int segments_next(struct segments *all, const char *path, void *owner, struct span **span)
{
	int rc;

	if (all->given == all->judgement.count)
		return 0;
	rc = segment_new(all, false, path, owner, span);
	all->given += !rc;
	return rc ? rc : 1;
}

void segments_drop(struct span *span)
{
	segment_free(container_of(span, struct segment, stretch.job.span));
}

int segments_done(struct segments *all, struct span *span, struct span **instead)
{
	struct segment *segment = container_of(span, struct segment, stretch.job.span);
	const struct stretch *stretch = &segment->stretch;
	int rc = 0;

	if (!all->result)
		all->result = span->result;
	if (!all->result) {
		bool holds = stretch_judge(stretch, &all->judgement);

		if (segment->is_chain && holds) {
			/* The data lead to a checkpoint further on: one before it is wrong. */
			all->wrong = true;
		} else if (segment->is_chain) {
			all->finished = true;
			all->place = stretch->end;
			for (size_t i = 0; i < all->judgement.algorithms->count; i++) {
				all->differs[i] = stretch_differs(stretch, i);
				all->values[i] = *stretch_value(stretch, i);
			}
		}
	}

	all->returned += !segment->is_chain;
	if (all->returned == all->judgement.count && !all->finished) {
		all->finished = all->result || segments_proven(all) == all->judgement.count;
		/* Segments that failed are read again in one chain: their checkpoints may be wrong
		   and not the data. */
		if (!all->finished)
			rc = segment_new(all, true, stretch->job.path, stretch->job.owner, instead);
	}
	segment_free(segment);
	return rc;
}

/* ---- What does not hold -------------------------------------------------------------------- */

bool segments_end_in_digest(const struct segments *all)
{
	return all->judgement.holds[all->judgement.count - 1];
}

bool segments_are_beginning(const struct segments *all)
{
	const struct judgement *judgement = &all->judgement;

	return judgement->length < all->checkpoints[0]->length && judgement->count > 1 &&
	       judgement_failed(judgement, 0) == judgement->count - 1;
}

bool segments_next_damaged(const struct segments *all, size_t *index, struct ssum_range *range)
{
	const struct judgement *judgement = &all->judgement;
	size_t first = judgement_failed(judgement, *index);
	size_t end = next_segment(judgement->holds, judgement->count, first, true);

	*index = end;
	*range = (struct ssum_range){.offset = judgement_offset(judgement, first)};
	if (first == judgement->count)
		return false;
	/* Bytes that the file lacks at its end are damaged too. */
	range->length = (end < judgement->count ? judgement_offset(judgement, end)
						: all->checkpoints[0]->length) -
			range->offset;
	return range->length != 0;
}
