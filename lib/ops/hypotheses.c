/* SPDX-License-Identifier: MIT */
#include "ops/hypotheses.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Up to this length a content is tried as text whatever is in it, since files were converted that
 * are none. A longer one is given up at the first byte that is zero: no text has one, and
 * conversion cannot go side by side with the other hashes.
 */
#define ANY_CONTENT_MAX (4 * MIB)

static int take_as_it_is(struct hypothesis *hypothesis, const struct piece *piece)
{
	hypothesis->variant.step = (struct step){piece->data, piece->length};
	return 0;
}

static int take_zeros(struct hypothesis *hypothesis, const struct piece *piece)
{
	hypothesis->variant.step = (struct step){NULL, piece->length};
	return 0;
}

/* ---- Allocated data ---- */

/* Of a hole, its zeros that are hashed. A piece of it takes its share from the front: zeros are the
   same wherever they come from. */
static int take_share(struct hypothesis *hypothesis, const struct piece *piece, uint64_t zeros)
{
	uint64_t before = piece->offset - piece->hole;

	hypothesis->variant.step.data = NULL;
	hypothesis->variant.step.length =
		min_u64(before + piece->length, zeros) - min_u64(before, zeros);
	return 0;
}

static uint64_t distance_up(uint64_t offset, uint64_t unit)
{
	return offset % unit ? unit - offset % unit : 0;
}

/* The data before and behind the hole are rounded outward, unless the file ends there. */
static int take_rounded(struct hypothesis *hypothesis, const struct piece *piece)
{
	uint64_t unit = hypothesis->row->unit, length = piece->hole_end - piece->hole;
	uint64_t zeros = distance_up(piece->hole, unit);

	if (!piece->in_hole)
		return take_as_it_is(hypothesis, piece);
	if (piece->hole_end < piece->size)
		zeros += piece->hole_end % unit;
	return take_share(hypothesis, piece, min_u64(zeros, length));
}

static int take_filled(struct hypothesis *hypothesis, const struct piece *piece)
{
	uint64_t length = piece->hole_end - piece->hole;

	if (!piece->in_hole)
		return take_as_it_is(hypothesis, piece);
	return take_share(hypothesis, piece, length < hypothesis->row->unit ? length : 0);
}

/* ---- Text ---- */

static bool is_hopeless(const struct piece *piece)
{
	return piece->size > ANY_CONTENT_MAX &&
	       (!piece->data || memchr(piece->data, 0, (size_t)piece->length));
}

static bool begins_with_mark(const struct piece *piece)
{
	return !piece->offset && piece->data && piece->length >= BYTE_ORDER_MARK_LENGTH &&
	       !memcmp(piece->data, BYTE_ORDER_MARK, BYTE_ORDER_MARK_LENGTH);
}

static int give_up(struct hypothesis *hypothesis)
{
	hypothesis->gave_up = true;
	return 0;
}

/* The mark stands there before the first piece comes. */
static int take_behind_mark(struct hypothesis *hypothesis, const struct piece *piece)
{
	if (begins_with_mark(piece) || is_hopeless(piece))
		return give_up(hypothesis);
	return take_as_it_is(hypothesis, piece);
}

static int take_without_mark(struct hypothesis *hypothesis, const struct piece *piece)
{
	if (!piece->offset && !begins_with_mark(piece))
		return give_up(hypothesis);
	take_as_it_is(hypothesis, piece);
	if (!piece->offset) {
		hypothesis->variant.step.data += BYTE_ORDER_MARK_LENGTH;
		hypothesis->variant.step.length -= BYTE_ORDER_MARK_LENGTH;
	}
	return 0;
}

/* A carriage return at the end of a piece waits for what follows it. */
static size_t to_lf(struct hypothesis *hypothesis, const unsigned char *data, size_t length)
{
	unsigned char *to = hypothesis->converted;

	for (size_t i = 0; i < length; i++) {
		if (hypothesis->after_cr && data[i] != '\n')
			*to++ = '\r';
		hypothesis->after_cr = data[i] == '\r';
		if (!hypothesis->after_cr)
			*to++ = data[i];
	}
	return (size_t)(to - hypothesis->converted);
}

static size_t to_crlf(struct hypothesis *hypothesis, const unsigned char *data, size_t length,
		      bool every)
{
	unsigned char *to = hypothesis->converted;

	for (size_t i = 0; i < length; i++) {
		if (data[i] == '\n' && (every || !hypothesis->after_cr))
			*to++ = '\r';
		hypothesis->after_cr = data[i] == '\r';
		*to++ = data[i];
	}
	return (size_t)(to - hypothesis->converted);
}

