/* SPDX-License-Identifier: MIT */
#include "ops/strands.h"

#include "digest/batch.h"

int strands_begin(struct strands *strands, const struct algorithm *algorithm,
		  struct variant *const variants[], size_t count)
{
	*strands = (struct strands){.algorithm = algorithm};
	for (size_t i = 0; i < count; i++) {
		variants[i]->strand = 0;
		strands->strand[0].users += variants[i]->alive;
	}
	return stream_init(&strands->strand[0].stream, algorithm);
}

void strands_clear(struct strands *strands)
{
	for (size_t i = 0; i < STRANDS_MAX; i++) {
		stream_clear(&strands->strand[i].stream);
		strands->strand[i].users = 0;
	}
}

struct ssum_stream *strand_of(struct strands *strands, const struct variant *variant)
{
	return &strands->strand[variant->strand].stream;
}

/* ---- Parting ---- */

/* A copy of a strand that nobody is on yet. There is one for each variant. */
static int copy_strand(struct strands *strands, unsigned from, unsigned *to)
{
	*to = 0;
	while (strands->strand[*to].users)
		(*to)++;
	return stream_copy(&strands->strand[*to].stream, &strands->strand[from].stream);
}

static void move(struct strands *strands, struct variant *variant, unsigned to)
{
	strands->strand[variant->strand].users--;
	strands->strand[to].users++;
	variant->strand = to;
}

int strands_part(struct strands *strands, struct variant *variant)
{
	unsigned to;
	int rc = 0;

	if (strands->strand[variant->strand].users == 1)
		return 0;
	rc = copy_strand(strands, variant->strand, &to);
	if (!rc)
		move(strands, variant, to);
	return rc;
}

void strands_leave(struct strands *strands, struct variant *variant)
{
	struct strand *strand = &strands->strand[variant->strand];

	if (variant->alive && !--strand->users)
		stream_clear(&strand->stream);
	variant->alive = false;
}

static bool same_step(const struct step *a, const struct step *b)
{
	return a->length == b->length && (a->data == b->data || !a->length);
}

/* Of those on one strand, all that take the step of the first one stay; those that take another one
   move to a new strand together, and are looked at in their turn. */
static int part_from(struct strands *strands, struct variant *const variants[], size_t count,
		     size_t first)
{
	unsigned from = variants[first]->strand, to = STRANDS_MAX;
	int rc = 0;

	for (size_t i = first + 1; i < count && !rc; i++) {
		if (!variants[i]->alive || variants[i]->strand != from ||
		    same_step(&variants[i]->step, &variants[first]->step))
			continue;
		if (to == STRANDS_MAX)
			rc = copy_strand(strands, from, &to);
		if (!rc)
			move(strands, variants[i], to);
	}
	return rc;
}

/* ---- Advancing ---- */

static bool can_join(const struct ssum_stream *stream, uint64_t length, uint64_t wanted)
{
	return stream->algorithm->family && !stream->partial && length == wanted &&
	       length >= BATCH_UNIT && length <= stream->algorithm->max_length - stream->length;
}

static int feed(struct ssum_stream *stream, const unsigned char *data, uint64_t length)
{
	return data ? ssum_stream_update(stream, data, (size_t)length)
		    : ssum_stream_zeros(stream, length);
}

static bool is_first_of_strand(struct variant *const variants[], size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (variants[i]->alive && variants[i]->strand == variants[index]->strand)
			return false;
	return variants[index]->alive;
}

/* What the first strand takes is what most take: these go together, the others one by one. */
static int advance_strands(struct strands *strands, struct variant *const variants[], size_t count)
{
	uint64_t length = variants[0]->step.length;
	struct batch batch = {.count = 0};
	int rc = 0;

	for (size_t i = 0; i < count && !rc; i++) {
		const struct step *step = &variants[i]->step;
		struct ssum_stream *stream = strand_of(strands, variants[i]);

		if (!is_first_of_strand(variants, i))
			continue;
		if (!can_join(stream, step->length, length)) {
			rc = feed(stream, step->data, step->length);
			continue;
		}
		batch_add(&batch, stream, step->data);
	}
	return rc || !batch.count ? rc : batch_advance(&batch, length);
}

int strands_advance(struct strands *strands, struct variant *const variants[], size_t count)
{
	int rc = 0;

	for (size_t i = 0; i < count && !rc; i++)
		if (is_first_of_strand(variants, i))
			rc = part_from(strands, variants, count, i);
	return rc ? rc : advance_strands(strands, variants, count);
}
