/* SPDX-License-Identifier: MIT */
#include "ops/candidates.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define BYTE_ORDER_MARK_LENGTH 3

/*
 * Up to this length, any content is tried as text, because programs also convert files that are not
 * text. For a longer content, the conversion stops at the first zero byte: text has none, and
 * converted bytes cannot be hashed together with the others.
 */
#define ANY_CONTENT_MAX (4 * MIB)

static int candidate_unchanged(struct candidate *candidate, const struct explain_chunk *chunk)
{
	candidate->step = (struct step){chunk->data, chunk->length};
	return 0;
}

static int candidate_all_zeros(struct candidate *candidate, const struct explain_chunk *chunk)
{
	candidate->step = (struct step){NULL, chunk->length};
	return 0;
}

static int candidate_make_room(struct candidate *candidate)
{
	if (!candidate->converted)
		candidate->converted = malloc(2 * EXPLAIN_CHUNK_MAX);
	return candidate->converted ? 0 : -ENOMEM;
}

/* ---- Allocated data ---- */

/* Data, and only some of the zeros of each hole. */
static int candidate_allocated(struct candidate *candidate, const struct explain_chunk *chunk)
{
	uint64_t unit = candidate->row->unit, length = chunk->hole_end - chunk->hole, zeros = 0;

	if (!chunk->in_hole)
		return candidate_unchanged(candidate, chunk);
	if (candidate->row->fills) {
		zeros = length < unit ? length : 0;
	} else {
		/* Round the data before and after the hole outward, unless the file ends there. */
		if (chunk->hole % unit)
			zeros = unit - chunk->hole % unit;
		if (chunk->hole_end < chunk->size)
			zeros += chunk->hole_end % unit;
		zeros = min_u64(zeros, length);
	}
	/* All zeros are the same, so the first bytes of the hole are hashed. */
	uint64_t before = chunk->offset - chunk->hole;
	candidate->step.data = NULL;
	candidate->step.length = min_u64(before + chunk->length, zeros) - min_u64(before, zeros);
	return 0;
}

/* ---- Without blocks of zeros ---- */

/*
 * The bytes outside these blocks are the allocated data of a copy of the file that has holes in
 * their place. So a hash over allocated data is recognised even if this file has no holes.
 */

/* How many of the next bytes are in the block at an offset. */
static uint64_t candidate_in_block(const struct candidate *candidate, uint64_t at, uint64_t length)
{
	return min_u64(length, candidate->row->unit - at % candidate->row->unit);
}

/* The content up to `at` was hashed. If a block ends there, the next one begins. */
static void candidate_end_block(struct candidate *candidate, uint64_t at)
{
	if (at % candidate->row->unit)
		return;
	candidate->pending = 0;
	candidate->has_data = false;
}

/* Whether the candidate hashes all bytes of a chunk of data, and no zeros before them. */
static bool candidate_keeps_all(const struct candidate *candidate,
				const struct explain_chunk *chunk)
{
	bool has_data = candidate->has_data;

	if (candidate->pending)
		return false;
	for (uint64_t done = 0, length; done < chunk->length; done += length) {
		length = candidate_in_block(candidate, chunk->offset + done, chunk->length - done);
		if (!has_data && bytes_are_zero(chunk->data + done, (size_t)length))
			return false;
		has_data = false;
	}
	return true;
}

static int candidate_without_zero_blocks(struct candidate *candidate,
					 const struct explain_chunk *chunk)
{
	uint64_t end = chunk->offset + chunk->length;

	if (!chunk->data) {
		/* Zeros are hashed if their block has data. Otherwise they are pending until their
		   block has data, and are omitted if it has none. */
		uint64_t first = candidate_in_block(candidate, chunk->offset, chunk->length);

		candidate->step = (struct step){NULL, candidate->has_data ? first : 0};
		candidate->pending += candidate->has_data ? 0 : first;
		candidate_end_block(candidate, chunk->offset + first);
		if (chunk->length > first)
			candidate->pending = end % candidate->row->unit;
		return 0;
	}
	if (candidate_keeps_all(candidate, chunk)) {
		candidate->has_data = true;
		candidate_end_block(candidate, end);
		return candidate_unchanged(candidate, chunk);
	}
	if (candidate_make_room(candidate))
		return -ENOMEM;
	unsigned char *to = candidate->converted;
	for (uint64_t done = 0, length; done < chunk->length; done += length) {
		const unsigned char *data = chunk->data + done;

		length = candidate_in_block(candidate, chunk->offset + done, chunk->length - done);
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
		candidate_end_block(candidate, chunk->offset + done + length);
	}
	candidate->step =
		(struct step){candidate->converted, (uint64_t)(to - candidate->converted)};
	return 0;
}

