/* SPDX-License-Identifier: MIT */
#include "ops/candidates.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define BYTE_ORDER_MARK_LENGTH 3

/*
 * Up to this length a content is tried as text whatever is in it, since files were converted that
 * are not text. A longer one is given up at the first byte that is zero: no text has one, and a
 * conversion cannot advance with the other hashes.
 */
#define ANY_CONTENT_MAX (4 * MIB)

static int candidate_as_it_is(struct candidate *candidate, const struct piece *piece)
{
	candidate->step = (struct step){piece->data, piece->length};
	return 0;
}

static int candidate_all_zeros(struct candidate *candidate, const struct piece *piece)
{
	candidate->step = (struct step){NULL, piece->length};
	return 0;
}

static int candidate_make_room(struct candidate *candidate)
{
	if (!candidate->converted)
		candidate->converted = malloc(2 * PIECE_MAX);
	return candidate->converted ? 0 : -ENOMEM;
}

/* ---- Allocated data ---- */

/* Only some zeros of a hole are hashed. Pieces of the hole take them from its beginning: all zeros
   are the same. */
static int candidate_share_of_hole(struct candidate *candidate, const struct piece *piece,
				   uint64_t zeros)
{
	uint64_t before = piece->offset - piece->hole;

	candidate->step.data = NULL;
	candidate->step.length = min_u64(before + piece->length, zeros) - min_u64(before, zeros);
	return 0;
}

/* The data before and after the hole are rounded outward, unless the file ends there. */
static int candidate_rounded(struct candidate *candidate, const struct piece *piece)
{
	uint64_t unit = candidate->row->unit, length = piece->hole_end - piece->hole;

	if (!piece->in_hole)
		return candidate_as_it_is(candidate, piece);
	uint64_t zeros = piece->hole % unit ? unit - piece->hole % unit : 0;
	if (piece->hole_end < piece->size)
		zeros += piece->hole_end % unit;
	return candidate_share_of_hole(candidate, piece, min_u64(zeros, length));
}

static int candidate_filled(struct candidate *candidate, const struct piece *piece)
{
	uint64_t length = piece->hole_end - piece->hole;

	if (!piece->in_hole)
		return candidate_as_it_is(candidate, piece);
	return candidate_share_of_hole(candidate, piece,
				       length < candidate->row->unit ? length : 0);
}

/* ---- Without blocks of zeros: what is allocated of a copy that has holes in their place. So a
   hash over allocated data is known even where the file at hand has no holes. ---- */

/* The content up to `at` was taken; if a block ends there, forget it. */
static void candidate_pass_block(struct candidate *candidate, uint64_t at)
{
	if (at % candidate->row->unit)
		return;
	candidate->pending = 0;
	candidate->has_data = false;
}

/* How much of the next bytes is in the block at an offset. */
static uint64_t candidate_in_block(const struct candidate *candidate, uint64_t at, uint64_t length)
{
	return min_u64(length, candidate->row->unit - at % candidate->row->unit);
}

/* Whether all blocks of a piece of data are taken, and nothing before them. */
static bool candidate_keeps_all(const struct candidate *candidate, const struct piece *piece)
{
	bool has_data = candidate->has_data;

	if (candidate->pending)
		return false;
	for (uint64_t done = 0, length; done < piece->length; done += length) {
		length = candidate_in_block(candidate, piece->offset + done, piece->length - done);
		if (!has_data && bytes_are_zero(piece->data + done, (size_t)length))
			return false;
		has_data = false;
	}
	return true;
}

