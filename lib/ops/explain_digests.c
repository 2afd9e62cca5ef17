/* SPDX-License-Identifier: MIT */
/* Whose digest it is, once all of the content has come: of a hypothesis, by another algorithm, in
   another order of its bytes. */
#include "digest/digest.h"
#include "ops/explain_sink.h"

static int try_hypothesis(struct explain_sink *sink, struct hypothesis *hypothesis)
{
	const struct hypothesis_row *row = hypothesis->row;
	struct ssum_digest digest;
	int rc;

	if (!hypothesis->variant.alive || row->cause == SSUM_CAUSE_DAMAGED)
		return 0;
	const struct ssum_stream *stream = strand_of(&sink->strands, &hypothesis->variant);
	bool is_allocated = row->cause == SSUM_CAUSE_ALLOCATED;
	bool is_shorter = is_allocated || row->cause == SSUM_CAUSE_ZERO_BLOCKS;
	rc = stream_peek(stream, &digest);
	explain_tested(sink, row->cause);
	if (row->cause == SSUM_CAUSE_MATCHES)
		sink->explanation.found = digest;
	if (!rc && ssum_digest_equal(&digest, &sink->expected))
		explain_fits(sink, row->cause, is_allocated ? sink->first_hole : 0,
			     is_shorter ? sink->size - stream->length : 0, row->detail);
	return rc;
}

static int try_hypotheses(struct explain_sink *sink)
{
	int rc;

	for (size_t i = 0; i < HYPOTHESES; i++)
		hypothesis_finish(&sink->hypotheses[i]);
	rc = strands_advance(&sink->strands, sink->variants, HYPOTHESES);
	for (size_t i = 0; i < HYPOTHESES && !rc; i++)
		rc = try_hypothesis(sink, &sink->hypotheses[i]);
	return rc;
}

/* Another algorithm, of this content or of none. */
static int try_other(struct explain_sink *sink, const struct algorithm *algorithm,
		     const struct ssum_stream *stream)
{
	struct ssum_stream empty = {0};
	struct ssum_digest digest;
	int rc = 0;

	if (stream)
		rc = stream_peek(stream, &digest);
	if (stream && !rc && ssum_digest_equal(&digest, &sink->expected))
		explain_fits(sink, SSUM_CAUSE_ALGORITHM, 0, 0, algorithm->name);
	if (!rc)
		rc = stream_init(&empty, algorithm);
	if (!rc)
		rc = ssum_stream_final(&empty, &digest);
	if (!rc && ssum_digest_equal(&digest, &sink->expected))
		explain_fits(sink, SSUM_CAUSE_EMPTY, 0, 0, algorithm->name);
	stream_clear(&empty);
	return rc;
}

static int try_others(struct explain_sink *sink)
{
	int rc = try_other(sink, sink->algorithm, NULL);

	explain_tested(sink, SSUM_CAUSE_EMPTY);
	if (sink->other_count)
		explain_tested(sink, SSUM_CAUSE_ALGORITHM);
	for (size_t i = 0; i < sink->other_count && !rc; i++)
		rc = try_other(sink, &sink->others->rows[i], &sink->other_streams[i]);
	return rc;
}

void explain_try_byte_order(struct explain_sink *sink)
{
	static const char *const details[] = {"the whole of it", "each word of four bytes"};
	struct ssum_digest reversed;

	explain_tested(sink, SSUM_CAUSE_BYTE_ORDER);
	for (int each_word = 0; each_word < 2; each_word++) {
		digest_reverse(&sink->expected, each_word, &reversed);
		if (ssum_digest_equal(&reversed, &sink->explanation.found))
			explain_fits(sink, SSUM_CAUSE_BYTE_ORDER, 0, 0, details[each_word]);
	}
}

int explain_try_digests(struct explain_sink *sink)
{
	int rc = try_hypotheses(sink);

	return rc ? rc : try_others(sink);
}
