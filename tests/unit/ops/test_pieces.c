/* SPDX-License-Identifier: MIT */
/* The set of pieces, compared with an array that has the state of each byte. */
#include <string.h>

#include "ops/pieces.h"
#include "support/files.h"
#include "support/suite.h"

#define BYTES 200
#define STEPS 400

enum { ABSENT, DATA, HOLE };

static void compare(const struct pieces *pieces, const unsigned char *bytes)
{
	unsigned char found[BYTES] = {ABSENT};

	for (size_t i = 0; i < pieces->count; i++) {
		const struct piece *piece = &pieces->at[i];

		ck_assert(piece->begin < piece->end && piece->end <= BYTES);
		if (i) {
			const struct piece *before = piece - 1;

			ck_assert(before->end <= piece->begin);
			ck_assert(before->end < piece->begin || before->is_hole != piece->is_hole);
		}
		memset(found + piece->begin, piece->is_hole ? HOLE : DATA,
		       piece->end - piece->begin);
	}
	ck_assert_mem_eq(found, bytes, BYTES);
}

static struct piece random_piece(uint64_t *seed)
{
	uint64_t begin = next_random(seed) % BYTES, room = BYTES - begin;
	uint64_t length = 1 + next_random(seed) % (next_random(seed) % 4 ? min_u64(room, 9) : room);

	return (struct piece){begin, begin + length, next_random(seed) % 2};
}

/* If a piece could not be added, the pieces that it overlaps are removed completely. */
static void forget(const struct pieces *before, struct piece piece, unsigned char *bytes)
{
	for (size_t i = 0; i < before->count; i++)
		if (before->at[i].begin < piece.end && before->at[i].end > piece.begin)
			memset(bytes + before->at[i].begin, ABSENT,
			       before->at[i].end - before->at[i].begin);
}

static void add(struct pieces *pieces, unsigned char *bytes, struct piece piece, size_t limit)
{
	struct piece copy[BYTES];
	struct pieces before = {.at = copy, .count = pieces->count};

	memcpy(copy, pieces->at, pieces->count * sizeof(copy[0]));
	if (pieces_add(pieces, piece, limit - pieces->count))
		memset(bytes + piece.begin, piece.is_hole ? HOLE : DATA, piece.end - piece.begin);
	else
		forget(&before, piece, bytes);
	ck_assert_uint_le(pieces->count, limit);
}

START_TEST(random_adds_and_removals)
{
	uint64_t seed = test_seed() + (uint64_t)_i;
	size_t limit = _i % 2 ? BYTES : 1 + (size_t)(next_random(&seed) % 9);
	unsigned char bytes[BYTES] = {ABSENT};
	struct pieces pieces = {.at = malloc(sizeof(struct piece)), .capacity = 1};

	for (int i = 0; i < STEPS; i++) {
		struct piece piece = random_piece(&seed);

		add(&pieces, bytes, piece, limit);
		compare(&pieces, bytes);
		if (i % 3 == 0 && pieces_take_first(&pieces, piece.begin, &piece))
			memset(bytes + piece.begin, ABSENT, piece.end - piece.begin);
		compare(&pieces, bytes);
	}
	pieces_free(&pieces);
}
END_TEST

START_TEST(find_first_piece_after_an_offset)
{
	struct pieces pieces = {0};

	ck_assert_uint_eq(pieces_find(&pieces, 0), 0);
	ck_assert(pieces_add(&pieces, (struct piece){10, 20, 0}, 1));
	ck_assert(pieces_add(&pieces, (struct piece){20, 30, 1}, 1));
	ck_assert(!pieces_add(&pieces, (struct piece){40, 50, 1}, 0));
	ck_assert_uint_eq(pieces.count, 2);
	ck_assert_uint_eq(pieces_find(&pieces, 0), 0);
	ck_assert_uint_eq(pieces_find(&pieces, 19), 0);
	ck_assert_uint_eq(pieces_find(&pieces, 20), 1);
	ck_assert_uint_eq(pieces_find(&pieces, 30), 2);
	pieces_free(&pieces);
}
END_TEST

int main(void)
{
	const struct test tests[] = {{random_adds_and_removals, 60},
				     {find_first_piece_after_an_offset, 0}};

	return run_suite("pieces", tests, ARRAY_SIZE(tests));
}
