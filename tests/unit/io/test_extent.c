/* SPDX-License-Identifier: MIT */
/* Extents on real file systems: holes contain only zeros. */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "io/extent.h"
#include "support/files.h"
#include "support/suite.h"

/* ---- Files with known layouts ---- */

enum step_kind { END, DATA, ZEROS, PUNCH, ALLOCATE, KEEP_SIZE, SIZE, SYNC };

struct step {
	enum step_kind kind;
	uint64_t offset, length;
};

#define K(n) ((uint64_t)(n) << 10)
#define STEPS 8

static const struct layout {
	const char *name;
	struct step steps[STEPS];
	uint64_t least_hole; /* minimum length of the holes that each file system reports */
} layouts[] = {
	{"empty", {{SIZE, 0, 0}}, 0},
	{"one byte", {{DATA, 0, 1}}, 0},
	{"data", {{DATA, 0, K(300)}}, 0},
	{"hole", {{SIZE, 0, K(10240)}}, K(10240)},
	{"hole in the middle", {{DATA, 0, K(64)}, {DATA, K(4096), K(64)}}, K(2048)},
	{"data in the middle", {{DATA, K(4096), K(64)}, {SIZE, 0, K(8192) + 123}}, K(6000)},
	{"trailing hole", {{DATA, 0, K(64)}, {SIZE, 0, K(4096) + 1}}, K(2048)},
	{"written zeros", {{DATA, 0, 1}, {ZEROS, K(64), K(64)}, {SIZE, 0, K(256)}}, 0},
	/* hazard 1 */
	{"unwritten", {{ALLOCATE, 0, K(8192)}, {DATA, K(1024), K(4)}}, 0},
	{"unwritten, on disk", {{ALLOCATE, 0, K(8192)}, {DATA, K(1024), K(4)}, {SYNC, 0, 0}}, 0},
	{"punched", {{DATA, 0, K(8192)}, {PUNCH, K(1024), K(4096)}}, K(2048)},
	{"punched unaligned", {{DATA, 0, K(64)}, {PUNCH, K(16) + 100, 1000}}, 0},
	{"punched on disk", {{DATA, 0, K(8192)}, {SYNC, 0, 0}, {PUNCH, K(1024), K(4096)}}, K(2048)},
	{"reserved space after the end", {{DATA, 0, K(64) + 7}, {KEEP_SIZE, 0, K(4096)}}, 0},
	{"cut", {{DATA, 0, K(1024)}, {SIZE, 0, K(512) + 3}, {SIZE, 0, K(4096)}}, K(2048)},
};

static void apply(int fd, const struct step *step, uint64_t *random)
{
	off_t offset = (off_t)step->offset, length = (off_t)step->length;
	static char buffer[8 << 20];

	switch (step->kind) {
	case END:
		break;
	case DATA:
	case ZEROS:
		if (step->kind == DATA)
			fill_random(buffer, step->length, random);
		else
			memset(buffer, 0, step->length);
		ck_assert_int_eq(pwrite(fd, buffer, step->length, offset), length);
		break;
	case PUNCH:
		ck_assert(
			!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length));
		break;
	case ALLOCATE:
		ck_assert(!fallocate(fd, 0, offset, length));
		break;
	case KEEP_SIZE:
		ck_assert(!fallocate(fd, FALLOC_FL_KEEP_SIZE, offset, length));
		break;
	case SIZE:
		ck_assert(!ftruncate(fd, length));
		break;
	case SYNC:
		ck_assert(!fsync(fd));
		break;
	}
}

static int open_new(const char *directory)
{
	char *path = path_in(directory, "file");
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	free(path);
	return fd;
}

/* ---- Properties of every map ---- */

static void assert_zeros(int fd, const struct ssum_extent *extent, const char *what)
{
	static char buffer[1 << 16];

	for (uint64_t at = 0; at < extent->length; at += sizeof(buffer)) {
		size_t length = (size_t)min_u64(extent->length - at, sizeof(buffer));
		off_t offset = (off_t)(extent->offset + at);

		ck_assert_int_eq(pread(fd, buffer, length, offset), (ssize_t)length);
		ck_assert_msg(bytes_are_zero(buffer, length), "%s: data in the hole at %llu", what,
			      (unsigned long long)offset);
	}
}

