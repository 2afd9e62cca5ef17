/* SPDX-License-Identifier: MIT */
/*
 * The content without its blocks of zeros: what is allocated of a copy that has holes in their
 * place. So a hash over allocated data is known even where the file at hand has no holes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "ops/hypotheses.h"

/* The content goes on to `at`; a block that ends there is done with. */
static void pass(struct hypothesis *hypothesis, uint64_t at)
{
	if (at % hypothesis->row->unit)
		return;
	hypothesis->pending = 0;
	hypothesis->has_data = false;
}

/* How much of it is in the block at an offset. */
static uint64_t in_block(const struct hypothesis *hypothesis, uint64_t at, uint64_t length)
{
	return min_u64(length, hypothesis->row->unit - at % hypothesis->row->unit);
}

/* Zeros go with a block that has data; else they wait for some, or are left out with it. */
static int take_zeros(struct hypothesis *hypothesis, const struct piece *piece)
{
	uint64_t unit = hypothesis->row->unit, end = piece->offset + piece->length;
	uint64_t first = in_block(hypothesis, piece->offset, piece->length);

	hypothesis->variant.step = (struct step){NULL, hypothesis->has_data ? first : 0};
	hypothesis->pending += hypothesis->has_data ? 0 : first;
	pass(hypothesis, piece->offset + first);
	if (piece->length > first)
		hypothesis->pending = end % unit;
	return 0;
}

static unsigned char *put(unsigned char *to, const unsigned char *data, uint64_t length)
{
	if (!length)
		return to;
	if (data)
		memcpy(to, data, (size_t)length);
	else
		memset(to, 0, (size_t)length);
	return to + length;
}

/* Copy all but the blocks of zeros. */
static unsigned char *copy_blocks(struct hypothesis *hypothesis, const struct piece *piece,
				  unsigned char *to)
{
	for (uint64_t done = 0, length; done < piece->length; done += length) {
		const unsigned char *data = piece->data + done;

		length = in_block(hypothesis, piece->offset + done, piece->length - done);
		if (hypothesis->has_data || !bytes_are_zero(data, (size_t)length)) {
			to = put(to, NULL, hypothesis->pending);
			to = put(to, data, length);
			hypothesis->pending = 0;
			hypothesis->has_data = true;
		} else {
			hypothesis->pending += length;
		}
		pass(hypothesis, piece->offset + done + length);
	}
	return to;
}

/* Whether all blocks of a piece of data are taken, and nothing before them. */
static bool is_whole(const struct hypothesis *hypothesis, const struct piece *piece)
{
	bool has_data = hypothesis->has_data;

	if (hypothesis->pending)
		return false;
	for (uint64_t done = 0, length; done < piece->length; done += length) {
		length = in_block(hypothesis, piece->offset + done, piece->length - done);
		if (!has_data && bytes_are_zero(piece->data + done, (size_t)length))
			return false;
		has_data = false;
	}
	return true;
}

int take_without_zero_blocks(struct hypothesis *hypothesis, const struct piece *piece)
{
	uint64_t end = piece->offset + piece->length;

	if (!piece->data)
		return take_zeros(hypothesis, piece);
	hypothesis->variant.step = (struct step){piece->data, piece->length};
	if (is_whole(hypothesis, piece)) {
		hypothesis->has_data = true;
		pass(hypothesis, end);
		return 0;
	}
	if (!hypothesis->converted)
		hypothesis->converted = malloc(2 * PIECE_MAX);
	if (!hypothesis->converted)
		return -ENOMEM;
	unsigned char *to = copy_blocks(hypothesis, piece, hypothesis->converted);
	hypothesis->variant.step =
		(struct step){hypothesis->converted, (uint64_t)(to - hypothesis->converted)};
	return 0;
}
