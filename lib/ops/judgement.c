/* SPDX-License-Identifier: MIT */
#include "ops/judgement.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- Segments ---- */

static const struct ssum_checkpoints *any_of(const struct judgement *judgement)
{
	return judgement->checkpoints[0];
}

/* The last segment goes to the end of what is there; all others are whole. */
static size_t count_segments(const struct ssum_checkpoints *checkpoints, uint64_t length)
{
	uint64_t whole = checkpoints->count ? length / checkpoints->interval : 0;

	return (size_t)min_u64(whole, checkpoints->count) + 1;
}

int judgement_init(struct judgement *judgement, const struct algorithms *algorithms,
		   struct ssum_checkpoints **checkpoints, uint64_t length)
{
	*judgement = (struct judgement){
		.algorithms = algorithms, .checkpoints = checkpoints, .length = length};
	judgement->count = judgement->proven_end = count_segments(checkpoints[0], length);
	judgement->holds = calloc(judgement->count, sizeof(*judgement->holds));
	return judgement->holds ? 0 : -ENOMEM;
}

void judgement_end(struct judgement *judgement)
{
	free(judgement->holds);
	judgement->holds = NULL;
}

uint64_t judgement_offset(const struct judgement *judgement, size_t index)
{
	return index < judgement->count ? index * any_of(judgement)->interval : judgement->length;
}

size_t judgement_failed(const struct judgement *judgement, size_t index)
{
	while (index < judgement->count && judgement->holds[index])
		index++;
	return index;
}

size_t judgement_proven(struct judgement *judgement)
{
	judgement->proven = judgement_failed(judgement, judgement->proven);
	return judgement->proven;
}

/* From there on all segments hold: whatever comes to the value there comes to the digest. */
static size_t proven_from(struct judgement *judgement)
{
	while (judgement->proven_end && judgement->holds[judgement->proven_end - 1])
		judgement->proven_end--;
	return judgement->proven_end;
}

/* Whether a chaining value, or at the end the digest, is the one that is expected behind `index`
   segments. */
static bool is_expected(const struct judgement *judgement, size_t algorithm, size_t index,
			const struct ssum_digest *found)
{
	const struct ssum_checkpoints *checkpoints = judgement->checkpoints[algorithm];
	struct ssum_digest expected = checkpoints->digest;

	if (index < judgement->count)
		checkpoints_value(checkpoints, index, &expected);
	return ssum_digest_equal(&expected, found);
}

static bool all_are_expected(const struct judgement *judgement, size_t index,
			     const struct ssum_digest *found)
{
	for (size_t i = 0; i < judgement->algorithms->count; i++)
		if (!is_expected(judgement, i, index, &found[i]))
			return false;
	return true;
}

/* ---- Stretches ---- */

static struct ssum_digest *end_values(const struct stretch *stretch)
{
	return stretch->values + stretch->judgement->algorithms->count;
}

static int stretch_init(struct stretch *stretch, const struct judgement *judgement,
			struct source *source, size_t first, size_t end)
{
	size_t algorithms = judgement->algorithms->count;
	uint64_t begin = judgement_offset(judgement, first);

	*stretch = (struct stretch){.judgement = judgement, .first = first, .end = end};
	stretch->values = calloc(2 * algorithms, sizeof(*stretch->values));
	if (!stretch->values)
		return -ENOMEM;
	for (size_t i = 0; i < algorithms && first; i++)
		checkpoints_value(judgement->checkpoints[i], first, &stretch->values[i]);

	digest_sink_init(&stretch->sink, judgement->algorithms, end_values(stretch));
	stretch->sink.offset = begin;
	stretch->sink.values = first ? stretch->values : NULL;
	stretch->sink.stops = end < judgement->count;
	stretch->job.span = (struct span){
		.source = source,
		.sink = &stretch->sink.sink,
		.start = begin,
		.end = judgement_offset(judgement, end),
		.weight = judgement_offset(judgement, end) - begin,
	};
	return 0;
}

int stretch_segment(struct stretch *stretch, const struct judgement *judgement,
		    struct source *source, size_t index)
{
	return stretch_init(stretch, judgement, source, index, index + 1);
}

static int keep_own(struct stretch *stretch)
{
	const struct judgement *judgement = stretch->judgement;
	int rc = 0;

	for (size_t i = 0; i < judgement->algorithms->count && !rc; i++)
		rc = bytes_append(&stretch->own, end_values(stretch)[i].bytes,
				  judgement->checkpoints[i]->value_length);
	return rc;
}

/* The values that are listed are wrong. Of a content that differs they may be right: what is said
   of that goes by them. */
static void correct(const struct stretch *stretch)
{
	const struct judgement *judgement = stretch->judgement;
	struct ssum_digest value;
	size_t at = 0;

	for (size_t index = stretch->first + 1; at < stretch->own.length; index++)
		for (size_t i = 0; i < judgement->algorithms->count; i++) {
			size_t length = judgement->checkpoints[i]->value_length;

			memcpy(value.bytes, stretch->own.data + at, length);
			checkpoints_correct(judgement->checkpoints[i], index, &value);
			at += length;
		}
}

/* Has the chain come to a value that is listed? */
static int look_at_mark(struct digest_sink *sink, uint64_t offset)
{
	struct stretch *stretch = container_of(sink, struct stretch, sink);
	const struct judgement *judgement = stretch->judgement;
	size_t index = (size_t)(offset / any_of(judgement)->interval);
	int rc;

	if (index >= stretch->end)
		return 0;
	rc = digest_sink_values(sink, end_values(stretch));
	if (rc)
		return rc;
	if (all_are_expected(judgement, index, end_values(stretch))) {
		stretch->end = index;
		sink->stops = true;
		return SINK_ENOUGH;
	}
	return judgement->corrects ? keep_own(stretch) : 0;
}

/* Everything before the first segment that fails holds, so the value there is the content's own. */
int stretch_chain(struct stretch *stretch, struct judgement *judgement, struct source *source)
{
	int rc = stretch_init(stretch, judgement, source, judgement_proven(judgement),
			      proven_from(judgement));

	stretch->sink.sink.interval = any_of(judgement)->interval;
	stretch->sink.mark = look_at_mark;
	return rc;
}

void stretch_end(struct stretch *stretch)
{
	free(stretch->values);
	stretch->values = NULL;
	bytes_free(&stretch->own);
}

/* ---- Verdicts ---- */

bool stretch_judge(const struct stretch *stretch, struct judgement *judgement)
{
	bool holds = all_are_expected(judgement, stretch->end, end_values(stretch));

	for (size_t i = stretch->first; i < stretch->end && holds; i++)
		judgement->holds[i] = true;
	if (holds)
		correct(stretch);
	return holds;
}

bool stretch_differs(const struct stretch *stretch, size_t algorithm)
{
	return !is_expected(stretch->judgement, algorithm, stretch->end,
			    &end_values(stretch)[algorithm]);
}

const struct ssum_digest *stretch_value(const struct stretch *stretch, size_t algorithm)
{
	return &end_values(stretch)[algorithm];
}
