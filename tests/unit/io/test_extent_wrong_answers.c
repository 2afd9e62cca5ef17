/* SPDX-License-Identifier: MIT */
/*
 * Extents when lseek() gives wrong answers, and which file systems are queried for holes. The
 * lseek() of this program replaces that of the C library, and gives right answers unless a test
 * sets a wrong one.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/shared_file.h"
#include "support/files.h"
#include "support/suite.h"

typedef off_t seek_fn(off_t offset, int whence);

static seek_fn *wrong_seek; /* or NULL */
static unsigned seeks;

off_t lseek(int fd, off_t offset, int whence)
{
	seeks++;
	if (wrong_seek && (whence == SEEK_DATA || whence == SEEK_HOLE))
		return wrong_seek(offset, whence);
	return (off_t)syscall(SYS_lseek, fd, offset, whence);
}

/* ---- Without SEEK_DATA (hazard 8) ---- */

static void assert_all_data(struct extent_map *map, uint64_t from)
{
	struct ssum_extent extent = extent_at(map, from);

	ck_assert_uint_eq(extent.kind, SSUM_DATA);
	ck_assert_uint_eq(extent.offset, from);
	ck_assert_uint_eq(extent.length, map->size - from);
}

START_TEST(without_support_all_is_data)
{
	int pipes[2], proc = open("/proc/self/status", O_RDONLY);
	struct extent_map map;

	ck_assert(!pipe(pipes) && proc >= 0);
	const int fds[] = {pipes[0], proc, -1};
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		extent_map_init(&map, fds[i], 12345, true);
		assert_all_data(&map, 0);
		assert_all_data(&map, 12344);
	}
	close(proc);
	close(pipes[0]);
	close(pipes[1]);
	tried(8, 3);
}
END_TEST

START_TEST(untrusted_file_systems_are_not_queried)
{
	struct extent_map map;

	extent_map_init(&map, -1, INT64_MAX, false);
	seeks = 0;
	assert_all_data(&map, 0);
	assert_all_data(&map, INT64_MAX - 1);
	ck_assert_uint_eq(seeks, 0);
}
END_TEST

/* ---- Wrong answers (hazard 9) ---- */

#define FILE_SIZE 1000000

static off_t fails_with(int error)
{
	errno = error;
	return -1;
}

#define WRONG_SEEK(name, value)                                                                    \
	static off_t name(off_t offset, int whence)                                                \
	{                                                                                          \
		(void)offset, (void)whence;                                                        \
		return value;                                                                      \
	}

WRONG_SEEK(says_backwards, offset - 1)
WRONG_SEEK(says_zero, 0)
WRONG_SEEK(says_same_place, offset)
WRONG_SEEK(says_past_end, FILE_SIZE + 1)
WRONG_SEEK(says_far_past_end, INT64_MAX)
WRONG_SEEK(says_minus_one, -1)
WRONG_SEEK(says_negative, -4096)
WRONG_SEEK(says_smallest, INT64_MIN)
WRONG_SEEK(says_einval, fails_with(EINVAL))
WRONG_SEEK(says_eopnotsupp, fails_with(EOPNOTSUPP))
WRONG_SEEK(says_eio, fails_with(EIO))
WRONG_SEEK(says_enosys, fails_with(ENOSYS))
WRONG_SEEK(says_data_and_no_hole, whence == SEEK_DATA ? offset : fails_with(ENXIO))
WRONG_SEEK(says_data_then_backwards, whence == SEEK_DATA ? offset : offset - 1)
WRONG_SEEK(says_past_end_then_hole, whence == SEEK_DATA ? FILE_SIZE + 1 : FILE_SIZE)
WRONG_SEEK(says_enxio, fails_with(ENXIO))
WRONG_SEEK(says_end, FILE_SIZE)

static seek_fn *const wrong_seeks[] = {
	says_backwards,
	says_zero,
	says_same_place,
	says_past_end,
	says_far_past_end,
	says_minus_one,
	says_negative,
	says_smallest,
	says_einval,
	says_eopnotsupp,
	says_eio,
	says_enosys,
	says_data_and_no_hole,
	says_data_then_backwards,
	says_past_end_then_hole,
};

static const uint64_t places[] = {0, 1, 4095, 4096, FILE_SIZE - 1};

START_TEST(false_answer_is_read_as_data)
{
	struct extent_map map;

	alarm(10);
	wrong_seek = wrong_seeks[_i];
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		extent_map_init(&map, -1, FILE_SIZE, true);
		errno = ENXIO; /* an old errno must have no effect */
		assert_all_data(&map, places[i]);
	}
	alarm(0);
	tried(9, ARRAY_SIZE(places));
}
END_TEST

/* Two ways to report that no data follows. */
static seek_fn *const without_data[] = {says_enxio, says_end};

