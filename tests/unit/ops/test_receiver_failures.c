/* SPDX-License-Identifier: MIT */
/* Failed writes and reads of a receiver, and its limit on the number of pieces. */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include "support/files.h"
#include "support/maps.h"
#include "support/receiver.h"
#include "support/suite.h"
#include "sparsesum/receiver.h"

static void limit_file_size(rlim_t size)
{
	struct rlimit limit = {size, RLIM_INFINITY};

	signal(SIGXFSZ, SIG_IGN);
	ck_assert(!setrlimit(RLIMIT_FSIZE, &limit));
}

START_TEST(failed_write)
{
	struct scene scene;

	scene_start(&scene, _i, 5 * UNIT, UNIT);
	deliver(&scene, 2 * UNIT, 600);
	deliver(&scene, 2 * UNIT + 1500, 600);
	limit_file_size(2 * UNIT + 1000);
	assert_code(ssum_receiver_write(scene.receiver, 0, scene.content, scene.length), -EFBIG);
	limit_file_size(RLIM_INFINITY);
	ck_assert_int_eq(atomic_load(&scene.good), 2);
	ck_assert_str_eq(missing_of(&scene), "8192+12288 "); /* also what may be overwritten */

	deliver(&scene, 2 * UNIT, 600);
	deliver(&scene, 3 * UNIT - 20, 20);
	limit_file_size(2 * UNIT + 1000);
	assert_code(ssum_receiver_write(scene.receiver, 2 * UNIT + 500, scene.content, 1500),
		    -EFBIG);
	limit_file_size(RLIM_INFINITY);
	ck_assert_str_eq(missing_of(&scene), "8692+3576 12288+8192 ");
	repair(&scene);
	ck_assert_int_eq(atomic_load(&scene.damaged), 0);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

/* The file system is full: data that did not fit is missing, and the saved state is not
   overwritten. When there is space again, the receiver continues. */
START_TEST(full_file_system)
{
	char *directory = scratch_here(), *filler = path_in(directory, "filler");
	unsigned char full[24 * UNIT] = {1};
	struct ssum_receiver *loaded;
	struct scene scene;

	if (mount("tmpfs", directory, "tmpfs", 0, "size=160k")) {
		note_skip(__func__, "no tmpfs can be mounted: %s", strerror(errno));
		scratch_remove(directory);
		free(filler);
		return;
	}
	scene_in(&scene, directory, _i, 20 * UNIT, UNIT);
	scene_begin(&scene);
	deliver(&scene, 0, 2 * UNIT);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	write_file(filler, full, sizeof(full));

	assert_code(ssum_receiver_write(scene.receiver, 0, scene.content, scene.length), -ENOSPC);
	int good = atomic_load(&scene.good);
	ck_assert_msg(good > 2 && good < 20, "%d segments are good", good);
	ck_assert_str_ne(missing_of(&scene), "");
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_ERR_INCOMPLETE);
	assert_code(ssum_receiver_save(scene.receiver, scene.state), -ENOSPC);
	assert_ok(ssum_receiver_load(NULL, &scene.options, scene.state, &loaded));
	ssum_receiver_free(loaded);

	ck_assert(!unlink(filler));
	repair(&scene);
	ck_assert_int_eq(atomic_load(&scene.damaged), 0);
	assert_received(&scene);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	scene_free(&scene);
	ck_assert(!umount2(directory, MNT_DETACH));
	scratch_remove(directory);
	free(filler);
	tried(34, 3);
}
END_TEST

/* A file that was truncated cannot be read back. */
START_TEST(failed_read)
{
	struct scene scene;

	scene_start(&scene, 0, 2 * UNIT, UNIT);
	deliver(&scene, 100, 100);
	deliver(&scene, UNIT + 100, UNIT - 100);
	ck_assert(!ftruncate(scene.options.fd, UNIT));
	assert_code(ssum_receiver_write(scene.receiver, UNIT, scene.content + UNIT, 100),
		    SSUM_ERR_CHANGED);
	ck_assert_str_eq(missing_of(&scene), "0+100 200+7992 ");
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_ERR_CHANGED);
	ck_assert(!ftruncate(scene.options.fd, 2 * UNIT));
	repair(&scene);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

