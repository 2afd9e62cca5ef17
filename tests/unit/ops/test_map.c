/* SPDX-License-Identifier: MIT */
/* The map of a file: reported holes contain only zeros, and the map has no gaps. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/files.h"
#include "support/maps.h"
#include "support/oracle.h"
#include "support/suite.h"

#define EXTENTS_MAX 4096

/* The reported extents, and when to stop. */
struct reported {
	struct ssum_extent extents[EXTENTS_MAX];
	size_t count, stop_at;
};

static int take_extent(void *user, const struct ssum_extent *extent)
{
	struct reported *reported = user;

	ck_assert_uint_lt(reported->count, EXTENTS_MAX);
	reported->extents[reported->count++] = *extent;
	return reported->count == reported->stop_at;
}

static int map_under(enum ssum_holes holes, const char *path, struct reported *reported)
{
	const struct ssum_options options = {.size = sizeof(options), .holes = holes};
	struct ssum_context *context;

	reported->count = 0;
	assert_ok(ssum_context_new(&options, &context));
	int rc = ssum_map_file(context, path, take_extent, reported);
	ssum_context_free(context);
	return rc;
}

static uint64_t end_of(const struct ssum_extent *extent)
{
	return extent->offset + extent->length;
}

/* From 0 to the size, without gaps, and the kinds alternate. */
static void check_shape(const struct reported *reported, uint64_t size, uint64_t seed)
{
	uint64_t at = 0;

	for (size_t i = 0; i < reported->count; i++) {
		const struct ssum_extent *extent = &reported->extents[i];

		ck_assert_msg(extent->offset == at && extent->length, "TEST_SEED=%ju: a gap at %ju",
			      (uintmax_t)seed, (uintmax_t)at);
		ck_assert_msg(!i || extent->kind != extent[-1].kind,
			      "TEST_SEED=%ju: two extents of a kind at %ju", (uintmax_t)seed,
			      (uintmax_t)at);
		at += extent->length;
	}
	ck_assert_uint_eq(at, size);
}

static void check_holes(const struct reported *reported, const struct map *map, uint64_t seed)
{
	for (size_t i = 0; i < reported->count; i++) {
		const struct ssum_extent *extent = &reported->extents[i];
		uint64_t at = extent->offset;

		while (extent->kind == SSUM_HOLE && at < end_of(extent) && !map->content[at])
			at++;
		ck_assert_msg(extent->kind == SSUM_DATA || at == end_of(extent),
			      "TEST_SEED=%ju: data in a hole at %ju", (uintmax_t)seed,
			      (uintmax_t)at);
	}
}

static void try_seed(const char *path, uint64_t seed)
{
	static struct reported reported;
	struct map map;

	map_new(&map, seed);
	map_write(&map, path);
	for (int i = 0; i < 2; i++, make_cold(path)) {
		for (int holes = SSUM_HOLES_AUTO; holes <= SSUM_HOLES_VERIFY; holes++) {
			assert_ok(map_under((enum ssum_holes)holes, path, &reported));
			check_shape(&reported, map.size, seed);
			check_holes(&reported, &map, seed);
		}
	}
	assert_ok(map_under(SSUM_HOLES_READ, path, &reported));
	check_shape(&reported, map.size, seed);
	ck_assert(reported.count <= 1 &&
		  (!reported.count || reported.extents[0].kind == SSUM_DATA));
	map_free(&map);
}

START_TEST(random_maps)
{
	char *directory = scratch_new(&file_systems[_i]);
	uint64_t seed = test_seed();

	if (!directory)
		skip("no %s", file_systems[_i].name);
	char *path = path_in(directory, "file");
	for (int i = 0; i < MAP_SEEDS; i++)
		try_seed(path, seed + (uint64_t)i);
	free(path);
	scratch_remove(directory);
}
END_TEST

/* ---- Known maps ---- */

#define UNIT (64 * KIB)

struct layout {
	const char *units; /* 'd' for data; any other letter is a hole */
	const char *kinds; /* of the extents */
};

static const struct layout layouts[] = {
	{"", ""},
	{"d", "d"},
	{" ", " "},
	{"dd", "d"},
	{"  ", " "},
	{"d ", "d "},
	{" d", " d"},
	{"d d", "d d"},
	{" d ", " d "},
	{"d  d", "d d"},
	{"dd  d", "d d"},
	{"  dd d  ", " d d "},
	{"d d d d d", "d d d d d"},
};

static void write_layout(const char *path, const char *units)
{
	static char data[UNIT];
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	/* Set the size first: otherwise blocks that xfs reserves after the end of the file would
	   become part of it. */
	ck_assert(fd >= 0 && !ftruncate(fd, (off_t)(strlen(units) * UNIT)));
	memset(data, 'd', sizeof(data));
	for (size_t i = 0; units[i]; i++)
		if (units[i] == 'd')
			ck_assert_int_eq(pwrite(fd, data, UNIT, (off_t)(i * UNIT)), UNIT);
	ck_assert(!fsync(fd));
	close(fd);
}