static bool has(const struct piece *piece, char c)
{
	return piece->data && memchr(piece->data, c, (size_t)piece->length);
}

static int begin_conversion(struct hypothesis *hypothesis)
{
	if (!hypothesis->converted)
		hypothesis->converted = malloc(2 * PIECE_MAX);
	return hypothesis->converted ? 0 : -ENOMEM;
}

static const unsigned char no_data[PIECE_MAX];

static const unsigned char *data_of(const struct piece *piece)
{
	return piece->data ? piece->data : no_data;
}

/* As long as there is nothing to convert, it goes on as the content does. */
static int take_as_lf(struct hypothesis *hypothesis, const struct piece *piece)
{
	if (is_hopeless(piece))
		return give_up(hypothesis);
	take_as_it_is(hypothesis, piece);
	if (!hypothesis->after_cr && !has(piece, '\r'))
		return 0;
	if (begin_conversion(hypothesis))
		return -ENOMEM;
	hypothesis->variant.step.length = to_lf(hypothesis, data_of(piece), (size_t)piece->length);
	hypothesis->variant.step.data = hypothesis->converted;
	return 0;
}

static int take_as_crlf(struct hypothesis *hypothesis, const struct piece *piece, bool every)
{
	if (is_hopeless(piece))
		return give_up(hypothesis);
	take_as_it_is(hypothesis, piece);
	if (!has(piece, '\n')) {
		hypothesis->after_cr = data_of(piece)[piece->length - 1] == '\r';
		return 0;
	}
	if (begin_conversion(hypothesis))
		return -ENOMEM;
	hypothesis->variant.step.length =
		to_crlf(hypothesis, data_of(piece), (size_t)piece->length, every);
	hypothesis->variant.step.data = hypothesis->converted;
	return 0;
}

static int take_lone_as_crlf(struct hypothesis *hypothesis, const struct piece *piece)
{
	return take_as_crlf(hypothesis, piece, false);
}

static int take_every_as_crlf(struct hypothesis *hypothesis, const struct piece *piece)
{
	return take_as_crlf(hypothesis, piece, true);
}

void hypothesis_finish(struct hypothesis *hypothesis)
{
	static const unsigned char cr[] = {'\r'};
	bool waits = hypothesis->after_cr && hypothesis->row->take == take_as_lf;

	hypothesis->variant.step = (struct step){waits ? cr : NULL, waits};
}

/* ---- The table ---- */

/* clang-format off */
const struct hypothesis_row hypothesis_rows[HYPOTHESES] = {
	[CONTENT] = {SSUM_CAUSE_MATCHES, "", take_as_it_is, 0, NULL},
	[SEGMENT] = {SSUM_CAUSE_DAMAGED, "", take_as_it_is, 0, NULL},
	{SSUM_CAUSE_ALLOCATED, "each extent exactly", take_rounded, 1, NULL},
	{SSUM_CAUSE_ALLOCATED, "holes below 64 KiB as zeros", take_filled, 64 * KIB, NULL},
	{SSUM_CAUSE_ALLOCATED, "extents rounded to 512 bytes", take_rounded, 512, NULL},
	{SSUM_CAUSE_ALLOCATED, "extents rounded to 4096 bytes", take_rounded, 4096, NULL},
	{SSUM_CAUSE_ALLOCATED, "extents rounded to 64 KiB", take_rounded, 64 * KIB, NULL},
	{SSUM_CAUSE_ZERO_BLOCKS, "blocks of 4096 bytes", take_without_zero_blocks, 4096, NULL},
	{SSUM_CAUSE_ZERO_BLOCKS, "blocks of 64 KiB", take_without_zero_blocks, 64 * KIB, NULL},
	{SSUM_CAUSE_ALL_ZEROS, "", take_zeros, 0, NULL},
	{SSUM_CAUSE_LINE_ENDINGS, "CR LF where the file has LF", take_lone_as_crlf, 0, NULL},
	{SSUM_CAUSE_LINE_ENDINGS, "CR LF where the file has LF, also behind CR",
	 take_every_as_crlf, 0, NULL},
	{SSUM_CAUSE_LINE_ENDINGS, "LF where the file has CR LF", take_as_lf, 0, NULL},
	{SSUM_CAUSE_BYTE_ORDER_MARK, "with one before it", take_behind_mark, 0,
	 BYTE_ORDER_MARK},
	{SSUM_CAUSE_BYTE_ORDER_MARK, "without the one that it has", take_without_mark, 0, NULL},
};
/* clang-format on */