/* ---- Text ---- */

/* Sets gave_up if the chunk is not text. */
static bool candidate_is_no_text(struct candidate *candidate, const struct explain_chunk *chunk)
{
	candidate->gave_up = chunk->size > ANY_CONTENT_MAX &&
			     (!chunk->data || memchr(chunk->data, 0, (size_t)chunk->length));
	return candidate->gave_up;
}

/* Add the mark, which is the row's prefix, or remove it. */
static int candidate_mark(struct candidate *candidate, const struct explain_chunk *chunk)
{
	bool adds = candidate->row->prefix;

	candidate_unchanged(candidate, chunk);
	if ((adds && candidate_is_no_text(candidate, chunk)) || chunk->offset)
		return 0;
	bool has_mark = chunk->data && chunk->length >= BYTE_ORDER_MARK_LENGTH &&
			!memcmp(chunk->data, BYTE_ORDER_MARK, BYTE_ORDER_MARK_LENGTH);
	candidate->gave_up = has_mark == adds;
	if (has_mark && !adds) {
		candidate->step.data += BYTE_ORDER_MARK_LENGTH;
		candidate->step.length -= BYTE_ORDER_MARK_LENGTH;
	}
	return 0;
}

/*
 * Convert LF to CR LF, or CR LF to LF. As long as there is nothing to convert, the step is the
 * chunk itself, so that the stream is shared with other candidates.
 */
static int candidate_line_endings(struct candidate *candidate, const struct explain_chunk *chunk)
{
	bool to_crlf = candidate->row->to_crlf;
	static const unsigned char zeros[EXPLAIN_CHUNK_MAX];
	const unsigned char *data = chunk->data ? chunk->data : zeros;
	bool waits = !to_crlf && candidate->after_cr; /* a CR, from the end of the last chunk */

	if (candidate_is_no_text(candidate, chunk))
		return 0;
	if (!waits &&
	    (!chunk->data || !memchr(data, to_crlf ? '\n' : '\r', (size_t)chunk->length))) {
		candidate->after_cr = data[chunk->length - 1] == '\r';
		return candidate_unchanged(candidate, chunk);
	}
	if (candidate_make_room(candidate))
		return -ENOMEM;
	unsigned char *to = candidate->converted;
	for (uint64_t i = 0; i < chunk->length; i++) {
		bool is_lf = data[i] == '\n', after_cr = candidate->after_cr;

		candidate->after_cr = data[i] == '\r';
		if (to_crlf ? is_lf && (candidate->row->also_after_cr || !after_cr)
			    : after_cr && !is_lf)
			*to++ = '\r';
		/* A CR that may be removed waits for the next byte. */
		if (to_crlf || !candidate->after_cr)
			*to++ = data[i];
	}
	candidate->step =
		(struct step){candidate->converted, (uint64_t)(to - candidate->converted)};
	return 0;
}

/* ---- The table ---- */

