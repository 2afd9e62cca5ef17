/* SPDX-License-Identifier: MIT */
#include "package/segments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A span over one segment; or over several, in one chain, to go over them again. */
struct segment {
	struct job job;
	struct shared_view view;
	struct digest_sink sink;
	struct segments *all;
	size_t first, end; /* of the segments */
	bool again;
	size_t met; /* of a chain that goes over them again: where it met a checkpoint, else 0 */
	struct ssum_digest values[]; /* one for each algorithm at the start, then at the end */
};

/* ---- Geometry ---- */

static const struct ssum_checkpoints *any_of(const struct segments *all)
{
	return all->checkpoints[0];
}

static uint64_t offset_of(const struct segments *all, size_t index)
{
	return index < all->count ? index * any_of(all)->interval : all->length;
}

/* The last segment goes to the end of what is there; all others are whole. */
static size_t count_segments(const struct ssum_checkpoints *checkpoints, uint64_t length)
{
	return (size_t)min_u64(length / checkpoints->interval, checkpoints->count) + 1;
}

/* ---- Making them ---- */

struct segments *segments_new(const struct algorithms *algorithms,
			      struct ssum_checkpoints **checkpoints, uint64_t length)
{
	struct segments *all = calloc(1, sizeof(*all));

	if (!all)
		return NULL;
	all->algorithms = algorithms;
	all->length = length;
	all->count = count_segments(checkpoints[0], length);
	all->proven_end = all->count;
	all->holds = calloc(all->count, sizeof(*all->holds));
	all->differs = calloc(algorithms->count, sizeof(*all->differs));
	shared_file_init(&all->file);
	all->file.is_cut = true;
	all->file.length = length;
	if (!all->holds || !all->differs) {
		segments_free(all);
		return NULL;
	}
	all->checkpoints = checkpoints;
	for (size_t i = 0; i < algorithms->count; i++)
		checkpoints_trim(checkpoints[i], all->count - 1);
	return all;
}

void segments_free(struct segments *all)
{
	if (!all)
		return;
	for (size_t i = 0; all->checkpoints && i < all->algorithms->count; i++) {
		checkpoints_clear(all->checkpoints[i]);
		free(all->checkpoints[i]);
	}
	free(all->checkpoints);
	free(all->holds);
	free(all->differs);
	shared_file_end(&all->file);
	free(all);
}

void segments_skip(struct segments *all, size_t count, const struct stat *state)
{
	for (size_t i = 0; i < count; i++)
		all->holds[i] = true;
	all->skipped = all->given = all->returned = count;
	all->file.first = *state;
	all->file.seen = true;
}

uint64_t segments_skipped(const struct segments *all)
{
	return offset_of(all, all->skipped);
}

static struct ssum_digest *end_values(struct segment *segment)
{
	return segment->values + segment->all->algorithms->count;
}

/* A span from the beginning of one segment to that of another. */
static struct segment *segment_new(struct segments *all, size_t first, size_t end)
{
	size_t algorithms = all->algorithms->count;
	struct segment *segment =
		calloc(1, sizeof(*segment) + 2 * algorithms * sizeof(segment->values[0]));

	if (!segment)
		return NULL;
	segment->all = all;
	segment->first = first;
	segment->end = end;
	for (size_t i = 0; i < algorithms && first; i++)
		checkpoints_value(all->checkpoints[i], first, &segment->values[i]);

	shared_view_init(&segment->view, &all->file);
	digest_sink_init(&segment->sink, all->algorithms, end_values(segment));
	segment->sink.offset = offset_of(all, first);
	segment->sink.values = first ? segment->values : NULL;
	segment->sink.stops = end < all->count;
	segment->job.span = (struct span){
		.source = &segment->view.source,
		.sink = &segment->sink.sink,
		.start = offset_of(all, first),
		.end = offset_of(all, end),
		.weight = offset_of(all, end) - offset_of(all, first),
	};
	return segment;
}

int segments_next(struct segments *all, const char *path, void *owner, struct span **span)
{
	struct segment *segment;

	if (all->given == all->count)
		return 0;
	segment = segment_new(all, all->given, all->given + 1);
	if (!segment)
		return -ENOMEM;
	segment->job.path = path;
	segment->job.owner = owner;
	all->given++;
	*span = &segment->job.span;
	return 1;
}

static struct segment *segment_of(struct span *span)
{
	return container_of(span, struct segment, job.span);
}

void segments_drop(struct span *span)
{
	free(segment_of(span));
}

/* ---- Judging ---- */

/* Whether a chaining value, or at the end the digest, is the one that is expected behind `index`
   segments. */
static bool is_expected(const struct segments *all, size_t algorithm, size_t index,
			const struct ssum_digest *found)
{
	const struct ssum_checkpoints *checkpoints = all->checkpoints[algorithm];
	struct ssum_digest expected = checkpoints->digest;

	if (index < all->count)
		checkpoints_value(checkpoints, index, &expected);
	return ssum_digest_equal(&expected, found);
}

