/* SPDX-License-Identifier: MIT */
/* States, files and arguments that a receiver refuses. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/files.h"
#include "support/oracle.h"
#include "support/receiver.h"
#include "support/suite.h"
#include "sparsesum/receiver.h"

/* ---- Invalid states ---- */

static const struct {
	const char *edit; /* a sed command */
	int result;
} edits[] = {
	{"s/^sparsesum-receiver 2/sparsesum-receiver 1/", SSUM_ERR_MALFORMED},
	{"s/^sparsesum-receiver 2/sparsesum-receiver 3/", SSUM_ERR_MALFORMED},
	{"1d", SSUM_ERR_MALFORMED},
	{"$d", SSUM_ERR_MALFORMED},
	{"2,$d", SSUM_ERR_MALFORMED},
	{"1,$d", SSUM_ERR_MALFORMED},
	{"s/^end$/end of it/", SSUM_ERR_MALFORMED},
	{"s/^good/bad/", SSUM_ERR_MALFORMED},
	{"/^good/s/[0-9]*$/0/", SSUM_ERR_MALFORMED},
	{"/^good/s/[0-9]*$/4097/", SSUM_ERR_MALFORMED},
	{"/^good/s/[0-9]*$/1000000/", SSUM_ERR_MALFORMED},
	{"/^good/s/[0-9]*$/18446744073709551615/", SSUM_ERR_MALFORMED},
	{"/^good/s/[0-9]*$/18446744073709551616/", SSUM_ERR_MALFORMED},
	{"/^good/s/$/ /", SSUM_ERR_MALFORMED},
	{"/^good/s/\t0\t/\t1\t/", SSUM_ERR_MALFORMED},
	{"/^good/s/\t0\t/\t4096\t/;/^good/p", SSUM_ERR_MALFORMED},
	{"/^good/{h;d};/^received/G", SSUM_ERR_MALFORMED},
	{"/^received/s/\t[0-9]*\t/\t0\t/", SSUM_ERR_MALFORMED},
	{"/^received/s/[0-9]*$/100000/", SSUM_ERR_MALFORMED},
	{"/^received/p", SSUM_ERR_MALFORMED},
	{"2s/sha1/sha256/", SSUM_ERR_STATE},
	{"2s/\t20480\t/\t20481\t/", SSUM_ERR_STATE},
	{"2s/[0-9a-f]\t/g\t/", SSUM_ERR_STATE},
	{"2s/\t4096\t/\t8192\t/", SSUM_ERR_STATE},
	{"2s/.$/x/", SSUM_ERR_STATE},
	{"3d", SSUM_ERR_MALFORMED},
	{"3s/^file/same/", SSUM_ERR_MALFORMED},
	{"3s/:.*//", SSUM_ERR_MALFORMED},
	{"3s/$/x/", SSUM_ERR_MALFORMED},
};

START_TEST(malformed_states)
{
	struct scene scene;
	int status;

	scene_start(&scene, 0, 5 * UNIT, UNIT);
	deliver(&scene, 0, UNIT);
	deliver(&scene, 2 * UNIT + 5, 100);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	ssum_receiver_free(scene.receiver);
	free(run_command(&status, "cp %s %s.old && sed -i '%s' %s && ! cmp -s %s %s.old",
			 scene.state, scene.state, edits[_i].edit, scene.state, scene.state,
			 scene.state));
	ck_assert_int_eq(status, 0);
	ck_assert(!ftruncate(scene.options.fd, 7));
	assert_code(ssum_receiver_load(NULL, &scene.options, scene.state, &scene.receiver),
		    edits[_i].result);
	ck_assert_ptr_null(scene.receiver);
	ck_assert_int_eq(lseek(scene.options.fd, 0, SEEK_END), 7); /* it was not changed */
	scene_free(&scene);
}
END_TEST

