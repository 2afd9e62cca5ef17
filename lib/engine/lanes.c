/* SPDX-License-Identifier: MIT */
#include "engine/lanes.h"

#include <errno.h>
#include <stdlib.h>

#include "digest/compress.h"
#include "digest/side_by_side.h"

/* What a lane reads at once when it is not alone. */
#define PIECE_AMONG_MANY (64 * KIB)
#define BUFFER_ALIGNMENT 4096

/* Zeros that are hashed at once: a few milliseconds of work between two looks at the flag that
   cancels. */
#define ZEROS_AT_ONCE (8 * MIB)

/* A hole up to this length goes with the data around it. */
#define SHORT_HOLE (32 * KIB)

/* From so many lanes in holes it pays to advance them apart from those with data. */
#define ZEROS_APART_MIN 16

/* Less is read before there is anything to be gained by another thread. */
#define READ_AHEAD_MIN (16 * MIB)

/* Lanes that take the same step. */
struct party {
	struct lane *lane[LANES_MAX];
	unsigned count;
	uint64_t length; /* the shortest offer, in whole units */
};

int lanes_init(struct lanes *lanes, struct span_shared *shared, unsigned limit)
{
	*lanes = (struct lanes){.shared = shared, .limit = limit, .width = 1};
	lanes->memory = aligned_alloc(BUFFER_ALIGNMENT, GROUP_MAX * PIECE_ALONE);
	if (!lanes->memory)
		return -ENOMEM;
	lanes->buffers = (struct buffers){lanes->free_buffers, GROUP_MAX};
	for (unsigned i = 0; i < GROUP_MAX; i++) {
		lanes->buffers.free[i] = lanes->memory + i * PIECE_ALONE;
		lanes->lane[i].buffers = &lanes->buffers;
		lanes->lane[i].shared = shared;
		lanes->lane[i].buffer_length = PIECE_ALONE;
	}
	return 0;
}

void lanes_free(struct lanes *lanes)
{
	read_ahead_free(lanes->ahead);
	free(lanes->memory);
}

static bool is_in_hole(const struct lane *lane)
{
	return !lane->offer.data && lane->offer.length > SHORT_HOLE;
}

static unsigned count_in_holes(const struct lanes *lanes)
{
	unsigned count = 0;

	for (unsigned i = 0; i < lanes->busy; i++)
		count += is_in_hole(&lanes->lane[i]);
	return count;
}

/* Lanes in holes cost no buffer and no cache, so more of them are welcome. */
bool lanes_have_room(const struct lanes *lanes)
{
	return lanes->busy < lanes->width || (lanes->width > 1 && lanes->busy < lanes->limit &&
					      lanes->busy - count_in_holes(lanes) < lanes->width);
}

/* ---- Beginning ---- */

static unsigned width_of(const struct algorithms *algorithms, unsigned limit)
{
	unsigned width = 1;

	if (limit > DATA_LANES_MAX)
		limit = DATA_LANES_MAX;
	for (size_t i = 0; i < algorithms->count; i++) {
		unsigned wanted = compress_width(&algorithms->rows[i]);

		if (wanted > width)
			width = wanted;
	}
	return width < limit ? width : limit;
}

/* Go on to where the lane can take a step with others. False if its span is through before. */
static bool align(struct lane *lane)
{
	while (lane_next(lane)) {
		uint64_t length = lane_room(lane);
		uint64_t over = lane->span->length % SIDE_BY_SIDE_UNIT;

		if (!over && length >= SIDE_BY_SIDE_UNIT)
			return true;
		lane_feed(lane, over ? min_u64(length, SIDE_BY_SIDE_UNIT - over) : length);
	}
	return false;
}

bool lanes_add(struct lanes *lanes, struct span *span)
{
	struct lane *lane = &lanes->lane[lanes->busy];
	const struct algorithms *algorithms;

	if (!span->source) {
		span->result = 0;
		return false;
	}
	lane->ahead = NULL;
	lane->buffer_length = lanes->busy ? PIECE_AMONG_MANY : PIECE_ALONE;
	lane_begin(lane, span);
	algorithms = digest_sink_algorithms(span->sink);
	if (!algorithms || span->alone) {
		lane_run(lane);
		return false;
	}
	if (!lanes->busy) { /* those of a run all have the same */
		lanes->algorithms = algorithms;
		lanes->width = width_of(algorithms, lanes->limit);
	}
	if (!align(lane))
		return false;
	lanes->busy++;
	return true;
}