START_TEST(enxio_is_a_hole_to_the_end)
{
	struct extent_map map;

	wrong_seek = without_data[_i];
	extent_map_init(&map, -1, FILE_SIZE, true);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		struct ssum_extent extent = extent_at(&map, places[i]);

		ck_assert_uint_eq(extent.kind, SSUM_HOLE);
		ck_assert_uint_eq(extent.offset, places[i]);
		ck_assert_uint_eq(extent.length, FILE_SIZE - places[i]);
	}
	tried(7, ARRAY_SIZE(places));
}
END_TEST

static uint64_t wrong_seek_random;

static off_t says_anything(off_t offset, int whence)
{
	return wrong_seeks[next_random(&wrong_seek_random) % ARRAY_SIZE(wrong_seeks)](
		next_random(&wrong_seek_random) % 2 ? offset : offset + 4096, whence);
}

/* For random answers, each extent advances, there are at most two queries per extent, and the last
   extent ends at the size. */
START_TEST(random_answers_terminate)
{
	uint64_t seed = test_seed();
	unsigned extents = 0;

	alarm(10);
	wrong_seek = says_anything;
	wrong_seek_random = seed;
	for (int round = 0; round < 2000; round++) {
		struct extent_map map;
		uint64_t at = 0;

		extent_map_init(&map, -1, FILE_SIZE, true);
		for (seeks = extents = 0; at < FILE_SIZE; extents++) {
			struct ssum_extent extent = extent_at(&map, at);

			if (extent.offset != at || !extent.length || extent.length > FILE_SIZE - at)
				ck_abort_msg("seed %llu", (unsigned long long)seed);
			at += extent.length;
		}
		ck_assert_uint_le(seeks, 2 * extents);
	}
	alarm(0);
	tried(9, 2000);
}
END_TEST

/* ---- The number of queries (hazard 11) ---- */

#define BLOCK 4096
#define BLOCKS 8

/* Holes and data alternate, one block each. */
static off_t says_alternating(off_t offset, int whence)
{
	bool in_data = offset / BLOCK % 2;

	return in_data == (whence == SEEK_DATA) ? offset : (offset / BLOCK + 1) * BLOCK;
}

START_TEST(each_end_is_queried_once)
{
	struct extent_map map;

	wrong_seek = says_alternating;
	seeks = 0;
	extent_map_init(&map, -1, BLOCKS * BLOCK, true);
	for (uint64_t at = 0; at < BLOCKS * BLOCK; at += BLOCK) {
		const uint64_t inside[] = {at, at + 1, at + BLOCK - 1, at};

		for (size_t i = 0; i < ARRAY_SIZE(inside); i++) {
			struct ssum_extent extent = extent_at(&map, inside[i]);

			ck_assert_uint_eq(extent.kind, at / BLOCK % 2 ? SSUM_DATA : SSUM_HOLE);
			ck_assert_uint_eq(extent.offset, inside[i]);
			ck_assert_uint_eq(extent.length, at + BLOCK - inside[i]);
		}
	}
	ck_assert_uint_eq(seeks, BLOCKS);
	tried(11, BLOCKS);
}
END_TEST

#define VIEWS 64

/* Views that read a file in parallel share the end of long data after one of them queried it. */
START_TEST(views_share_the_end_of_data)
{
	char *directory = scratch_here(), *path = path_in(directory, "file");
	struct shared_view views[VIEWS];
	struct shared_file shared;
	int fd = open(path, O_RDWR | O_CREAT, 0644);

	ck_assert(!ftruncate(fd, VIEWS * (off_t)MIB));
	shared_file_init(&shared);
	file_source_descriptor(&shared.file, fd, 0, SSUM_HOLES_TRUST);
	for (size_t i = 0; i < VIEWS; i++) {
		shared_view_init(&views[i], &shared, NULL);
		assert_ok(views[i].source.ops->open(&views[i].source, NULL));
	}
	wrong_seek = says_data_and_no_hole;
	seeks = 0;
	for (size_t i = 0; i < VIEWS; i++) {
		uint64_t offset = (i * 11 + 5) % VIEWS * MIB;
		struct ssum_extent extent =
			views[i].source.ops->extent_at(&views[i].source, offset);

		ck_assert_int_eq(extent.kind, SSUM_DATA);
		ck_assert_uint_eq(extent.offset, offset);
		ck_assert_uint_eq(extent.length, VIEWS * MIB - offset);
		/* Only an offset before all earlier queries needs new queries. */
		ck_assert_uint_le(seeks, 2 * 4);
	}
	/* The end of the data is shared, but the end of a hole is queried for each view. */
	wrong_seek = says_enxio;
	seeks = 0;
	for (size_t i = 0; i < 2; i++) {
		views[i].map.last.length = shared.data.length = 0;
		struct ssum_extent extent = views[i].source.ops->extent_at(&views[i].source, MIB);

		ck_assert_int_eq(extent.kind, SSUM_HOLE);
		ck_assert_uint_eq(seeks, i + 1);
	}
	for (size_t i = 0; i < VIEWS; i++)
		views[i].source.ops->close(&views[i].source);
	shared_file_end(&shared);
	close(fd);
	free(path);
	scratch_remove(directory);
	tried(11, VIEWS);
}
END_TEST

/* A view makes no query for an offset in the last extent of another view, whether data or a
   hole. */
