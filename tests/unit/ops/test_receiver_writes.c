/* SPDX-License-Identifier: MIT */
/* What ssum_receiver_write() does with the caller's buffer: it may change during the call, and its
   zeros become holes on request. And how much has arrived, in bytes. */
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/files.h"
#include "support/receiver.h"
#include "support/suite.h"
#include "sparsesum/receiver.h"

/* ---- A buffer that changes ---- */

static unsigned char *changing; /* a byte that changes when it was written; or NULL */

/* In place of the C library's. */
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset)
{
	ssize_t written = syscall(SYS_pwrite64, fd, data, length, offset);

	if (changing)
		*changing ^= 0x10;
	changing = NULL;
	return written;
}

/* The byte is wrong when it is written and right when it is hashed, or the other way round. */
START_TEST(buffer_changes_after_it_was_written)
{
	bool is_wrong_first = _i % 2;
	unsigned char *buffer;
	struct scene scene;

	scene_start(&scene, 0, 4 * UNIT, 2 * UNIT);
	buffer = malloc(scene.length);
	memcpy(buffer, scene.content, scene.length);
	buffer[100] ^= is_wrong_first ? 0x10 : 0;
	changing = buffer + 100;
	assert_ok(ssum_receiver_write(scene.receiver, 0, buffer, 2 * UNIT));
	ck_assert_ptr_null(changing);
	ck_assert_int_eq(atomic_load(&scene.good), !is_wrong_first);
	ck_assert_int_eq(atomic_load(&scene.damaged), is_wrong_first);
	free(buffer);
	repair_all(&scene);
	scene_free(&scene);
}
END_TEST

/* ---- Zeros ---- */

/* Blocks of 4096 bytes that are not only zeros. */
static size_t data_blocks(const struct scene *scene)
{
	size_t count = 0;

	for (size_t at = 0; at < scene->length; at += 4096)
		count += !bytes_are_zero(scene->content + at, min_u64(4096, scene->length - at));
	return count;
}

static void deliver_in_pieces(struct scene *scene, uint64_t piece)
{
	for (uint64_t at = 0; at < scene->length; at += piece)
		deliver(scene, at, min_u64(piece, scene->length - at));
}

static const uint64_t piece_lengths[] = {1400, 4096, 5000, 64 * KIB, 64 * KIB + 1, MIB};

/* The file had data everywhere, or nothing. It ends with no more blocks than the content needs. (Of
   old data, only whole blocks can become holes.) */
START_TEST(zeros_become_holes)
{
	uint64_t piece = piece_lengths[_i / 2];
	struct scene scene;
	struct stat st;

	scene_new(&scene, _i % REFERENCES, 1000000, 64 * KIB);
	if (_i % 2) {
		char *junk = malloc(scene.length);

		memset(junk, 'x', scene.length);
		ck_assert_int_eq(pwrite(scene.options.fd, junk, scene.length, 0), scene.length);
		free(junk);
	}
	make_zero(&scene, 300001, 400000);
	scene.options.find_zeros = 1;
	scene_begin(&scene);
	deliver_in_pieces(&scene, piece);
	ck_assert_int_eq(atomic_load(&scene.good), scene_segments(&scene));
	assert_received(&scene);
	ck_assert(!fsync(scene.options.fd) && !fstat(scene.options.fd, &st));
	if (!(_i % 2) || piece % 4096 == 0)
		ck_assert_uint_le((size_t)st.st_blocks * 512, (data_blocks(&scene) + 4) * 4096);
	scene_free(&scene);
}
END_TEST

/* Without the request they are data. */
START_TEST(zeros_are_data_without_the_request)
{
	struct scene scene;
	struct stat st;

	scene_new(&scene, 0, 1000000, 64 * KIB);
	make_zero(&scene, 300001, 400000);
	scene_begin(&scene);
	deliver_in_pieces(&scene, 64 * KIB);
	assert_received(&scene);
	ck_assert(!fsync(scene.options.fd) && !fstat(scene.options.fd, &st));
	ck_assert_uint_ge((size_t)st.st_blocks * 512, scene.length);
	scene_free(&scene);
}
END_TEST

/* In any order, with damage: the same verdicts as without holes. */
START_TEST(zeros_in_any_order)
{
	uint64_t seed = test_seed() + (uint64_t)_i;
	struct scene scene;

	scene_seeded(&scene, _i % REFERENCES, 200000, 4 * UNIT, seed);
	scene.options.find_zeros = 1;
	scene_begin(&scene);
	for (int i = 0; i < 300; i++) {
		uint64_t offset = next_random(&seed) % scene.length;
		uint64_t length = 1 + next_random(&seed) % (scene.length - offset);

		if (next_random(&seed) % 8)
			length = min_u64(length, 9000);
		if (next_random(&seed) % 30)
			deliver(&scene, offset, length);
		else
			deliver_damaged(&scene, offset, length, length / 2);
	}
	repair_all(&scene);
	scene_free(&scene);
}
END_TEST

/* ---- Progress ---- */

static int add_length(void *sum, const struct ssum_range *range)
{
	*(uint64_t *)sum += range->length;
	return 0;
}

static uint64_t good_bytes;

static int add_good(void *scene, const struct ssum_range *segment, int verdict)
{
	if (verdict == SSUM_HOLDS)
		good_bytes += segment->length;
	return count_segment(scene, segment, verdict);
}

/* After each piece, what is counted is what is listed and what was reported. */
START_TEST(progress_is_what_is_listed)
{
	uint64_t seed = test_seed() + (uint64_t)_i, missing;
	struct ssum_received received = {.size = sizeof(received)};
	struct scene scene;

	scene_seeded(&scene, 0, 1 + (size_t)(next_random(&seed) % 100000), UNIT, seed);
	scene.options.segment = add_good;
	good_bytes = 0;
	scene_begin(&scene);
	assert_ok(ssum_receiver_progress(scene.receiver, &received));
	ck_assert_uint_eq(received.missing, scene.length);
	for (int i = 0; i < 60; i++) {
		deliver_randomly(&scene, &seed, 1);
		missing = 0;
		assert_ok(ssum_receiver_missing(scene.receiver, add_length, &missing));
		assert_ok(ssum_receiver_progress(scene.receiver, &received));
		ck_assert_uint_eq(received.missing, missing);
		ck_assert_uint_eq(received.good, good_bytes);
		ck_assert_uint_eq(received.good + received.received + received.missing,
				  scene.length);
	}
	repair_all(&scene);
	assert_ok(ssum_receiver_progress(scene.receiver, &received));
	ck_assert_uint_eq(received.good, scene.length);
	received.size = 4;
	assert_code(ssum_receiver_progress(scene.receiver, &received), SSUM_ERR_OPTIONS);
	scene_free(&scene);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{buffer_changes_after_it_was_written, 2},
		{zeros_become_holes, 2 * ARRAY_SIZE(piece_lengths)},
		{zeros_are_data_without_the_request, 0},
		{zeros_in_any_order, 20},
		{progress_is_what_is_listed, 20},
	};

	return run_suite("receiver_writes", tests, ARRAY_SIZE(tests));
}