/* ---- A step ---- */

static void join(struct party *party, struct lane *lane)
{
	uint64_t length = lane_room(lane) - lane_room(lane) % SIDE_BY_SIDE_UNIT;

	if (!party->count || length < party->length)
		party->length = length;
	party->lane[party->count++] = lane;
}

static void advance(struct lanes *lanes, const struct party *party)
{
	struct ssum_stream *streams[GROUP_MAX];
	const unsigned char *data[GROUP_MAX];
	int rc = 0;

	for (size_t row = 0; row < lanes->algorithms->count && !rc; row++) {
		for (unsigned i = 0; i < party->count; i++) {
			streams[i] = digest_sink_stream(party->lane[i]->span->sink, row);
			data[i] = party->lane[i]->offer.data;
		}
		rc = side_by_side_update(streams, data, party->count, party->length);
	}
	if (!rc)
		rc = span_progress(lanes->shared, party->count * party->length);
	for (unsigned i = 0; i < party->count; i++) {
		party->lane[i]->error = rc;
		lane_took(party->lane[i], party->length);
	}
}

/* As many lanes with data as the kernels take at once; the others wait for their turn. */
static void join_data(struct party *party, const struct lanes *lanes, bool with_holes)
{
	for (unsigned i = 0; i < lanes->busy && party->count < lanes->width; i++) {
		struct lane *lane = (struct lane *)&lanes->lane[i];

		if (!with_holes && is_in_hole(lane))
			continue;
		join(party, lane);
		if (!lane->offer.data)
			party->length = min_u64(party->length, SIDE_BY_SIDE_ZEROS);
	}
}

static void join_holes(struct party *party, struct lanes *lanes)
{
	for (unsigned i = 0; i < lanes->busy && party->count < LANES_MAX; i++)
		if (is_in_hole(&lanes->lane[i]))
			join(party, &lanes->lane[i]);
	party->length = min_u64(party->length, ZEROS_AT_ONCE);
}

/*
 * Lanes with data and lanes in holes take turns, so that each kernel has as many lanes as it can
 * take: those with data wait until there are enough of them, while those in holes go on. Where that
 * would leave too few on both sides, all go together at the pace of the shortest.
 */
static void advance_all(struct lanes *lanes)
{
	unsigned in_holes = count_in_holes(lanes), with_data = lanes->busy - in_holes;
	struct party party = {.count = 0};

	if (with_data < lanes->width && in_holes >= ZEROS_APART_MIN)
		join_holes(&party, lanes);
	else
		join_data(&party, lanes, with_data < lanes->width);
	advance(lanes, &party);
}

static void advance_one(struct lanes *lanes, bool spare)
{
	struct lane *lane = &lanes->lane[0];

	if (spare && !lane->ahead && lane->span->source->has_size &&
	    lane->end - lane->offset >= READ_AHEAD_MIN) {
		if (!lanes->ahead && !lanes->no_ahead)
			lanes->ahead = read_ahead_new();
		lanes->no_ahead = !lanes->ahead;
		lane->ahead = lanes->ahead;
	}
	lane_feed(lane, min_u64(lane->offer.length, ZEROS_AT_ONCE));
}

/* Each lane keeps its buffer when another takes its place in the order. */
static void swap_lanes(struct lane *a, struct lane *b)
{
	struct lane lane = *a;

	*a = *b;
	*b = lane;
}

unsigned lanes_step(struct lanes *lanes, bool spare, struct span *through[])
{
	unsigned count = 0;

	if (lanes->busy == 1)
		advance_one(lanes, spare);
	else
		advance_all(lanes);

	for (unsigned i = lanes->busy; i-- > 0;) {
		struct lane *lane = &lanes->lane[i];

		lane->buffer_length = lanes->busy > 1 ? PIECE_AMONG_MANY : PIECE_ALONE;
		if (align(lane))
			continue;
		through[count++] = lane->span;
		swap_lanes(lane, &lanes->lane[--lanes->busy]);
	}
	return count;
}