static int candidate_without_zero_blocks(struct candidate *candidate, const struct piece *piece)
{
	uint64_t end = piece->offset + piece->length;

	if (!piece->data) {
		/* Zeros go with a block that has data. Else they wait for data of their block, and
		   are left out if none come. */
		uint64_t first = candidate_in_block(candidate, piece->offset, piece->length);

		candidate->step = (struct step){NULL, candidate->has_data ? first : 0};
		candidate->pending += candidate->has_data ? 0 : first;
		candidate_pass_block(candidate, piece->offset + first);
		if (piece->length > first)
			candidate->pending = end % candidate->row->unit;
		return 0;
	}
	candidate->step = (struct step){piece->data, piece->length};
	if (candidate_keeps_all(candidate, piece)) {
		candidate->has_data = true;
		candidate_pass_block(candidate, end);
		return 0;
	}
	if (candidate_make_room(candidate))
		return -ENOMEM;
	unsigned char *to = candidate->converted;
	for (uint64_t done = 0, length; done < piece->length; done += length) {
		const unsigned char *data = piece->data + done;

		length = candidate_in_block(candidate, piece->offset + done, piece->length - done);
		if (candidate->has_data || !bytes_are_zero(data, (size_t)length)) {
			memset(to, 0, (size_t)candidate->pending);
			to += candidate->pending;
			memcpy(to, data, (size_t)length);
			to += length;
			candidate->pending = 0;
			candidate->has_data = true;
		} else {
			candidate->pending += length;
		}
		candidate_pass_block(candidate, piece->offset + done + length);
	}
	candidate->step =
		(struct step){candidate->converted, (uint64_t)(to - candidate->converted)};
	return 0;
}

/* ---- Text ---- */

/* Sets gave_up if the piece is not of a text. */
static bool candidate_is_no_text(struct candidate *candidate, const struct piece *piece)
{
	candidate->gave_up = piece->size > ANY_CONTENT_MAX &&
			     (!piece->data || memchr(piece->data, 0, (size_t)piece->length));
	return candidate->gave_up;
}

static bool piece_begins_with_mark(const struct piece *piece)
{
	return !piece->offset && piece->data && piece->length >= BYTE_ORDER_MARK_LENGTH &&
	       !memcmp(piece->data, BYTE_ORDER_MARK, BYTE_ORDER_MARK_LENGTH);
}

/* The mark is the row's prefix. */
static int candidate_with_mark(struct candidate *candidate, const struct piece *piece)
{
	if (candidate_is_no_text(candidate, piece))
		return 0;
	candidate->gave_up = piece_begins_with_mark(piece);
	return candidate_as_it_is(candidate, piece);
}

static int candidate_without_mark(struct candidate *candidate, const struct piece *piece)
{
	candidate_as_it_is(candidate, piece);
	if (piece->offset)
		return 0;
	candidate->gave_up = !piece_begins_with_mark(piece);
	if (!candidate->gave_up) {
		candidate->step.data += BYTE_ORDER_MARK_LENGTH;
		candidate->step.length -= BYTE_ORDER_MARK_LENGTH;
	}
	return 0;
}

static const unsigned char *piece_bytes(const struct piece *piece)
{
	static const unsigned char zeros[PIECE_MAX];

	return piece->data ? piece->data : zeros;
}

static bool piece_has(const struct piece *piece, char c)
{
	return piece->data && memchr(piece->data, c, (size_t)piece->length);
}

/* As long as there is nothing to convert, the step is the piece itself, as of other candidates. */
static int candidate_as_lf(struct candidate *candidate, const struct piece *piece)
{
	if (candidate_is_no_text(candidate, piece))
		return 0;
	candidate_as_it_is(candidate, piece);
	if (!candidate->after_cr && !piece_has(piece, '\r'))
		return 0;
	if (candidate_make_room(candidate))
		return -ENOMEM;
	/* A carriage return at the end of a piece waits for the next byte. */
	const unsigned char *data = piece_bytes(piece);
	unsigned char *to = candidate->converted;
	for (uint64_t i = 0; i < piece->length; i++) {
		if (candidate->after_cr && data[i] != '\n')
			*to++ = '\r';
		candidate->after_cr = data[i] == '\r';
		if (!candidate->after_cr)
			*to++ = data[i];
	}
	candidate->step =
		(struct step){candidate->converted, (uint64_t)(to - candidate->converted)};
	return 0;
}

static int candidate_convert_to_crlf(struct candidate *candidate, const struct piece *piece,
				     bool every)
{
	const unsigned char *data = piece_bytes(piece);

	if (candidate_is_no_text(candidate, piece))
		return 0;
	candidate_as_it_is(candidate, piece);
	if (!piece_has(piece, '\n')) {
		candidate->after_cr = data[piece->length - 1] == '\r';
		return 0;
	}
	if (candidate_make_room(candidate))
		return -ENOMEM;
	unsigned char *to = candidate->converted;
	for (uint64_t i = 0; i < piece->length; i++) {
		if (data[i] == '\n' && (every || !candidate->after_cr))
			*to++ = '\r';
		candidate->after_cr = data[i] == '\r';
		*to++ = data[i];
	}
	candidate->step =
		(struct step){candidate->converted, (uint64_t)(to - candidate->converted)};
	return 0;
}