START_TEST(two_views_at_different_offsets)
{
	char *directory = scratch_here(), *path = path_in(directory, "file");
	struct shared_file shared;
	struct shared_view ahead;
	int fd = open(path, O_RDWR | O_CREAT, 0644);

	ck_assert(!ftruncate(fd, BLOCKS * BLOCK));
	shared_file_init(&shared);
	file_source_descriptor(&shared.file, fd, 0, SSUM_HOLES_TRUST);
	shared_view_init(&ahead, &shared, NULL);
	assert_ok(ahead.source.ops->open(&ahead.source, NULL));
	wrong_seek = says_alternating;
	for (uint64_t at = 0; at < BLOCKS * BLOCK; at += BLOCK) {
		struct shared_view view;

		ahead.source.ops->extent_at(&ahead.source, at);
		shared_view_init(&view, &shared, &ahead.map.last);
		assert_ok(view.source.ops->open(&view.source, NULL));
		seeks = 0;
		struct ssum_extent extent = view.source.ops->extent_at(&view.source, at + 1);

		ck_assert_int_eq(extent.kind, at / BLOCK % 2 ? SSUM_DATA : SSUM_HOLE);
		ck_assert_uint_eq(extent.offset, at + 1);
		ck_assert_uint_eq(extent.length, BLOCK - 1);
		ck_assert_uint_eq(seeks, 0);
		view.source.ops->close(&view.source);
	}
	ahead.source.ops->close(&ahead.source);
	shared_file_end(&shared);
	close(fd);
	free(path);
	scratch_remove(directory);
	tried(11, BLOCKS);
}
END_TEST

/* ---- File systems that are queried (hazard 10) ---- */

#define TMPFS 0x01021994
#define TMPFS_LAST (((UINT64_C(1) << 63) - 4096))

static const struct {
	enum ssum_holes holes;
	uint64_t type, size;
	bool asks;
} policies[] = {
	{SSUM_HOLES_AUTO, 0xef53, 1, true},     /* ext2, ext3, ext4 */
	{SSUM_HOLES_AUTO, 0x58465342, 1, true}, /* xfs */
	{SSUM_HOLES_AUTO, 0x9123683e, 1, true}, /* btrfs */
	{SSUM_HOLES_AUTO, 0x58465342, INT64_MAX, true},
	{SSUM_HOLES_AUTO, 0x9123683e, INT64_MAX, true},
	{SSUM_HOLES_AUTO, TMPFS, 0, true},
	{SSUM_HOLES_AUTO, TMPFS, TMPFS_LAST, true},
	{SSUM_HOLES_AUTO, TMPFS, TMPFS_LAST + 1, false},
	{SSUM_HOLES_AUTO, TMPFS, INT64_MAX, false},
	{SSUM_HOLES_AUTO, 0x73717368, INT64_MAX, true}, /* squashfs */
	{SSUM_HOLES_AUTO, 0xe0f5e1e2, 1, false},        /* EROFS */
	{SSUM_HOLES_AUTO, 0x794c7630, 1, false},        /* overlayfs */
	{SSUM_HOLES_AUTO, 0x6969, 1, false},            /* NFS */
	{SSUM_HOLES_AUTO, 0x65735546, 1, false},        /* FUSE */
	{SSUM_HOLES_AUTO, 0x2fc12fc1, 1, false},        /* OpenZFS */
	{SSUM_HOLES_AUTO, 0xff534d42, 1, false},        /* CIFS */
	{SSUM_HOLES_AUTO, 0x858458f6, 1, false},        /* ramfs */
	{SSUM_HOLES_AUTO, 0, 1, false},
	{SSUM_HOLES_AUTO, UINT64_MAX, 1, false},
	{SSUM_HOLES_TRUST, 0x65735546, 1, true},
	{SSUM_HOLES_TRUST, TMPFS, INT64_MAX, true},
	{SSUM_HOLES_VERIFY, 0x2fc12fc1, 1, true},
	{SSUM_HOLES_VERIFY, 0xef53, 1, true},
	{SSUM_HOLES_READ, 0xef53, 1, false},
	{SSUM_HOLES_READ, TMPFS, 0, false},
};

START_TEST(policy_queries_only_trusted_file_systems)
{
	ck_assert_int_eq(
		extent_policy_asks(policies[_i].holes, policies[_i].type, policies[_i].size),
		policies[_i].asks);
	tried(10, 1);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{without_support_all_is_data, 0},
		{untrusted_file_systems_are_not_queried, 0},
		{false_answer_is_read_as_data, ARRAY_SIZE(wrong_seeks)},
		{enxio_is_a_hole_to_the_end, ARRAY_SIZE(without_data)},
		{random_answers_terminate, 0},
		{each_end_is_queried_once, 0},
		{views_share_the_end_of_data, 0},
		{two_views_at_different_offsets, 0},
		{policy_queries_only_trusted_file_systems, ARRAY_SIZE(policies)},
	};

	return run_suite("extent_wrong_answers", tests, ARRAY_SIZE(tests));
}