static bool all_are_expected(const struct segments *all, size_t index,
			     const struct ssum_digest *found)
{
	for (size_t i = 0; i < all->algorithms->count; i++)
		if (!is_expected(all, i, index, &found[i]))
			return false;
	return true;
}

/* The first segment from `index` on that does not hold, or count. */
static size_t next_failed(const struct segments *all, size_t index)
{
	while (index < all->count && all->holds[index])
		index++;
	return index;
}

/* What holds goes on to hold, so each segment is looked at once, however often this is asked. */
size_t segments_proven(struct segments *all)
{
	all->proven = next_failed(all, all->proven);
	return all->proven;
}

/* From there on all segments hold: whatever comes to the value there comes to the digest. */
static size_t proven_from(struct segments *all)
{
	while (all->proven_end && all->holds[all->proven_end - 1])
		all->proven_end--;
	return all->proven_end;
}

/* The chain goes over the segments again: has it come to a value that is listed? If not, its own
   takes the place of that one: should the segments turn out to hold, it is the true value, and what
   is kept of them in a journal must be true behind each. */
static int look_at_mark(struct digest_sink *sink, uint64_t offset)
{
	struct segment *segment = container_of(sink, struct segment, sink);
	struct segments *all = segment->all;
	size_t index = (size_t)(offset / any_of(all)->interval);
	int rc;

	if (index >= segment->end)
		return 0;
	rc = digest_sink_values(sink, end_values(segment));
	if (rc)
		return rc;
	if (all_are_expected(all, index, end_values(segment))) {
		segment->met = index;
		return SINK_ENOUGH;
	}
	for (size_t i = 0; i < all->algorithms->count; i++)
		checkpoints_correct(all->checkpoints[i], index, &end_values(segment)[i]);
	return 0;
}

/* Everything before the first segment that fails holds, so the value there is the file's own. */
static int go_over_again(struct segments *all, const struct job *job, struct span **instead)
{
	size_t first = segments_proven(all);
	struct segment *segment;

	if (first == all->count) {
		all->finished = true;
		return 0;
	}
	segment = segment_new(all, first, proven_from(all));
	if (!segment)
		return -ENOMEM;
	segment->again = true;
	segment->sink.sink.interval = any_of(all)->interval;
	segment->sink.mark = look_at_mark;
	segment->job.path = job->path;
	segment->job.owner = job->owner;
	*instead = &segment->job.span;
	return 0;
}

static void judge_segment(struct segments *all, struct segment *segment)
{
	all->holds[segment->first] = all_are_expected(all, segment->end, end_values(segment));
}

/* The chain has met a checkpoint: what it went over holds. Or it came to where all would have
   followed, and did not have the value that leads to the digest: then nothing leads there. */
static void judge_chain(struct segments *all, struct segment *segment)
{
	const struct ssum_digest *found = end_values(segment);
	size_t end = segment->met ? segment->met : segment->end;

	all->finished = !segment->met && !all_are_expected(all, end, found);
	for (size_t i = 0; i < all->algorithms->count && all->finished; i++)
		all->differs[i] = !is_expected(all, i, end, &found[i]);
	for (size_t i = segment->first; i < end && !all->finished; i++)
		all->holds[i] = true;
	all->wrong = all->wrong || !all->finished;
}

int segments_done(struct segments *all, struct span *span, struct span **instead)
{
	struct segment *segment = segment_of(span);
	int rc = 0;

	if (!all->result)
		all->result = span->result;
	if (!all->result && segment->again)
		judge_chain(all, segment);
	else if (!all->result)
		judge_segment(all, segment);

	all->returned += !segment->again;
	if (all->returned == all->count && all->result)
		all->finished = true;
	else if (all->returned == all->count && !all->finished)
		rc = go_over_again(all, &segment->job, instead);
	free(segment);
	return rc;
}

/* ---- What does not hold ---- */

bool segments_end_in_digest(const struct segments *all)
{
	return all->holds[all->count - 1];
}

bool segments_are_beginning(const struct segments *all)
{
	return all->length < any_of(all)->length && all->count > 1 &&
	       next_failed(all, 0) == all->count - 1;
}

/* Where a segment ends in what the file should be. */
static uint64_t wanted_end(const struct segments *all, size_t index)
{
	uint64_t length = any_of(all)->length;

	return index < all->count ? offset_of(all, index) : length;
}

bool segments_next_damaged(const struct segments *all, size_t *index, struct ssum_range *range)
{
	size_t first = next_failed(all, *index), end = first;

	while (end < all->count && !all->holds[end])
		end++;
	*index = end;
	*range = (struct ssum_range){.offset = offset_of(all, first)};
	if (first == all->count)
		return false;
	range->length = wanted_end(all, end) - range->offset;
	return range->length != 0;
}
