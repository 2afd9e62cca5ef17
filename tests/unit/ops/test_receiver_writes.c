/* SPDX-License-Identifier: MIT */
/* Which calls of the system a receiver makes. The caller's buffer may change while it is written,
   and its zeros become holes on request. And how much has arrived, in bytes. */
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "support/files.h"
#include "support/receiver.h"
#include "support/suite.h"
#include "sparsesum/receiver.h"

/* ---- In place of the C library's functions ---- */

static unsigned char *changing; /* a byte that changes when it was written; or NULL */
static int writes, reads;       /* of files at an offset */
static int cut_at;              /* cut the file before this read; 0: never */
static char flushes[100];       /* 'f' for fsync(), 'w' for write() */

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset)
{
	ssize_t written = syscall(SYS_pwrite64, fd, data, length, offset);

	writes++;

	if (changing)
		*changing ^= 0x10;
	changing = NULL;
	return written;
}

static void count_read(int fd)
{
	if (++reads == cut_at)
		ck_assert(!ftruncate(fd, 2 * UNIT));
}

ssize_t pread(int fd, void *data, size_t length, off_t offset)
{
	count_read(fd);
	return syscall(SYS_pread64, fd, data, length, offset);
}

ssize_t preadv2(int fd, const struct iovec *vectors, int count, off_t offset, int flags)
{
	count_read(fd);
	return syscall(SYS_preadv2, fd, vectors, count, offset, 0L, flags);
}

int fsync(int fd)
{
	strcat(flushes, "f");
	return (int)syscall(SYS_fsync, fd);
}

ssize_t write(int fd, const void *data, size_t length)
{
	if (strlen(flushes) < sizeof(flushes) - 1)
		strcat(flushes, "w");
	return syscall(SYS_write, fd, data, length);
}

/* ---- Reads, writes and flushes ---- */

/* When a call returns, its bytes are in the file. */
START_TEST(pieces_are_in_the_file)
{
	unsigned char *found;
	struct scene scene;

	scene_start(&scene, 0, 300001, 64 * KIB);
	found = malloc(scene.length);
	for (int i = 0; i < 100; i++) {
		uint64_t offset = next_random(&scene.seed) % scene.length;
		uint64_t length = 1 + next_random(&scene.seed) % (scene.length - offset);

		deliver_best(&scene, offset, length);
		ck_assert_int_eq(pread(scene.options.fd, found, length, (off_t)offset), length);
		ck_assert(!memcmp(found, scene.content + offset, length));
	}
	free(found);
	scene_free(&scene);
}
END_TEST

START_TEST(everything_is_missing_at_first)
{
	struct stat st;
	struct scene scene;

	scene_new(&scene, 0, 20 * UNIT, UNIT);
	scene_begin(&scene);
	ck_assert(!fstat(scene.options.fd, &st));
	ck_assert_int_eq(st.st_blocks, 0);
	write_file(scene.path, scene.content, scene.length); /* all of it is right */
	scene_begin(&scene);
	ck_assert_str_eq(missing_of(&scene), "0+81920 ");
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_ERR_INCOMPLETE);
	ssum_receiver_free(scene.receiver);
	scene.receiver = NULL;
	size_t length;
	char *found = read_file(scene.path, &length);
	ck_assert_uint_eq(length, scene.length);
	ck_assert(!memcmp(found, scene.content, length));
	free(found);
	scene_free(&scene);
}
END_TEST

START_TEST(finish_of_good_segments_reads_nothing)
{
	struct scene scene;

	scene_start(&scene, _i, 20 * UNIT, UNIT);
	reads = 0;
	deliver(&scene, 0, scene.length);
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_HOLDS);
	ck_assert_int_eq(reads, 0);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

START_TEST(only_saving_flushes)
{
	struct scene scene;

	scene_start(&scene, 0, 20 * UNIT, UNIT);
	deliver(&scene, 0, scene.length);
	*flushes = '\0';
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_HOLDS);
	ck_assert_str_eq(flushes, "");
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	/* The file of the content before its times are read and after its ranges are listed; the
	   state, its directory. */
	ck_assert_str_eq(flushes, "ffwff");
	scene_free(&scene);
}
END_TEST

START_TEST(trusted_segments_are_not_read)
{
	struct scene scene;

	scene_start(&scene, 0, 20 * UNIT, UNIT);
	deliver(&scene, 0, scene.length - 1);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	ssum_receiver_free(scene.receiver);
	atomic_store(&scene.good, 0);
	reads = writes = 0;
	assert_ok(ssum_receiver_load(NULL, &scene.options, scene.state, &scene.receiver));
	ck_assert_str_eq(missing_of(&scene), "81919+1 ");
	ck_assert_int_eq(reads + writes + atomic_load(&scene.good), 0);
	repair(&scene);
	ck_assert_int_gt(reads, 0); /* now the segment that was not complete was read */
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

START_TEST(a_file_that_is_cut_while_it_is_read)
{
	struct ssum_options options = {.size = sizeof(options), .threads = 1};
	struct ssum_receiver *receiver;
	struct scene scene;

	scene_start(&scene, 0, 20 * UNIT, UNIT);
	assert_ok(ssum_context_new(&options, &scene.context));
	deliver(&scene, 0, scene.length);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	scene.options.read_again = 1;
	reads = 0;
	cut_at = 5;
	assert_code(ssum_receiver_load(scene.context, &scene.options, scene.state, &receiver),
		    SSUM_ERR_CHANGED);
	ck_assert_ptr_null(receiver);
	scene_free(&scene);
}
END_TEST

/* ---- A buffer that changes ---- */

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

struct listed {
	struct scene *scene;
	uint64_t end; /* of the last range */
	bool spoils;  /* damage the segment after each range while it is listed */
	int touching;
};

static int check_order(void *user, const struct ssum_range *range)
{
	struct listed *listed = user;
	struct scene *scene = listed->scene;
	uint64_t end = range->offset + range->length;

	ck_assert_uint_gt(range->length, 0);
	ck_assert(range->offset >= listed->end || !listed->end);
	listed->touching += listed->end && range->offset == listed->end;
	listed->end = end;
	if (listed->spoils && end < scene->length && end % UNIT)
		deliver_damaged(scene, end / UNIT * UNIT, UNIT, 5);
	return 0;
}

START_TEST(missing_ranges_are_ascending)
{
	struct listed listed = {.spoils = _i};
	struct scene scene;

	scene_start(&scene, 0, 20 * UNIT, UNIT);
	listed.scene = &scene;
	for (uint64_t at = 0; at < scene.length; at += UNIT)
		deliver(&scene, at + 100, UNIT - 100);
	assert_ok(ssum_receiver_missing(scene.receiver, check_order, &listed));
	ck_assert(_i ? listed.touching > 0 : !listed.touching);
	repair_all(&scene);
	scene_free(&scene);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{pieces_are_in_the_file, 0},
		{everything_is_missing_at_first, 0},
		{finish_of_good_segments_reads_nothing, REFERENCES},
		{only_saving_flushes, 0},
		{trusted_segments_are_not_read, 0},
		{a_file_that_is_cut_while_it_is_read, 0},
		{buffer_changes_after_it_was_written, 2},
		{zeros_become_holes, 2 * ARRAY_SIZE(piece_lengths)},
		{zeros_are_data_without_the_request, 0},
		{zeros_in_any_order, 20},
		{progress_is_what_is_listed, 20},
		{missing_ranges_are_ascending, 2},
	};

	return run_suite("receiver_writes", tests, ARRAY_SIZE(tests));
}