/* clang-format off */
static const struct candidate_row candidate_rows[CANDIDATES] = {
	[CONTENT] = {SSUM_CAUSE_MATCHES, "", .take = candidate_unchanged},
	[SEGMENT] = {SSUM_CAUSE_DAMAGED, "", .take = candidate_unchanged},
	{SSUM_CAUSE_ALLOCATED, "each extent exactly", .take = candidate_allocated, .unit = 1},
	{SSUM_CAUSE_ALLOCATED, "holes below 64 KiB as zeros", .take = candidate_allocated,
	 .unit = 64 * KIB, .fills = true},
	{SSUM_CAUSE_ALLOCATED, "extents rounded to 512 bytes", .take = candidate_allocated,
	 .unit = 512},
	{SSUM_CAUSE_ALLOCATED, "extents rounded to 4096 bytes", .take = candidate_allocated,
	 .unit = 4096},
	{SSUM_CAUSE_ALLOCATED, "extents rounded to 64 KiB", .take = candidate_allocated,
	 .unit = 64 * KIB},
	{SSUM_CAUSE_ZERO_BLOCKS, "blocks of 4096 bytes", .take = candidate_without_zero_blocks,
	 .unit = 4096},
	{SSUM_CAUSE_ZERO_BLOCKS, "blocks of 64 KiB", .take = candidate_without_zero_blocks,
	 .unit = 64 * KIB},
	{SSUM_CAUSE_ALL_ZEROS, "", .take = candidate_all_zeros},
	{SSUM_CAUSE_LINE_ENDINGS, "CR LF where the file has LF", .take = candidate_line_endings,
	 .to_crlf = true},
	{SSUM_CAUSE_LINE_ENDINGS, "CR LF where the file has LF, also after CR",
	 .take = candidate_line_endings, .to_crlf = true, .also_after_cr = true},
	{SSUM_CAUSE_LINE_ENDINGS, "LF where the file has CR LF", .take = candidate_line_endings},
	{SSUM_CAUSE_BYTE_ORDER_MARK, "with one before it", .take = candidate_mark,
	 .prefix = BYTE_ORDER_MARK},
	{SSUM_CAUSE_BYTE_ORDER_MARK, "without the one that it has", .take = candidate_mark},
};
/* clang-format on */

/* ---- Shared streams ---- */

struct ssum_stream *candidates_stream(struct candidates *all, size_t index)
{
	return &all->shared[all->candidate[index].stream].stream;
}

/* Move a candidate to another stream. If *to is CANDIDATES, it is a new copy of the candidate's own
   stream. There is always room for one, since there are as many streams as candidates. */
static int candidates_move(struct candidates *all, struct candidate *candidate, unsigned *to)
{
	struct ssum_stream *stream = &all->shared[candidate->stream].stream;
	int rc = 0;

	if (*to == CANDIDATES) {
		*to = 0;
		while (all->shared[*to].users)
			(*to)++;
		rc = stream_copy(&all->shared[*to].stream, stream);
	}
	if (rc)
		return rc;
	all->shared[candidate->stream].users--;
	all->shared[*to].users++;
	candidate->stream = *to;
	return 0;
}

int candidates_separate(struct candidates *all, size_t index)
{
	struct candidate *candidate = &all->candidate[index];
	unsigned to = CANDIDATES;

	if (all->shared[candidate->stream].users == 1)
		return 0;
	return candidates_move(all, candidate, &to);
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

/* Whether the candidate is the first one of its stream. */
static bool candidates_is_first(const struct candidates *all, size_t index)
{
	const struct candidate *candidate = &all->candidate[index];

	for (size_t i = 0; i < index; i++)
		if (all->candidate[i].alive && all->candidate[i].stream == candidate->stream)
			return false;
	return candidate->alive;
}

/* Split the candidates of a stream by their steps. Those with the step of the first one keep the
   stream. The others move to a new one together, and are split again in their turn. */
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
		rc = candidates_move(all, candidate, &to);
	}
	return rc;
}

/* Advance all streams by the steps of their candidates. */
static int candidates_advance(struct candidates *all)
{
	/* Most streams advance by the length of the chunk, and are hashed together. The others are
	   hashed one by one. */
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

int candidates_take(struct candidates *all, const struct explain_chunk *chunk)
{
	int rc = 0;

	for (size_t i = 0; i < CANDIDATES && !rc; i++) {
		struct candidate *candidate = &all->candidate[i];

		if (candidate->alive)
			rc = candidate->row->take(candidate, chunk);
		if (candidate->gave_up)
			candidates_drop(all, i);
	}
	return rc ? rc : candidates_advance(all);
}

int candidates_finish(struct candidates *all)
{
	static const unsigned char cr[] = {'\r'};

	/* A carriage return may still wait for the next byte. */
	for (size_t i = 0; i < CANDIDATES; i++) {
		struct candidate *candidate = &all->candidate[i];
		bool waits = candidate->after_cr && !candidate->row->to_crlf;

		candidate->step = (struct step){waits ? cr : NULL, waits};
	}
	return candidates_advance(all);
}
