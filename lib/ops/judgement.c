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

	/* The last segment ends where the content ends. All others are one interval long. */
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

size_t judgement_find(const bool *holds, size_t count, size_t index, bool value)
{
	while (index < count && holds[index] != value)
		index++;
	return index;
}

size_t judgement_proven(struct judgement *judgement)
{
	judgement->proven =
		judgement_find(judgement->holds, judgement->count, judgement->proven, false);
	return judgement->proven;
}

bool judgement_expects(const struct judgement *judgement, size_t algorithm, size_t index,
		       const struct ssum_digest *value)
{
	const struct ssum_checkpoints *checkpoints = judgement->checkpoints[algorithm];
	struct ssum_digest expected = checkpoints->digest;

	if (index < judgement->count)
		checkpoints_value(checkpoints, index, &expected);
	return ssum_digest_equal(&expected, value);
}

/* ---- Chains ------------------------------------------------------------------------------ */

int chain_init(struct segment_chain *chain, struct judgement *judgement, struct source *source,
	       size_t first, size_t end)
{
	size_t algorithms = judgement->algorithms->count;
	uint64_t start = judgement_offset(judgement, first);

	*chain = (struct segment_chain){.judgement = judgement, .first = first, .end = end};
	chain->start_values = calloc(2 * algorithms, sizeof(*chain->start_values));
	if (!chain->start_values)
		return -ENOMEM;
	chain->end_values = chain->start_values + algorithms;
	for (size_t i = 0; i < algorithms && first; i++)
		checkpoints_value(judgement->checkpoints[i], first, &chain->start_values[i]);

	digest_sink_init(&chain->sink, judgement->algorithms, chain->end_values);
	chain->sink.offset = start;
	chain->sink.values = first ? chain->start_values : NULL;
	chain->sink.stops = end < judgement->count;
	chain->job.span = (struct span){
		.source = source,
		.sink = &chain->sink.sink,
		.start = start,
		.end = judgement_offset(judgement, end),
		.weight = judgement_offset(judgement, end) - start,
	};
	return 0;
}

/* Whether the end values of a chain are the listed ones after the first `index` segments. */
static bool chain_meets(const struct segment_chain *chain, size_t index)
{
	for (size_t i = 0; i < chain->judgement->algorithms->count; i++)
		if (!judgement_expects(chain->judgement, i, index, &chain->end_values[i]))
			return false;
	return true;
}

/* The chain has reached a checkpoint. It ends here if it has the listed values. */
static int chain_at_checkpoint(struct sink *base, uint64_t offset)
{
	struct digest_sink *sink = container_of(base, struct digest_sink, sink);
	struct segment_chain *chain = container_of(sink, struct segment_chain, sink);
	const struct judgement *judgement = chain->judgement;
	size_t index = (size_t)(offset / judgement->checkpoints[0]->interval);
	int rc;

	if (index >= chain->end)
		return 0;
	rc = digest_sink_values(sink, chain->end_values);
	if (rc)
		return rc;
	if (chain_meets(chain, index)) {
		chain->end = index;
		sink->stops = true;
		return SINK_ENOUGH;
	}
	for (size_t i = 0; judgement->corrects && i < judgement->algorithms->count && !rc; i++)
		rc = bytes_append(&chain->unlisted, chain->end_values[i].bytes,
				  judgement->checkpoints[i]->value_length);
	return rc;
}

int chain_init_failed(struct segment_chain *chain, struct judgement *judgement,
		      struct source *source)
{
	/* All segments before `first` hold, so the value at the start of `first` is the chaining
	   value of the content. All segments from proven_end on hold, so the value there leads to
	   the digest. */
	size_t first = judgement_proven(judgement);
	int rc;

	while (judgement->proven_end && judgement->holds[judgement->proven_end - 1])
		judgement->proven_end--;
	rc = chain_init(chain, judgement, source, first, judgement->proven_end);
	chain->sink.sink.interval = judgement->checkpoints[0]->interval;
	chain->sink.sink.mark = chain_at_checkpoint;
	return rc;
}

void chain_clear(struct segment_chain *chain)
{
	free(chain->start_values);
	chain->start_values = chain->end_values = NULL;
	bytes_free(&chain->unlisted);
}

bool chain_judge(const struct segment_chain *chain)
{
	struct judgement *judgement = chain->judgement;
	struct ssum_digest value;
	size_t at = 0;

	if (!chain_meets(chain, chain->end))
		return false;
	for (size_t i = chain->first; i < chain->end; i++)
		judgement->holds[i] = true;
	/* Replace the listed values that the chain did not meet: they are wrong. Do this only now:
	   if the content differs, the listed values may be right. */
	for (size_t index = chain->first + 1; at < chain->unlisted.length; index++)
		for (size_t i = 0; i < judgement->algorithms->count; i++) {
			size_t length = judgement->checkpoints[i]->value_length;

			memcpy(value.bytes, chain->unlisted.data + at, length);
			checkpoints_correct(judgement->checkpoints[i], index, &value);
			at += length;
		}
	return true;
}