static int candidate_lone_as_crlf(struct candidate *candidate, const struct piece *piece)
{
	return candidate_convert_to_crlf(candidate, piece, false);
}

static int candidate_every_as_crlf(struct candidate *candidate, const struct piece *piece)
{
	return candidate_convert_to_crlf(candidate, piece, true);
}

/* ---- The table ---- */

/* clang-format off */
static const struct candidate_row candidate_rows[CANDIDATES] = {
	[CONTENT] = {SSUM_CAUSE_MATCHES, "", candidate_as_it_is, 0, NULL},
	[SEGMENT] = {SSUM_CAUSE_DAMAGED, "", candidate_as_it_is, 0, NULL},
	{SSUM_CAUSE_ALLOCATED, "each extent exactly", candidate_rounded, 1, NULL},
	{SSUM_CAUSE_ALLOCATED, "holes below 64 KiB as zeros", candidate_filled, 64 * KIB, NULL},
	{SSUM_CAUSE_ALLOCATED, "extents rounded to 512 bytes", candidate_rounded, 512, NULL},
	{SSUM_CAUSE_ALLOCATED, "extents rounded to 4096 bytes", candidate_rounded, 4096, NULL},
	{SSUM_CAUSE_ALLOCATED, "extents rounded to 64 KiB", candidate_rounded, 64 * KIB, NULL},
	{SSUM_CAUSE_ZERO_BLOCKS, "blocks of 4096 bytes", candidate_without_zero_blocks, 4096, NULL},
	{SSUM_CAUSE_ZERO_BLOCKS, "blocks of 64 KiB", candidate_without_zero_blocks, 64 * KIB, NULL},
	{SSUM_CAUSE_ALL_ZEROS, "", candidate_all_zeros, 0, NULL},
	{SSUM_CAUSE_LINE_ENDINGS, "CR LF where the file has LF", candidate_lone_as_crlf, 0, NULL},
	{SSUM_CAUSE_LINE_ENDINGS, "CR LF where the file has LF, also behind CR",
	 candidate_every_as_crlf, 0, NULL},
	{SSUM_CAUSE_LINE_ENDINGS, "LF where the file has CR LF", candidate_as_lf, 0, NULL},
	{SSUM_CAUSE_BYTE_ORDER_MARK, "with one before it", candidate_with_mark, 0,
	 BYTE_ORDER_MARK},
	{SSUM_CAUSE_BYTE_ORDER_MARK, "without the one that it has", candidate_without_mark, 0,
	 NULL},
};
/* clang-format on */

/* ---- Shared streams ---- */

struct ssum_stream *candidates_stream(struct candidates *all, size_t index)
{
	return &all->shared[all->candidate[index].stream].stream;
}

/* Copy a stream into one that is free. There is one for each candidate. */
static int candidates_copy_stream(struct candidates *all, unsigned from, unsigned *to)
{
	*to = 0;
	while (all->shared[*to].users)
		(*to)++;
	return stream_copy(&all->shared[*to].stream, &all->shared[from].stream);
}

static void candidates_move(struct candidates *all, struct candidate *candidate, unsigned to)
{
	all->shared[candidate->stream].users--;
	all->shared[to].users++;
	candidate->stream = to;
}

int candidates_separate(struct candidates *all, size_t index)
{
	struct candidate *candidate = &all->candidate[index];
	unsigned to;
	int rc = 0;

	if (all->shared[candidate->stream].users == 1)
		return 0;
	rc = candidates_copy_stream(all, candidate->stream, &to);
	if (!rc)
		candidates_move(all, candidate, to);
	return rc;
}

void candidates_drop(struct candidates *all, size_t index)
{
	struct candidate *candidate = &all->candidate[index];

	if (candidate->alive && !--all->shared[candidate->stream].users)
		stream_clear(candidates_stream(all, index));
	candidate->alive = false;
}