START_TEST(states_of_another_content)
{
	struct scene scene;
	struct ssum_receiver *receiver;

	scene_start(&scene, 0, 5 * UNIT, UNIT);
	deliver(&scene, 0, UNIT);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));

	/* Data that were proven with other checkpoints may be wrong data between wrong
	   checkpoints. */
	spoil_checkpoint(&scene, 3);
	assert_code(ssum_receiver_load(NULL, &scene.options, scene.state, &receiver),
		    SSUM_ERR_STATE);
	spoil_checkpoint(&scene, 3);
	scene.options.checkpoints = NULL;
	assert_code(ssum_receiver_load(NULL, &scene.options, scene.state, &receiver),
		    SSUM_ERR_STATE);
	scene.options.length--;
	assert_code(ssum_receiver_load(NULL, &scene.options, scene.state, &receiver),
		    SSUM_ERR_STATE);
	scene.options.length++;
	scene.digest.bytes[0] ^= 1;
	assert_code(ssum_receiver_load(NULL, &scene.options, scene.state, &receiver),
		    SSUM_ERR_STATE);
	ck_assert_ptr_null(receiver);
	assert_code(ssum_receiver_load(NULL, &scene.options, scene.directory, &receiver),
		    SSUM_ERR_NOT_REGULAR);
	assert_code(ssum_receiver_load(NULL, &scene.options, "/nowhere/state", &receiver), -ENOENT);
	assert_code(ssum_receiver_save(scene.receiver, "/nowhere/state"), -ENOENT);
	assert_code(ssum_receiver_load(NULL, &scene.options, "/dev/zero", &receiver),
		    SSUM_ERR_NOT_REGULAR);
	ck_assert(!unlink(scene.state) && !mkfifo(scene.state, 0666));
	assert_code(ssum_receiver_load(NULL, &scene.options, scene.state, &receiver),
		    SSUM_ERR_NOT_REGULAR);
	scene_free(&scene);
}
END_TEST

/* ---- Files and arguments ---- */

/* The length of a block device cannot be set, it has no holes, and its times do not show writes by
   others. */
START_TEST(block_devices_are_refused)
{
	struct ssum_receiver *receiver;
	struct scene scene;
	int status;

	scene_new(&scene, 0, 5 * UNIT, UNIT);
	ck_assert(!ftruncate(scene.options.fd, 1 << 20));
	char *device = run_command(&status, "losetup -f --show %s 2>&1", scene.path);
	device[strcspn(device, "\n")] = '\0';
	int fd = status ? -1 : open(device, O_RDWR);
	if (fd < 0) {
		note_skip(__func__, "no loop device: %s", device);
	} else {
		struct ssum_receiver_options options = scene.options;

		options.fd = fd;
		int rc = ssum_receiver_new(NULL, &options, &receiver);
		close(fd);
		free(run_command(NULL, "losetup -d %s", device));
		assert_code(rc, SSUM_ERR_NOT_REGULAR);
		ck_assert_ptr_null(receiver);
		tried(22, 1);
	}
	free(device);
	scene_free(&scene);
}
END_TEST

static void assert_ranges_refused(struct scene *scene)
{
	assert_code(ssum_receiver_write(scene->receiver, scene->length, "x", 1), -EINVAL);
	assert_code(ssum_receiver_write(scene->receiver, scene->length - 1, "xx", 2), -EINVAL);
	assert_code(ssum_receiver_write(scene->receiver, UINT64_MAX, "xx", 2), -EINVAL);
	assert_code(ssum_receiver_hole(scene->receiver, 1, UINT64_MAX), -EINVAL);
	assert_code(ssum_receiver_hole(scene->receiver, UINT64_MAX, UINT64_MAX), -EINVAL);
	assert_ok(ssum_receiver_write(scene->receiver, scene->length, "x", 0));
	assert_ok(ssum_receiver_write(scene->receiver, 0, NULL, 0));
	assert_code(ssum_receiver_write(scene->receiver, 0, NULL, 1), -EINVAL);
	ck_assert_str_eq(missing_of(scene), "0+20480 ");
}