START_TEST(number_of_pieces_is_limited)
{
	size_t limit = _i ? 100 : 65536;
	struct scene scene;

	scene_new(&scene, 0, 300001, _i == 2 ? UNIT : 512 * KIB);
	scene.options.pieces = _i ? limit : 0;
	scene_begin(&scene);
	for (uint64_t at = 1; at < scene.length; at += 2) {
		deliver(&scene, at, 1);
		ck_assert_uint_le(scene.receiver->pieces, limit);
	}
	ck_assert_uint_eq(scene.receiver->pieces, limit);
	repair(&scene);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

/* ---- Memory ---- */

/* A value in /proc/self/status, in KiB. */
static size_t memory_of(const char *key)
{
	char line[256];
	size_t value = 0;
	FILE *status = fopen("/proc/self/status", "r");

	ck_assert_ptr_nonnull(status);
	while (!value && fgets(line, sizeof(line), status))
		if (!strncmp(line, key, strlen(key)))
			value = strtoul(line + strlen(key), NULL, 10);
	fclose(status);
	ck_assert_uint_gt(value, 0);
	return value;
}

/* With as many pieces after gaps as are remembered. ssum_receiver_save() needs 16 bytes for each.
 */
START_TEST(memory_is_bounded)
{
	const size_t pieces = test_is_long() ? MIB : MIB / 8, bound = 100 * MIB / KIB;
	size_t before, length, lines = 0;
	struct scene scene;
	char *state;

	if (MAP_SEEDS < 60)
		skip("a sanitizer has more memory of its own");
	scene_new(&scene, 0, 2 * pieces + 8 * UNIT, 16 * UNIT);
	scene.options.pieces = pieces == MIB ? 0 : pieces;
	before = memory_of("VmRSS:");
	scene_begin(&scene);
	for (uint64_t at = 1; at < 2 * pieces + 4 * UNIT; at += 2)
		deliver(&scene, at, 1);
	ck_assert_uint_eq(scene.receiver->pieces, pieces);
	size_t received = memory_of("VmRSS:");
	write_text("/proc/self/clear_refs", "5"); /* VmHWM becomes VmRSS */
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	ck_assert_uint_le(memory_of("VmHWM:") - before, bound);
	ck_assert_uint_le(memory_of("VmHWM:") - received, 16 * pieces / KIB + 2048);

	state = read_file(scene.state, &length);
	for (size_t i = 0; i < length; i++)
		lines += !strncmp(state + i, "\nreceived\t", 10);
	ck_assert_uint_eq(lines, pieces);
	free(state);
	ssum_receiver_free(scene.receiver);
	malloc_trim(0);
	before = memory_of("VmRSS:");
	write_text("/proc/self/clear_refs", "5");
	assert_ok(ssum_receiver_load(NULL, &scene.options, scene.state, &scene.receiver));
	ck_assert_uint_eq(scene.receiver->pieces, pieces);
	ck_assert_uint_le(memory_of("VmHWM:") - before, bound);
	scene_free(&scene);
}
END_TEST

/* What arrives in order needs little more than the checkpoints, and 17 bytes for each segment. */
START_TEST(memory_in_order_is_small)
{
	const size_t piece = MIB;
	struct scene scene;
	size_t before;

	if (MAP_SEEDS < 60)
		skip("a sanitizer has more memory of its own");
	scene_new(&scene, 0, 16 * MIB, MIB);
	malloc_trim(0);
	before = memory_of("VmRSS:");
	write_text("/proc/self/clear_refs", "5");
	scene_begin(&scene);
	for (uint64_t at = 0; at < scene.length; at += piece)
		deliver(&scene, at, piece);
	ck_assert_int_eq(atomic_load(&scene.good), scene_segments(&scene));
	ck_assert_uint_le(memory_of("VmHWM:") - before, MIB / KIB);
	scene_free(&scene);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{failed_write, REFERENCES}, {full_file_system, REFERENCES},
		{failed_read, 0},           {number_of_pieces_is_limited, 3},
		{memory_is_bounded, 0},     {memory_in_order_is_small, 0},
	};

	return run_suite("receiver_failures", tests, ARRAY_SIZE(tests));
}