static void check_layout(const struct layout *layout, const struct reported *reported)
{
	uint64_t at = 0;

	ck_assert_msg(reported->count == strlen(layout->kinds), "'%s': %zu extents", layout->units,
		      reported->count);
	for (size_t i = 0; i < reported->count; i++) {
		const struct ssum_extent *extent = &reported->extents[i];

		ck_assert_uint_eq(extent->offset, at);
		ck_assert_int_eq(extent->kind, layout->kinds[i] == 'd' ? SSUM_DATA : SSUM_HOLE);
		while (at < end_of(extent) && layout->units[at / UNIT] == layout->kinds[i])
			at += UNIT;
		ck_assert_uint_eq(at, end_of(extent));
	}
	ck_assert_uint_eq(at, strlen(layout->units) * UNIT);
}

START_TEST(known_maps)
{
	static struct reported reported;
	char *directory = scratch_new(&file_systems[_i]);

	if (!directory)
		skip("no %s", file_systems[_i].name);
	char *path = path_in(directory, "file");
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		write_layout(path, layouts[i].units);
		for (int holes = SSUM_HOLES_AUTO; holes <= SSUM_HOLES_VERIFY; holes++) {
			assert_ok(map_under((enum ssum_holes)holes, path, &reported));
			check_layout(&layouts[i], &reported);
		}
	}
	free(path);
	scratch_remove(directory);
}
END_TEST

/* hazard 10: overlayfs hides the file system below it, so `auto` does not query holes there. */
START_TEST(untrusted_file_system_is_not_queried)
{
	static struct reported reported;
	char *directory = scratch_new(&file_systems[0]);
	int status;

	if (!directory)
		skip("no tmpfs is mounted");
	free(run_command(&status,
			 "cd %s && mkdir lower upper work all && mount -t overlay -o "
			 "lowerdir=lower,upperdir=upper,workdir=work overlay all 2>&1",
			 directory));
	if (status) {
		scratch_remove(directory);
		skip("no overlayfs");
	}
	char *path = path_in(directory, "all/file");
	write_layout(path, "d d");
	int automatic = map_under(SSUM_HOLES_AUTO, path, &reported);
	size_t automatic_count = reported.count;
	int trusting = map_under(SSUM_HOLES_TRUST, path, &reported);
	free(run_command(NULL, "umount %s/all", directory));
	assert_ok(automatic);
	assert_ok(trusting);
	ck_assert_uint_eq(automatic_count, 1);
	ck_assert_uint_eq(reported.count, 3);
	free(path);
	scratch_remove(directory);
	tried(10, 1);
}
END_TEST

/* ---- Descriptors, errors, cancellation ---- */

START_TEST(descriptor_position_is_unchanged)
{
	static struct reported reported;
	char *directory = scratch_here(), *path = path_in(directory, "file");

	write_layout(path, "d d");
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(lseek(fd, 4711, SEEK_SET), 4711);
	assert_ok(ssum_map_fd(NULL, fd, take_extent, &reported));
	check_shape(&reported, 3 * UNIT, 0);
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 4711);
	close(fd);
	free(path);
	scratch_remove(directory);
}
END_TEST

START_TEST(error_codes)
{
	static struct reported reported;
	char *directory = scratch_here();
	struct ssum_context *context;

	ck_assert(!chdir(directory) && !mkfifo("fifo", 0644));
	write_layout("file", "d d d");
	assert_ok(ssum_context_new(NULL, &context));
	assert_code(ssum_map_file(context, "missing", take_extent, &reported), -ENOENT);
	ck_assert_str_eq(ssum_message(context), "missing: No such file or directory");
	assert_code(ssum_map_file(context, ".", take_extent, &reported), -EISDIR);
	assert_code(ssum_map_file(context, "fifo", take_extent, &reported), SSUM_ERR_NOT_REGULAR);
	assert_code(ssum_map_fd(context, -1, take_extent, &reported), -EBADF);
	ck_assert_uint_eq(reported.count, 0);

	reported.stop_at = 2;
	assert_code(ssum_map_file(context, "file", take_extent, &reported), SSUM_ERR_CANCELLED);
	ck_assert_uint_eq(reported.count, 2);
	ssum_cancel(context);
	reported.stop_at = reported.count = 0;
	assert_code(ssum_map_file(context, "file", take_extent, &reported), SSUM_ERR_CANCELLED);
	ck_assert_uint_eq(reported.count, 0);
	ssum_context_free(context);
	scratch_remove(directory);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{random_maps, FILE_SYSTEMS},
		{known_maps, FILE_SYSTEMS},
		{untrusted_file_system_is_not_queried, 0},
		{descriptor_position_is_unchanged, 0},
		{error_codes, 0},
	};

	return run_suite("map", tests, ARRAY_SIZE(tests));
}