START_TEST(invalid_arguments_are_refused)
{
	struct scene scene;
	struct ssum_receiver *receiver;
	struct ssum_receiver_options options;

	scene_start(&scene, 0, 5 * UNIT, UNIT);
	assert_ranges_refused(&scene);

#define CHECK(change, code)                                                                        \
	do {                                                                                       \
		options = scene.options;                                                           \
		change;                                                                            \
		assert_code(ssum_receiver_new(NULL, &options, &receiver), code);                   \
		ck_assert_ptr_null(receiver);                                                      \
	} while (0)
	struct ssum_digest other = scene.digest, longer = {.length = 32};
	other.bytes[0] ^= 1;
	int read_only = open(scene.path, O_RDONLY), appending = open(scene.path, O_RDWR | O_APPEND);
	int device = open("/dev/null", O_RDWR);
	CHECK(options.size = 0, SSUM_ERR_OPTIONS);
	CHECK(options.digest = NULL, SSUM_ERR_OPTIONS);
	CHECK(options.digest = &longer, SSUM_ERR_OPTIONS);
	CHECK(options.digest = &other, SSUM_ERR_CHECKPOINTS);
	CHECK(options.length--, SSUM_ERR_CHECKPOINTS);
	CHECK((options.algorithm = "sha256", options.digest = &longer), SSUM_ERR_CHECKPOINTS);
	CHECK(options.algorithm = "sha0", SSUM_ERR_ALGORITHM);
	CHECK((options.checkpoints = NULL, options.length = (uint64_t)1 << 61), SSUM_ERR_TOO_LONG);
	struct ssum_digest longest = {.length = 64};
	CHECK((options.checkpoints = NULL, options.algorithm = "sha512", options.digest = &longest,
	       options.length = (uint64_t)1 << 63),
	      -EFBIG);
	CHECK(options.fd = -1, -EBADF);
	CHECK(options.fd = read_only, -EBADF);
	CHECK(options.fd = appending, -EBADF);
	CHECK(options.fd = device, SSUM_ERR_NOT_REGULAR);
	close(read_only);
	close(appending);
	close(device);
	assert_code(ssum_receiver_new(NULL, NULL, &receiver), SSUM_ERR_OPTIONS);
	ssum_receiver_free(NULL);
	scene_free(&scene);
}
END_TEST

/* The caller may change and free everything but the file after the call. */
START_TEST(arguments_are_copied)
{
	struct ssum_receiver_options *options = malloc(sizeof(*options));
	struct ssum_digest *digest = malloc(sizeof(*digest));
	char *algorithm = strdup("sha256");
	struct scene scene;

	scene_new(&scene, 2, 5 * UNIT, UNIT);
	*digest = scene.digest;
	*options = scene.options;
	options->digest = digest;
	options->algorithm = algorithm;
	assert_ok(ssum_receiver_new(NULL, options, &scene.receiver));
	memset(digest, 1, sizeof(*digest));
	memset(options, 1, sizeof(*options));
	memset(algorithm, 'x', 6);
	free(digest);
	free(options);
	free(algorithm);
	memset(scene.checkpoints.values, 1,
	       scene.checkpoints.count * scene.checkpoints.value_length);
	ck_assert_int_eq(lseek(scene.options.fd, 3, SEEK_SET), 3);
	deliver(&scene, 0, scene.length);
	ck_assert_int_eq(lseek(scene.options.fd, 0, SEEK_CUR), 3);
	ck_assert_int_eq(atomic_load(&scene.good), 5);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

START_TEST(no_message_is_left)
{
	struct ssum_receiver *receiver;
	struct ssum_digest digest;
	struct scene scene;

	scene_new(&scene, 0, 5 * UNIT, UNIT);
	assert_ok(ssum_context_new(NULL, &scene.context));
	assert_code(ssum_hash_file(scene.context, "/nowhere/x", NULL, &digest), -ENOENT);
	scene_begin(&scene);
	assert_code(ssum_receiver_write(scene.receiver, scene.length, "x", 1), -EINVAL);
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_ERR_INCOMPLETE);
	assert_code(ssum_receiver_save(scene.receiver, "/nowhere/state"), -ENOENT);
	assert_code(ssum_receiver_load(scene.context, &scene.options, "/nowhere/state", &receiver),
		    -ENOENT);
	const char *message = ssum_message(scene.context);
	ck_assert_msg(!*message || !strcmp(message, "/nowhere/x: No such file or directory"), "%s",
		      message);
	scene_free(&scene);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{malformed_states, ARRAY_SIZE(edits)},
		{states_of_another_content, 0},
		{block_devices_are_refused, 0},
		{invalid_arguments_are_refused, 0},
		{arguments_are_copied, 0},
		{no_message_is_left, 0},
	};

	return run_suite("receiver_refused", tests, ARRAY_SIZE(tests));
}
