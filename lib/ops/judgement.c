/* SPDX-License-Identifier: MIT */
#include "ops/judgement.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- Segments ---------------------------------------------------------------------------- */

int judgement_init(struct judgement *judgement, const struct algorithms *algorithms,
		   struct ssum_checkpoints **checkpoints, uint64_t length)
{
	size_t count = 1;

	/* The last segment extends to the end of what is there. All others have a whole interval.
	 */
	if (checkpoints[0]->count)
		count += (size_t)min_u64(length / checkpoints[0]->interval, checkpoints[0]->count);
	*judgement = (struct judgement){.algorithms = algorithms,
					.checkpoints = checkpoints,
					.length = length,
					.count = count,
					.proven_end = count,
					.holds = calloc(count, sizeof(*judgement->holds))};
	return judgement->holds ? 0 : -ENOMEM;
}

void judgement_end(struct judgement *judgement)
{
	free(judgement->holds);
	judgement->holds = NULL;
}

uint64_t judgement_offset(const struct judgement *judgement, size_t index)
{
	return index < judgement->count ? index * judgement->checkpoints[0]->interval
					: judgement->length;
}

size_t next_segment(const bool *holds, size_t count, size_t index, bool that_holds)
{
	while (index < count && holds[index] != that_holds)
		index++;
	return index;
}

size_t judgement_failed(const struct judgement *judgement, size_t index)
{
	return next_segment(judgement->holds, judgement->count, index, false);
}

size_t judgement_proven(struct judgement *judgement)
{
	judgement->proven = judgement_failed(judgement, judgement->proven);
	return judgement->proven;
}

/* Whether a value is the one that is listed after `index` segments: a chaining value, or at the end
   the digest. */
static bool judgement_expects(const struct judgement *judgement, size_t algorithm, size_t index,
			      const struct ssum_digest *found)
{
	const struct ssum_checkpoints *checkpoints = judgement->checkpoints[algorithm];
	struct ssum_digest expected = checkpoints->digest;

	if (index < judgement->count)
		checkpoints_value(checkpoints, index, &expected);
	return ssum_digest_equal(&expected, found);
}

static bool judgement_expects_all(const struct judgement *judgement, size_t index,
				  const struct ssum_digest *found)
{
	for (size_t i = 0; i < judgement->algorithms->count; i++)
		if (!judgement_expects(judgement, i, index, &found[i]))
			return false;
	return true;
}

/* ---- Stretches --------------------------------------------------------------------------- */

static struct ssum_digest *stretch_end_values(const struct stretch *stretch)
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

	digest_sink_init(&stretch->sink, judgement->algorithms, stretch_end_values(stretch));
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

/* A chain is at the end of a segment. It is done if it has the values that are listed there. */
static int stretch_at_mark(struct sink *base, uint64_t offset)
{
	struct digest_sink *sink = container_of(base, struct digest_sink, sink);
	struct stretch *stretch = container_of(sink, struct stretch, sink);
	const struct judgement *judgement = stretch->judgement;
	struct ssum_digest *values = stretch_end_values(stretch);
	size_t index = (size_t)(offset / judgement->checkpoints[0]->interval);
	int rc;

	if (index >= stretch->end)
		return 0;
	rc = digest_sink_values(sink, values);
	if (rc)
		return rc;
	if (judgement_expects_all(judgement, index, values)) {
		stretch->end = index;
		sink->stops = true;
		return SINK_ENOUGH;
	}
	for (size_t i = 0; judgement->corrects && i < judgement->algorithms->count && !rc; i++)
		rc = bytes_append(&stretch->own, values[i].bytes,
				  judgement->checkpoints[i]->value_length);
	return rc;
}

int stretch_chain(struct stretch *stretch, struct judgement *judgement, struct source *source)
{
	/* The segments before the first one that fails hold, so its first value is the content's
	   own. From proven_end on all segments hold: the value there leads to the digest. */
	size_t first = judgement_proven(judgement);
	int rc;

	while (judgement->proven_end && judgement->holds[judgement->proven_end - 1])
		judgement->proven_end--;
	rc = stretch_init(stretch, judgement, source, first, judgement->proven_end);
	stretch->sink.sink.interval = judgement->checkpoints[0]->interval;
	stretch->sink.sink.mark = stretch_at_mark;
	return rc;
}

void stretch_end(struct stretch *stretch)
{
	free(stretch->values);
	stretch->values = NULL;
	bytes_free(&stretch->own);
}

/* ---- Verdicts ---------------------------------------------------------------------------- */

bool stretch_judge(const struct stretch *stretch, struct judgement *judgement)
{
	struct ssum_digest value;
	size_t at = 0;

	if (!judgement_expects_all(judgement, stretch->end, stretch_end_values(stretch)))
		return false;
	for (size_t i = stretch->first; i < stretch->end; i++)
		judgement->holds[i] = true;
	/* The listed values that the chain did not meet are wrong: replace them. Only now, since
	   for a content that differs they may be right. */
	for (size_t index = stretch->first + 1; at < stretch->own.length; index++)
		for (size_t i = 0; i < judgement->algorithms->count; i++) {
			size_t length = judgement->checkpoints[i]->value_length;

			memcpy(value.bytes, stretch->own.data + at, length);
			checkpoints_correct(judgement->checkpoints[i], index, &value);
			at += length;
		}
	return true;
}

bool stretch_differs(const struct stretch *stretch, size_t algorithm)
{
	return !judgement_expects(stretch->judgement, algorithm, stretch->end,
				  &stretch_end_values(stretch)[algorithm]);
}

const struct ssum_digest *stretch_value(const struct stretch *stretch, size_t algorithm)
{
	return &stretch_end_values(stretch)[algorithm];
}