#define EXTENTS_MAX 4096

/* Extents from 0 to the size without gaps, with alternating kinds. Get all extents before reading
   any data, because reading unwritten space changes the map (hazard 3). */
static size_t walk(int fd, uint64_t size, struct ssum_extent *extents, const char *what)
{
	struct extent_map map;
	size_t count = 0;

	extent_map_init(&map, fd, size, true);
	for (uint64_t at = 0; at < size; at += extents[count++].length) {
		ck_assert_uint_lt(count, EXTENTS_MAX);
		extents[count] = extent_at(&map, at);
		ck_assert_msg(extents[count].offset == at && extents[count].length &&
				      extents[count].length <= size - at,
			      "%s: %llu+%llu at %llu", what,
			      (unsigned long long)extents[count].offset,
			      (unsigned long long)extents[count].length, (unsigned long long)at);
		ck_assert_msg(!count || extents[count].kind != extents[count - 1].kind,
			      "%s: two extents of one kind at %llu", what, (unsigned long long)at);
	}
	return count;
}

/* Check a map: extents in order and without gaps, only zeros in holes. Returns the length of all
   holes. */
static uint64_t check_map(int fd, uint64_t size, const char *what)
{
	static struct ssum_extent extents[EXTENTS_MAX];
	size_t count = walk(fd, size, extents, what);
	uint64_t holes = 0;

	for (size_t i = 0; i < count; i++) {
		if (extents[i].kind == SSUM_HOLE) {
			assert_zeros(fd, &extents[i], what);
			holes += extents[i].length;
		}
	}
	return holes;
}

START_TEST(known_layout_has_correct_extents)
{
	const struct layout *layout = &layouts[_i / FILE_SYSTEMS];
	const struct file_system *where = &file_systems[_i % FILE_SYSTEMS];
	char *directory = scratch_new(where);
	uint64_t random = 1;

	if (!directory)
		skip("no %s for \"%s\"", where->name, layout->name);
	int fd = open_new(directory);
	for (size_t i = 0; i < STEPS; i++)
		apply(fd, &layout->steps[i], &random);
	uint64_t size = (uint64_t)lseek(fd, 0, SEEK_END);
	uint64_t holes = check_map(fd, size, layout->name);
	ck_assert_msg(holes >= layout->least_hole, "%s on %s: holes of %llu bytes", layout->name,
		      where->name, (unsigned long long)holes);
	fsync(fd);
	check_map(fd, size, layout->name);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED); /* hazard 3 */
	check_map(fd, size, layout->name);
	close(fd);
	scratch_remove(directory);
}
END_TEST

START_TEST(random_layout_has_correct_extents)
{
	const struct file_system *where = &file_systems[_i];
	static const enum step_kind kinds[] = {DATA, ZEROS, PUNCH, ALLOCATE, KEEP_SIZE, SYNC};
	uint64_t seed = test_seed(), random = seed;
	char *directory = scratch_new(where), what[64];

	if (!directory)
		skip("no %s", where->name);
	snprintf(what, sizeof(what), "seed %llu", (unsigned long long)seed);
	int fd = open_new(directory);
	for (int i = 0; i < 120; i++) {
		struct step step = {kinds[next_random(&random) % ARRAY_SIZE(kinds)],
				    next_random(&random) % K(4096), 0};

		step.offset &= next_random(&random) % 2 ? ~UINT64_C(4095) : UINT64_MAX;
		step.length = 1 + next_random(&random) % K(next_random(&random) % 2 ? 8 : 200);
		apply(fd, &step, &random);
		if (i % 10 == 9)
			check_map(fd, (uint64_t)lseek(fd, 0, SEEK_END), what);
	}
	close(fd);
	scratch_remove(directory);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{known_layout_has_correct_extents, FILE_SYSTEMS * ARRAY_SIZE(layouts)},
		{random_layout_has_correct_extents, FILE_SYSTEMS},
	};

	return run_suite("extent", tests, ARRAY_SIZE(tests));
}