int candidates_begin(struct candidates *all, const struct algorithm *algorithm,
		     bool has_checkpoints)
{
	*all = (struct candidates){.algorithm = algorithm};
	for (size_t i = 0; i < CANDIDATES; i++) {
		all->candidate[i].row = &candidate_rows[i];
		all->candidate[i].alive = i != SEGMENT || has_checkpoints;
		all->shared[0].users += all->candidate[i].alive;
	}
	int rc = stream_init(&all->shared[0].stream, algorithm);
	for (size_t i = 0; i < CANDIDATES && !rc; i++) {
		const char *prefix = candidate_rows[i].prefix;

		if (prefix)
			rc = candidates_separate(all, i);
		if (prefix && !rc)
			rc = ssum_stream_update(candidates_stream(all, i), prefix, strlen(prefix));
	}
	return rc;
}

void candidates_clear(struct candidates *all)
{
	for (size_t i = 0; i < CANDIDATES; i++) {
		stream_clear(&all->shared[i].stream);
		all->shared[i].users = 0;
		free(all->candidate[i].converted);
		all->candidate[i].converted = NULL;
	}
}

/* ---- Advancing ---- */

/* Whether no candidate before it has the same stream. */
static bool candidates_is_first(const struct candidates *all, size_t index)
{
	const struct candidate *candidate = &all->candidate[index];

	for (size_t i = 0; i < index; i++)
		if (all->candidate[i].alive && all->candidate[i].stream == candidate->stream)
			return false;
	return candidate->alive;
}

/* Of the candidates on one stream, those that take the step of the first one keep it. The others
   move to a new one together, and are looked at in their turn. */
static int candidates_split(struct candidates *all, size_t first)
{
	const struct candidate *leader = &all->candidate[first];
	const struct step *step = &leader->step;
	unsigned to = CANDIDATES;
	int rc = 0;

	for (size_t i = first + 1; i < CANDIDATES && !rc; i++) {
		struct candidate *candidate = &all->candidate[i];

		if (!candidate->alive || candidate->stream != leader->stream)
			continue;
		if (candidate->step.length == step->length &&
		    (candidate->step.data == step->data || !step->length))
			continue;
		if (to == CANDIDATES)
			rc = candidates_copy_stream(all, leader->stream, &to);
		if (!rc)
			candidates_move(all, candidate, to);
	}
	return rc;
}

/* Advance all streams by the steps of their candidates. */
static int candidates_advance(struct candidates *all)
{
	/* Most streams take as much as the content does: these advance together, the others one
	   after the other. */
	uint64_t length = all->candidate[CONTENT].step.length;
	struct batch batch = {.count = 0};
	int rc = 0;

	for (size_t i = 0; i < CANDIDATES && !rc; i++)
		if (candidates_is_first(all, i))
			rc = candidates_split(all, i);
	for (size_t i = 0; i < CANDIDATES && !rc; i++) {
		const struct step *step = &all->candidate[i].step;
		struct ssum_stream *stream = candidates_stream(all, i);

		if (!candidates_is_first(all, i))
			continue;
		if (stream->algorithm->family && !stream->partial && step->length == length &&
		    length >= BATCH_UNIT &&
		    length <= stream->algorithm->max_length - stream->length)
			batch_add(&batch, stream, step->data);
		else
			rc = stream_put(stream, step->data, step->length);
	}
	return rc || !batch.count ? rc : batch_advance(&batch, length);
}

int candidates_take(struct candidates *all, const struct piece *piece)
{
	int rc = 0;

	for (size_t i = 0; i < CANDIDATES && !rc; i++) {
		struct candidate *candidate = &all->candidate[i];

		if (candidate->alive)
			rc = candidate->row->take(candidate, piece);
		if (candidate->gave_up)
			candidates_drop(all, i);
	}
	return rc ? rc : candidates_advance(all);
}

int candidates_finish(struct candidates *all)
{
	static const unsigned char cr[] = {'\r'};

	/* Only a carriage return may still wait for the next byte. */
	for (size_t i = 0; i < CANDIDATES; i++) {
		struct candidate *candidate = &all->candidate[i];
		bool waits = candidate->after_cr && candidate->row->take == candidate_as_lf;

		candidate->step = (struct step){waits ? cr : NULL, waits};
	}
	return candidates_advance(all);
}
