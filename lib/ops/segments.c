/* SPDX-License-Identifier: MIT */
#include "ops/segments.h"

#include <errno.h>
#include <stdlib.h>

/* A span of the segments, with the part of the file that it reads. */
struct segment {
	struct stretch stretch;
	struct shared_view view;
	bool again; /* a chain */
};

/* ---- Making them ---- */

struct segments *segments_new(const struct algorithms *algorithms,
			      struct ssum_checkpoints **checkpoints, uint64_t length)
{
	struct segments *all = calloc(1, sizeof(*all));

	if (!all)
		return NULL;
	shared_file_init(&all->file);
	all->file.is_cut = true;
	all->file.length = length;
	all->differs = calloc(algorithms->count, sizeof(*all->differs));
	int rc = judgement_init(&all->judgement, algorithms, checkpoints, length);
	all->values = calloc(algorithms->count, sizeof(*all->values));
	if (rc || !all->differs || !all->values) {
		segments_free(all);
		return NULL;
	}
	/* What is kept of them in a journal must be true behind each. */
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

static void segment_free(struct segment *segment)
{
	stretch_end(&segment->stretch);
	free(segment);
}

/* The next segment, or the chain over those that failed. */
static int new_span(struct segments *all, bool again, const char *path, void *owner,
		    struct span **span)
{
	struct segment *segment = calloc(1, sizeof(*segment));
	int rc;

	if (!segment)
		return -ENOMEM;
	shared_view_init(&segment->view, &all->file);
	struct source *source = &segment->view.source;
	segment->again = again;
	rc = again ? stretch_chain(&segment->stretch, &all->judgement, source)
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
	if (all->given == all->judgement.count)
		return 0;
	int rc = new_span(all, false, path, owner, span);
	all->given += !rc;
	return rc ? rc : 1;
}

static struct segment *segment_of(struct span *span)
{
	return container_of(span, struct segment, stretch.job.span);
}

void segments_drop(struct span *span)
{
	segment_free(segment_of(span));
}

/* ---- Judging ---- */

static int go_over_again(struct segments *all, const struct job *job, struct span **instead)
{
	all->finished = segments_proven(all) == all->judgement.count;
	return all->finished ? 0 : new_span(all, true, job->path, job->owner, instead);
}

static void judge(struct segments *all, const struct segment *segment)
{
	bool holds = stretch_judge(&segment->stretch, &all->judgement);

	if (!segment->again)
		return;
	all->finished = !holds;
	all->wrong = all->wrong || holds;
	if (holds)
		return;
	all->place = segment->stretch.end;
	for (size_t i = 0; i < all->judgement.algorithms->count; i++) {
		all->differs[i] = stretch_differs(&segment->stretch, i);
		all->values[i] = *stretch_value(&segment->stretch, i);
	}
}

int segments_done(struct segments *all, struct span *span, struct span **instead)
{
	struct segment *segment = segment_of(span);
	int rc = 0;

	if (!all->result)
		all->result = span->result;
	if (!all->result)
		judge(all, segment);

	all->returned += !segment->again;
	if (all->returned == all->judgement.count && all->result)
		all->finished = true;
	else if (all->returned == all->judgement.count && !all->finished)
		rc = go_over_again(all, &segment->stretch.job, instead);
	segment_free(segment);
	return rc;
}

/* ---- What does not hold ---- */

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

/* Where a segment ends in what the file should be. */
static uint64_t wanted_end(const struct segments *all, size_t index)
{
	return index < all->judgement.count ? judgement_offset(&all->judgement, index)
					    : all->checkpoints[0]->length;
}

bool segments_next_damaged(const struct segments *all, size_t *index, struct ssum_range *range)
{
	const struct judgement *judgement = &all->judgement;
	size_t first = judgement_failed(judgement, *index), end = first;

	while (end < judgement->count && !judgement->holds[end])
		end++;
	*index = end;
	*range = (struct ssum_range){.offset = judgement_offset(judgement, first)};
	if (first == judgement->count)
		return false;
	range->length = wanted_end(all, end) - range->offset;
	return range->length != 0;
}
