/* SPDX-License-Identifier: MIT */
/* The receiver: any order, damage, threads, restarts, and what must never be taken for proven. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "package/receiver.h"
#include "support/files.h"
#include "support/maps.h"
#include "support/oracle.h"
#include "support/suite.h"

#define UNIT 4096

static const char *const algorithms[] = {"sha1", "sha224", "sha256", "sha384", "sha512"};
#define ALGORITHMS ((int)ARRAY_SIZE(algorithms))

/* ---- Checkpoints by libcrypto's own functions, which show the state between two blocks ---- */

static void put_words(struct ssum_digest *value, const void *words, size_t count, size_t size)
{
	value->length = count * size;
	for (size_t i = 0; i < count; i++) {
		uint64_t word =
			size == 4 ? ((const uint32_t *)words)[i] : ((const uint64_t *)words)[i];

		for (size_t j = 0; j < size; j++)
			value->bytes[i * size + j] = (unsigned char)(word >> 8 * (size - 1 - j));
	}
}

static struct ssum_digest oracle_value(int algorithm, const unsigned char *data, size_t length)
{
	struct ssum_digest value = {0};

	if (algorithm == 0) {
		SHA_CTX sha;

		SHA1_Init(&sha);
		SHA1_Update(&sha, data, length);
		put_words(&value, (uint32_t[]){sha.h0, sha.h1, sha.h2, sha.h3, sha.h4}, 5, 4);
	} else if (algorithm < 3) {
		SHA256_CTX sha;

		algorithm == 1 ? SHA224_Init(&sha) : SHA256_Init(&sha);
		SHA256_Update(&sha, data, length);
		put_words(&value, sha.h, 8, 4);
	} else {
		SHA512_CTX sha;

		algorithm == 3 ? SHA384_Init(&sha) : SHA512_Init(&sha);
		SHA512_Update(&sha, data, length);
		put_words(&value, sha.h, 8, 8);
	}
	return value;
}

/* ---- A content on its way ---- */

struct scene {
	char *folder, *path, *state;
	int algorithm;
	unsigned char *content;
	size_t length;
	struct ssum_checkpoints checkpoints;
	struct ssum_receiver_options options;
	struct ssum_digest digest;
	struct ssum_context *context;
	struct ssum_receiver *receiver;
	atomic_int good, damaged; /* segments that were told */
};

static int count_segment(void *user, const struct ssum_range *segment, int verdict)
{
	struct scene *scene = user;

	ck_assert(segment->length && segment->offset + segment->length <= scene->length);
	ck_assert(segment->offset % scene->checkpoints.interval == 0);
	ck_assert(verdict == SSUM_SAME || verdict == SSUM_DIFFERS);
	atomic_fetch_add(verdict == SSUM_SAME ? &scene->good : &scene->damaged, 1);
	return 0;
}

static void make_checkpoints(struct scene *scene, uint64_t interval)
{
	struct algorithm algorithm;
	struct ssum_checkpoints *checkpoints = &scene->checkpoints;

	assert_ok(algorithm_find(algorithms[scene->algorithm], &algorithm));
	assert_ok(checkpoints_init(checkpoints, &algorithm, interval));
	for (uint64_t at = interval; at < scene->length; at += interval) {
		struct ssum_digest value =
			oracle_value(scene->algorithm, scene->content, (size_t)at);

		assert_ok(checkpoints_set(checkpoints, at, &value));
	}
	checkpoints_finish(checkpoints, scene->length, &scene->digest);
	algorithm_release(&algorithm);
}

static int open_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0666);

	ck_assert_int_ge(fd, 0);
	return fd;
}

/* Random bytes, and zeros in between: about a third of it, in stretches of any size. */
static void make_content(struct scene *scene, uint64_t *seed)
{
	scene->content = malloc(scene->length + 1);
	fill_random(scene->content, scene->length, seed);
	for (size_t i = 0; i < 3 && scene->length; i++) {
		size_t begin = (size_t)(next_random(seed) % scene->length);
		size_t room = (scene->length - begin) / 3;

		memset(scene->content + begin, 0, room ? (size_t)(next_random(seed) % room) : 0);
	}
}

static void scene_in(struct scene *scene, const char *folder, int algorithm, size_t length,
		     uint64_t interval, uint64_t *seed)
{
	*scene = (struct scene){.folder = NULL, .algorithm = algorithm, .length = length};
	scene->path = path_in(folder, "file");
	scene->state = path_in(folder, "state");
	make_content(scene, seed);
	scene->digest = oracle_of_bytes(algorithms[algorithm], scene->content, length);
	make_checkpoints(scene, interval);
	scene->options = (struct ssum_receiver_options){
		.size = sizeof(scene->options),
		.fd = open_file(scene->path),
		.algorithm = algorithms[algorithm],
		.digest = &scene->digest,
		.length = length,
		.checkpoints = &scene->checkpoints,
		.segment = count_segment,
		.user = scene,
	};
}

static void scene_new(struct scene *scene, int algorithm, size_t length, uint64_t interval,
		      uint64_t *seed)
{
	char *folder = scratch_here();

	scene_in(scene, folder, algorithm, length, interval, seed);
	scene->folder = folder;
}

static void scene_free(struct scene *scene)
{
	ssum_receiver_free(scene->receiver);
	ssum_context_free(scene->context);
	checkpoints_clear(&scene->checkpoints);
	close(scene->options.fd);
	free(scene->content);
	free(scene->path);
	free(scene->state);
	if (scene->folder)
		scratch_remove(scene->folder);
}

static void begin(struct scene *scene)
{
	ssum_receiver_free(scene->receiver);
	atomic_store(&scene->good, 0);
	atomic_store(&scene->damaged, 0);
	assert_ok(ssum_receiver_new(scene->context, &scene->options, &scene->receiver));
}

static int segments(const struct scene *scene)
{
	return (int)scene->checkpoints.count + 1;
}

static void send(struct scene *scene, uint64_t offset, uint64_t length)
{
	assert_ok(ssum_receiver_write(scene->receiver, offset, scene->content + offset,
				      (size_t)length));
}

static void send_damaged(struct scene *scene, uint64_t offset, uint64_t length, uint64_t at)
{
	unsigned char *copy = malloc(length);

	memcpy(copy, scene->content + offset, length);
	copy[at] ^= 0x10;
	assert_ok(ssum_receiver_write(scene->receiver, offset, copy, (size_t)length));
	free(copy);
}

/* As a hole if it is one. */
static void send_best(struct scene *scene, uint64_t offset, uint64_t length)
{
	if (bytes_are_zero(scene->content + offset, (size_t)length))
		assert_ok(ssum_receiver_hole(scene->receiver, offset, length));
	else
		send(scene, offset, length);
}

/* What is missing, as "offset+length " each. */
static char missing_text[4096];

static int note_missing(void *user, const struct ssum_range *range)
{
	(void)user;
	ck_assert_uint_gt(range->length, 0);
	size_t used = strlen(missing_text);
	snprintf(missing_text + used, sizeof(missing_text) - used, "%ju+%ju ",
		 (uintmax_t)range->offset, (uintmax_t)range->length);
	return 0;
}

static const char *missing(struct scene *scene)
{
	missing_text[0] = '\0';
	assert_ok(ssum_receiver_missing(scene->receiver, note_missing, NULL));
	return missing_text;
}

static int send_missing(void *user, const struct ssum_range *range)
{
	send_best(user, range->offset, range->length);
	return 0;
}

/* In two rounds: what came before may turn out to be damaged once its segment is complete. */
static void repair(struct scene *scene)
{
	assert_ok(ssum_receiver_missing(scene->receiver, send_missing, scene));
	assert_ok(ssum_receiver_missing(scene->receiver, send_missing, scene));
	ck_assert_str_eq(missing(scene), "");
}

static void assert_file_is(const struct scene *scene)
{
	size_t length;
	char *found = read_file(scene->path, &length);

	ck_assert_uint_eq(length, scene->length);
	ck_assert(!memcmp(found, scene->content, length));
	free(found);
	assert_digest_eq(oracle_of_file(algorithms[scene->algorithm], scene->path), scene->digest);
}

static void assert_received(struct scene *scene)
{
	assert_code(ssum_receiver_finish(scene->receiver), SSUM_SAME);
	ck_assert_str_eq(missing(scene), "");
	ck_assert_uint_eq(scene->receiver->pieces, 0);
	assert_file_is(scene);
}

/* ---- In order ---- */

START_TEST(in_order)
{
	static const size_t sizes[] = {1, 63, 1400, 4096, 5000, 100000};
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, _i, 50001, 2 * UNIT, &seed);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		begin(&scene);
		for (uint64_t at = 0; at < scene.length; at += sizes[i]) {
			ck_assert_int_eq(atomic_load(&scene.good), (int)(at / (2 * UNIT)));
			send_best(&scene, at, min_u64(sizes[i], scene.length - at));
		}
		ck_assert_int_eq(atomic_load(&scene.good), segments(&scene));
		ck_assert_int_eq(atomic_load(&scene.damaged), 0);
		assert_received(&scene);
	}
	scene_free(&scene);
}
END_TEST

START_TEST(every_length)
{
	static const size_t lengths[] = {0,        1,        63,           64,         UNIT - 1,
					 UNIT,     UNIT + 1, 2 * UNIT - 1, 2 * UNIT,   2 * UNIT + 1,
					 3 * UNIT, 9999,     65536,        65536 + 100};
	uint64_t seed = test_seed();

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++)
		for (int with = 0; with < 3; with++) {
			struct scene scene;

			scene_new(&scene, _i, lengths[i], with == 1 ? 65536 : UNIT, &seed);
			if (!with)
				scene.options.checkpoints = NULL;
			begin(&scene);
			ck_assert_uint_eq((size_t)lseek(scene.options.fd, 0, SEEK_END), lengths[i]);
			if (lengths[i])
				assert_code(ssum_receiver_finish(scene.receiver),
					    SSUM_ERR_INCOMPLETE);
			repair(&scene);
			assert_received(&scene);
			if (!with && lengths[i])
				ck_assert_int_eq(atomic_load(&scene.good), 1);
			scene_free(&scene);
		}
}
END_TEST

/* Of no bytes there is one digest alone. */
START_TEST(nothing_differs_from_another_digest)
{
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, 0, 0, UNIT, &seed);
	scene.options.checkpoints = NULL;
	scene.digest.bytes[3] ^= 1;
	begin(&scene);
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_DIFFERS);
	ck_assert_str_eq(missing(&scene), "");
	scene_free(&scene);
}
END_TEST

/* An algorithm of libcrypto has no checkpoints, and needs none. */
START_TEST(other_algorithms)
{
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, 0, 30000, UNIT, &seed);
	scene.options.checkpoints = NULL;
	scene.options.algorithm = "sha3-256";
	scene.digest = oracle_of_bytes("sha3-256", scene.content, scene.length);
	begin(&scene);
	send(&scene, 20000, 10000);
	send_damaged(&scene, 0, 20000, 100);
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_DIFFERS);
	ck_assert_str_eq(missing(&scene), "0+30000 ");
	repair(&scene);
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_SAME);
	scene_free(&scene);
}
END_TEST

/* ---- Any order ---- */

static void random_range(const struct scene *scene, uint64_t *seed, uint64_t *offset,
			 uint64_t *length)
{
	static const uint64_t longest[] = {1, 70, 1500, 5000, 20000};
	uint64_t room;

	*offset = next_random(seed) % scene->length;
	room = min_u64(scene->length - *offset, longest[next_random(seed) % ARRAY_SIZE(longest)]);
	*length = 1 + next_random(seed) % room;
}

/* Good pieces, damaged ones, holes where there are none, and the same ones again. */
static void send_randomly(struct scene *scene, uint64_t *seed, int pieces)
{
	for (int i = 0; i < pieces; i++) {
		uint64_t offset, length;

		random_range(scene, seed, &offset, &length);
		switch (next_random(seed) % 24) {
		case 0:
			send_damaged(scene, offset, length, next_random(seed) % length);
			break;
		case 1:
			assert_ok(ssum_receiver_hole(scene->receiver, offset, length));
			break;
		default:
			send_best(scene, offset, length);
		}
	}
}

static void repair_all(struct scene *scene)
{
	for (int rounds = 0; ssum_receiver_finish(scene->receiver) != SSUM_SAME; rounds++) {
		ck_assert_int_lt(rounds, 3);
		assert_ok(ssum_receiver_missing(scene->receiver, send_missing, scene));
		assert_ok(ssum_receiver_missing(scene->receiver, send_missing, scene));
	}
	assert_received(scene);
}

START_TEST(random_orders)
{
	uint64_t seed = test_seed() + (uint64_t)_i;
	size_t length = 1 + (size_t)(next_random(&seed) % 150000);
	uint64_t interval = UNIT * (1 + next_random(&seed) % 5);
	struct scene scene;

	scene_new(&scene, _i % ALGORITHMS, length, interval, &seed);
	if (next_random(&seed) % 5 == 0)
		scene.options.checkpoints = NULL;
	if (next_random(&seed) % 2)
		scene.options.pieces = 1 + (size_t)(next_random(&seed) % 20);
	begin(&scene);
	send_randomly(&scene, &seed, (int)(next_random(&seed) % 400));
	if (scene.options.pieces)
		ck_assert_uint_le(scene.receiver->pieces, scene.options.pieces);
	repair_all(&scene);
	scene_free(&scene);
}
END_TEST

START_TEST(backwards)
{
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, _i, 40000, 2 * UNIT, &seed);
	begin(&scene);
	for (uint64_t at = scene.length; at; at -= 100)
		send_best(&scene, at - 100, 100);
	ck_assert_int_eq(atomic_load(&scene.good), segments(&scene));
	ck_assert_int_eq(atomic_load(&scene.damaged), 0);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

/* What is not hashed from memory is read back, and only that: what nobody reads back may be changed
   behind the receiver's back and is not seen. */
START_TEST(only_what_has_to_be_is_read)
{
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, 0, UNIT, UNIT, &seed);
	fill_random(scene.content, scene.length, &seed);
	scene.digest = oracle_of_bytes("sha1", scene.content, scene.length);
	checkpoints_finish(&scene.checkpoints, scene.length, &scene.digest);
	begin(&scene);
	send(&scene, 0, 1000);
	send(&scene, 2000, 1000); /* is read back */
	ck_assert_int_eq(pwrite(scene.options.fd, "changed", 7, 500), 7);
	send(&scene, 1000, 1000);
	send(&scene, 3000, UNIT - 3000);
	ck_assert_int_eq(atomic_load(&scene.good), 1);

	begin(&scene);
	send(&scene, 0, 1000);
	send(&scene, 2000, 1000);
	ck_assert_int_eq(pwrite(scene.options.fd, "changed", 7, 2500), 7);
	send(&scene, 1000, 1000);
	send(&scene, 3000, UNIT - 3000);
	ck_assert_int_eq(atomic_load(&scene.damaged), 1);
	scene_free(&scene);
}
END_TEST

/* ---- Damage ---- */

START_TEST(damage_is_located)
{
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, _i, 10 * UNIT + 77, UNIT, &seed);
	begin(&scene);
	send(&scene, 0, 3 * UNIT);
	send_damaged(&scene, 3 * UNIT, 2 * UNIT, UNIT + 5);
	send(&scene, 5 * UNIT, 4 * UNIT);
	send_damaged(&scene, 9 * UNIT, UNIT + 77, UNIT + 76);
	ck_assert_int_eq(atomic_load(&scene.damaged), 2);
	ck_assert_str_eq(missing(&scene), "16384+4096 40960+77 ");
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_DIFFERS);
	ck_assert_str_eq(missing(&scene), "16384+4096 40960+77 ");
	send(&scene, 4 * UNIT, UNIT);
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_DIFFERS);
	repair(&scene);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

START_TEST(no_byte_may_be_wrong)
{
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, _i, 2 * UNIT + 100, UNIT, &seed);
	for (uint64_t at = 0; at < scene.length; at += 1 + next_random(&seed) % (_i ? 40 : 2)) {
		begin(&scene);
		send_damaged(&scene, 0, scene.length, at);
		ck_assert_int_eq(atomic_load(&scene.damaged), 1);
		assert_code(ssum_receiver_finish(scene.receiver), SSUM_DIFFERS);
	}
	scene_free(&scene);
}
END_TEST

START_TEST(what_is_proven_stays)
{
	static const char rubbish[3 * UNIT] = "rubbish";
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, 0, 3 * UNIT, UNIT, &seed);
	begin(&scene);
	send(&scene, 0, UNIT);
	send(&scene, 2 * UNIT, UNIT);
	assert_ok(ssum_receiver_write(scene.receiver, 0, rubbish, sizeof(rubbish)));
	assert_ok(ssum_receiver_hole(scene.receiver, 0, sizeof(rubbish)));
	ck_assert_int_eq(atomic_load(&scene.damaged), 2); /* of the one in the middle */
	ck_assert_str_eq(missing(&scene), "4096+4096 ");
	send(&scene, UNIT, UNIT);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

START_TEST(the_last_piece_counts)
{
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, 0, UNIT, UNIT, &seed);
	for (uint64_t at = 0; at + 100 <= UNIT - 100; at += 37) {
		begin(&scene);
		send(&scene, 0, UNIT / 2);
		send(&scene, UNIT - 100, 50);
		send_damaged(&scene, at, 100, 50);
		send(&scene, at, 100);
		send(&scene, UNIT / 2, UNIT / 2);
		ck_assert_int_eq(atomic_load(&scene.good), 1);

		begin(&scene);
		send(&scene, 0, UNIT - 100);
		send_damaged(&scene, at, 100, 50);
		send(&scene, UNIT - 100, 100);
		ck_assert_int_eq(atomic_load(&scene.damaged), 1);
	}
	scene_free(&scene);
}
END_TEST

/* ---- Wrong checkpoints ---- */

static void spoil(struct scene *scene, size_t index)
{
	scene->checkpoints.values[(index - 1) * scene->checkpoints.value_length + 7] ^= 1;
}

START_TEST(wrong_checkpoints_decide_nothing)
{
	uint64_t seed = test_seed();
	struct scene scene;

	for (unsigned mask = 0; mask < 32; mask++) {
		scene_new(&scene, _i, 6 * UNIT - 5, UNIT, &seed);
		for (size_t i = 0; i < 5; i++)
			if (mask >> i & 1)
				spoil(&scene, i + 1);
		begin(&scene);
		send(&scene, 0, scene.length);
		ck_assert_int_eq(atomic_load(&scene.damaged) > 0, mask > 0);
		assert_received(&scene);

		begin(&scene);
		send_damaged(&scene, 0, scene.length, 3 * UNIT + mask);
		assert_code(ssum_receiver_finish(scene.receiver), SSUM_DIFFERS);
		repair_all(&scene);
		scene_free(&scene);
	}
}
END_TEST

/* Where data and checkpoints are wrong, what is right in between is found out. */
START_TEST(wrong_checkpoints_beside_damage)
{
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, _i, 9 * UNIT, UNIT, &seed);
	spoil(&scene, 2);
	begin(&scene);
	send(&scene, 0, 6 * UNIT);
	send_damaged(&scene, 6 * UNIT, UNIT, 9);
	send(&scene, 7 * UNIT, 2 * UNIT);
	ck_assert_str_eq(missing(&scene), "4096+8192 24576+4096 ");
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_DIFFERS);
	ck_assert_str_eq(missing(&scene), "24576+4096 ");
	repair(&scene);
	assert_received(&scene);
	ck_assert_int_eq(atomic_load(&scene.good), segments(&scene));
	scene_free(&scene);
}
END_TEST

/* Checkpoints of other data that the data fit, from an enemy: all but the digest hold. */
START_TEST(checkpoints_of_wrong_data)
{
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, _i, 4 * UNIT, UNIT, &seed);
	scene.content[UNIT + 1] ^= 1;
	checkpoints_clear(&scene.checkpoints);
	make_checkpoints(&scene, UNIT);
	begin(&scene);
	send(&scene, 0, scene.length);
	ck_assert_int_eq(atomic_load(&scene.good), 3);
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_DIFFERS);
	ck_assert_str_eq(missing(&scene), "12288+4096 ");
	scene_free(&scene);
}
END_TEST

/* ---- Holes ---- */

static blkcnt_t blocks_of(const struct scene *scene)
{
	struct stat st;

	ck_assert(!fsync(scene->options.fd) && !fstat(scene->options.fd, &st));
	return st.st_blocks;
}

/* The content becomes another one. */
static void contents_changed(struct scene *scene)
{
	uint64_t interval = scene->checkpoints.interval;

	scene->digest = oracle_of_bytes("sha1", scene->content, scene->length);
	checkpoints_clear(&scene->checkpoints);
	make_checkpoints(scene, interval);
}

static void zero(struct scene *scene, size_t offset, size_t length)
{
	memset(scene->content + offset, 0, length);
	contents_changed(scene);
}

START_TEST(holes_are_holes)
{
	char *folder = scratch_new(&file_systems[_i]);
	uint64_t seed = test_seed();
	struct scene scene;

	if (!folder)
		skip("no %s here", file_systems[_i].name);
	scene_in(&scene, folder, 0, 4 * MIB, MIB, &seed);
	zero(&scene, 64 * KIB, 3 * MIB);
	begin(&scene);
	send(&scene, 0, 64 * KIB);
	send(&scene, 3 * MIB + 64 * KIB, MIB - 64 * KIB);
	blkcnt_t sparse = blocks_of(&scene);
	assert_ok(ssum_receiver_hole(scene.receiver, 64 * KIB, 3 * MIB));
	ck_assert_int_le(blocks_of(&scene), sparse);
	assert_received(&scene);

	/* Over other bytes, and not where a block begins. */
	ssum_receiver_free(scene.receiver);
	unsigned char *old = malloc(scene.length);
	fill_random(old, scene.length, &seed);
	write_file(scene.path, old, scene.length);
	free(old);
	assert_ok(ssum_receiver_new(NULL, &scene.options, &scene.receiver));
	send(&scene, 0, 70001);
	assert_ok(ssum_receiver_hole(scene.receiver, 70001, 2 * MIB + 1));
	send(&scene, 2 * MIB + 70002, 2 * MIB - 70002);
	assert_received(&scene);
	ck_assert_int_le(blocks_of(&scene), (blkcnt_t)(5 * MIB / 2 / 512));
	scene_free(&scene);
	scratch_remove(folder);
}
END_TEST

/* A file system without holes to be punched. */
START_TEST(zeros_where_no_hole_can_be)
{
	uint64_t seed = test_seed();
	struct scene scene;
	char *folder = scratch_here();

	if (mount("none", folder, "ramfs", 0, NULL)) {
		scratch_remove(folder);
		skip("ramfs cannot be mounted: %s", strerror(errno));
	}
	scene_in(&scene, folder, 0, 300000, UNIT, &seed);
	fill_random(scene.content, scene.length, &seed);
	write_file(scene.path, scene.content, scene.length);
	zero(&scene, 1000, 250000);
	begin(&scene);
	send(&scene, 0, 1000);
	send(&scene, 251000, 49000);
	assert_ok(ssum_receiver_hole(scene.receiver, 1000, 250000));
	assert_received(&scene);
	scene_free(&scene);
	ck_assert(!umount(folder));
	scratch_remove(folder);
}
END_TEST

/* Bytes that are overwritten by a hole, and a hole by bytes, ahead of what comes before them. */
START_TEST(holes_and_bytes_over_each_other)
{
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, 0, UNIT, UNIT, &seed);
	scene.options.pieces = _i ? 2 : 0; /* and where that cannot be remembered */
	zero(&scene, 2000, 1000);
	begin(&scene);
	assert_ok(ssum_receiver_hole(scene.receiver, 1000, 3000));
	send_damaged(&scene, 2500, 10, 5);
	send(&scene, 3000, UNIT - 3000);
	send(&scene, 1000, 1000);
	send(&scene, 0, 1000);
	if (_i)
		repair(&scene);
	else
		ck_assert_int_eq(atomic_load(&scene.damaged), 1);

	begin(&scene);
	assert_ok(ssum_receiver_hole(scene.receiver, 1000, 3000));
	send_damaged(&scene, 2500, 10, 5);
	assert_ok(ssum_receiver_hole(scene.receiver, 2499, 20));
	send(&scene, 3000, UNIT - 3000);
	send(&scene, 1000, 1000);
	send(&scene, 0, 1000);
	repair(&scene);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

/* ---- Threads ---- */

#define THREADS 4

struct sender {
	struct scene *scene;
	uint64_t seed;
	int number;
};

/* Every piece of a thread is in the midst of those of the others; some come twice. */
static void *send_share(void *argument)
{
	struct sender *sender = argument;
	struct scene *scene = sender->scene;
	const uint64_t piece = 700;

	for (uint64_t at = (uint64_t)sender->number * piece; at < scene->length;
	     at += THREADS * piece) {
		uint64_t length = min_u64(piece, scene->length - at);

		if (next_random(&sender->seed) % 40 == 0)
			send_damaged(scene, at, length, length / 2);
		else
			send_best(scene, at, length);
		if (next_random(&sender->seed) % 4 == 0)
			send(scene, at / 2, length);
		if (next_random(&sender->seed) % 200 == 0)
			assert_ok(ssum_receiver_save(scene->receiver, scene->state));
		if (next_random(&sender->seed) % 100 == 0)
			ck_assert_int_ne(ssum_receiver_finish(scene->receiver), -EIO);
	}
	return NULL;
}

static void *fetch_missing(void *argument)
{
	struct sender *sender = argument;

	for (int i = 0; i < 5; i++)
		assert_ok(ssum_receiver_missing(sender->scene->receiver, send_missing,
						sender->scene));
	return NULL;
}

static void run_threads(struct scene *scene, void *(*run)(void *), uint64_t seed)
{
	struct sender senders[THREADS];
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++) {
		senders[i] = (struct sender){scene, seed + (uint64_t)i, i};
		ck_assert(!pthread_create(&threads[i], NULL, run, &senders[i]));
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

START_TEST(several_threads)
{
	uint64_t seed = test_seed() + (uint64_t)_i;
	struct scene scene;

	scene_new(&scene, _i % ALGORITHMS, 400000, 4 * UNIT, &seed);
	begin(&scene);
	run_threads(&scene, send_share, seed);
	run_threads(&scene, fetch_missing, seed);
	repair_all(&scene);
	ck_assert_int_eq(atomic_load(&scene.good), segments(&scene));
	scene_free(&scene);
}
END_TEST

/* As soon as the whole is being judged, and so nobody else may write. */
static void *write_damaged_when_closed(void *argument)
{
	struct scene *scene = argument;
	struct ssum_receiver *receiver = scene->receiver;
	bool is_closed = false;

	while (!is_closed) {
		pthread_mutex_lock(&receiver->lock);
		is_closed = receiver->is_closed;
		pthread_mutex_unlock(&receiver->lock);
	}
	send_damaged(scene, 0, 1000, 10);
	return NULL;
}

/* What comes while the whole is judged waits, and then is nothing that was not proven. */
START_TEST(a_write_while_all_is_judged)
{
	uint64_t seed = test_seed();
	struct scene scene;
	pthread_t writer;

	scene_new(&scene, 0, 16 * MIB, MIB, &seed);
	memset(scene.checkpoints.values, 1,
	       scene.checkpoints.count * scene.checkpoints.value_length);
	begin(&scene);
	send(&scene, 0, scene.length);
	ck_assert_int_eq(atomic_load(&scene.good), 0);
	ck_assert(!pthread_create(&writer, NULL, write_damaged_when_closed, &scene));
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_SAME);
	pthread_join(writer, NULL);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

/* ---- Callbacks ---- */

/* Ask for what is damaged at once, from where that was told. */
static int fetch_again(void *user, const struct ssum_range *segment, int verdict)
{
	struct scene *scene = user;

	count_segment(user, segment, verdict);
	missing(scene);
	if (verdict == SSUM_DIFFERS)
		send(scene, segment->offset, segment->length);
	return 0;
}

START_TEST(callbacks_may_call_back)
{
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, 0, 5 * UNIT, UNIT, &seed);
	scene.options.segment = fetch_again;
	begin(&scene);
	send_damaged(&scene, 0, scene.length, UNIT);
	ck_assert_int_eq(atomic_load(&scene.damaged), 1);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

static int stop_at_segment(void *user, const struct ssum_range *segment, int verdict)
{
	return count_segment(user, segment, verdict) + 1;
}

static int stop_at_range(void *user, const struct ssum_range *range)
{
	(void)range;
	++*(int *)user;
	return 1;
}

START_TEST(callbacks_may_stop)
{
	uint64_t seed = test_seed();
	struct scene scene;
	int told = 0;

	scene_new(&scene, 0, 5 * UNIT, UNIT, &seed);
	scene.options.segment = stop_at_segment;
	begin(&scene);
	assert_code(ssum_receiver_missing(scene.receiver, stop_at_range, &told),
		    SSUM_ERR_CANCELLED);
	ck_assert_int_eq(told, 1);
	assert_code(ssum_receiver_write(scene.receiver, 0, scene.content, scene.length),
		    SSUM_ERR_CANCELLED);
	ck_assert_str_eq(missing(&scene), "4096+16384 "); /* the verdict stands */
	scene_free(&scene);
}
END_TEST

START_TEST(cancelled)
{
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, 0, 5 * UNIT, UNIT, &seed);
	assert_ok(ssum_context_new(NULL, &scene.context));
	begin(&scene);
	send(&scene, 0, UNIT);
	send(&scene, 2 * UNIT, 100);
	ssum_cancel(scene.context);
	assert_code(ssum_receiver_write(scene.receiver, 0, "x", 1), SSUM_ERR_CANCELLED);
	assert_code(ssum_receiver_hole(scene.receiver, 0, 1), SSUM_ERR_CANCELLED);
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_ERR_CANCELLED);
	ck_assert_str_eq(missing(&scene), "4096+4096 8292+12188 ");
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	ssum_receiver_free(scene.receiver);

	assert_ok(ssum_receiver_load(NULL, &scene.options, scene.state, &scene.receiver));
	ck_assert_str_eq(missing(&scene), "4096+4096 8292+12188 ");
	repair(&scene);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

/* ---- Restarts ---- */

static void restart(struct scene *scene)
{
	ssum_receiver_free(scene->receiver);
	assert_ok(ssum_receiver_load(scene->context, &scene->options, scene->state,
				     &scene->receiver));
}

START_TEST(restarts)
{
	uint64_t seed = test_seed() + (uint64_t)_i;
	struct scene scene;

	scene_new(&scene, _i % ALGORITHMS, 1 + (size_t)(next_random(&seed) % 120000), UNIT, &seed);
	if (next_random(&seed) % 5 == 0)
		scene.options.checkpoints = NULL;
	begin(&scene);
	for (int i = 0; i < 6; i++) {
		send_randomly(&scene, &seed, (int)(next_random(&seed) % 60));
		char *before = strdup(missing(&scene));
		assert_ok(ssum_receiver_save(scene.receiver, scene.state));
		int lost = next_random(&seed) % 2;
		if (lost) /* what comes between the last save and the end of the process */
			send_randomly(&scene, &seed, 5);
		restart(&scene);
		if (!lost)
			ck_assert_str_eq(missing(&scene), before);
		free(before);
	}
	repair_all(&scene);
	scene_free(&scene);
}
END_TEST

/* What was good in a file that moved is read, and the rest is missing. */
START_TEST(changed_file)
{
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, 0, 8 * UNIT + 10, UNIT, &seed);
	fill_random(scene.content, scene.length, &seed);
	contents_changed(&scene);
	begin(&scene);
	send(&scene, 0, 4 * UNIT + 99);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	switch (_i) {
	case 0: /* one byte */
		ck_assert_int_eq(pwrite(scene.options.fd, "\0\0\0\0\0\0\0", 7, 2 * UNIT + 7), 7);
		break;
	case 1: /* and with the old modification time */
		ck_assert_int_eq(pwrite(scene.options.fd, "\0\0\0\0\0\0\0", 7, 2 * UNIT + 7), 7);
		ck_assert(!futimens(scene.options.fd,
				    (struct timespec[]){{.tv_sec = 1}, {.tv_sec = 2}}));
		break;
	case 2:
		ck_assert(!ftruncate(scene.options.fd, 2 * UNIT));
		break;
	case 3: /* another file of that name */
		ck_assert(!unlink(scene.path));
		close(scene.options.fd);
		scene.options.fd = open_file(scene.path);
		break;
	case 4: /* the same bytes in another file */
		free(run_command(NULL, "cd %s && cp file copy && mv copy file", scene.folder));
		close(scene.options.fd);
		scene.options.fd = open_file(scene.path);
		break;
	case 5: /* nobody knows, and nobody believes it */
		scene.options.read_again = 1;
		break;
	case 6: /* it was cut before it was saved */
		ck_assert(!ftruncate(scene.options.fd, 2 * UNIT));
		assert_ok(ssum_receiver_save(scene.receiver, scene.state));
		break;
	}
	static const char *const expected[] = {
		"8192+4096 16384+16394 ", "8192+4096 16384+16394 ", "8192+24586 ", "0+32778 ",
		"16384+16394 ",           "16384+16394 ",           "8192+24586 "};
	atomic_store(&scene.good, 0);
	restart(&scene);
	ck_assert_str_eq(missing(&scene), expected[_i]);
	ck_assert_int_eq(atomic_load(&scene.good) + atomic_load(&scene.damaged), 4);
	repair(&scene);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

/* What is loaded is what the file holds, also where it came as a hole and that was overwritten
   without a sign. */
START_TEST(a_loaded_hole_is_read)
{
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, 0, UNIT, UNIT, &seed);
	zero(&scene, 1000, 1000);
	begin(&scene);
	assert_ok(ssum_receiver_hole(scene.receiver, 1000, 1000));
	ck_assert_int_eq(pwrite(scene.options.fd, "x", 1, 1500), 1);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	restart(&scene);
	ck_assert_str_eq(missing(&scene), "0+1000 2000+2096 ");
	send(&scene, 0, 1000);
	send(&scene, 2000, 2096);
	ck_assert_int_eq(atomic_load(&scene.damaged), 1);
	scene_free(&scene);
}
END_TEST

/* A segment that was complete and not judged when the process ended. */
START_TEST(a_loaded_segment_that_is_complete)
{
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, 0, 2 * UNIT, UNIT, &seed);
	begin(&scene);
	send(&scene, 0, UNIT);
	send(&scene, UNIT, UNIT - 1);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	ck_assert_int_eq(pwrite(scene.options.fd, scene.content + 2 * UNIT - 1, 1, 2 * UNIT - 1),
			 1);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	free(run_command(NULL, "sed -i 's/4095$/4096/' %s", scene.state));
	restart(&scene);
	ck_assert_str_eq(missing(&scene), "");
	ck_assert_int_eq(atomic_load(&scene.good), 1);
	assert_received(&scene);
	ck_assert_int_eq(atomic_load(&scene.good), 2);
	scene_free(&scene);
}
END_TEST

/* Who is told of a damaged segment sends all he has: none may be held while he does. */
static int send_all_again(void *user, const struct ssum_range *segment, int verdict)
{
	struct scene *scene = user;

	count_segment(user, segment, verdict);
	if (verdict == SSUM_DIFFERS)
		send(scene, 0, scene->length);
	return 0;
}

/* Many of them, one with a wrong byte, are judged side by side when all is asked for. */
START_TEST(loaded_segments_that_are_complete)
{
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, _i % ALGORITHMS, 12 * UNIT, UNIT, &seed);
	scene.options.segment = send_all_again;
	begin(&scene);
	for (uint64_t at = 0; at < scene.length; at += UNIT)
		send(&scene, at, UNIT - 1);
	for (uint64_t at = UNIT - 1; at < scene.length; at += UNIT) {
		unsigned char byte = scene.content[at] ^ (at / UNIT == 7);

		ck_assert_int_eq(pwrite(scene.options.fd, &byte, 1, (off_t)at), 1);
	}
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	free(run_command(NULL, "sed -i 's/4095$/4096/' %s", scene.state));
	restart(&scene);
	ck_assert_str_eq(missing(&scene), "");
	ck_assert_int_eq(atomic_load(&scene.good), 0);
	assert_received(&scene);
	ck_assert_int_eq(atomic_load(&scene.damaged), 1);
	ck_assert_int_eq(atomic_load(&scene.good), 12);
	scene_free(&scene);
}
END_TEST

static uint64_t told_up_to;

static int told_in_order(void *user, const struct ssum_range *segment, int verdict)
{
	ck_assert_uint_eq(segment->offset, told_up_to);
	told_up_to += segment->length;
	return count_segment(user, segment, verdict);
}

/* What is read again is judged by any number of threads, and told in order all the same. */
START_TEST(read_again_by_threads)
{
	struct ssum_options options = {.size = sizeof(options), .threads = 1u << (_i / 2)};
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, _i % ALGORITHMS, 40 * UNIT + 10, UNIT, &seed);
	assert_ok(ssum_context_new(&options, &scene.context));
	begin(&scene);
	send(&scene, 0, scene.length);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	for (size_t at = 10 * UNIT + 5; at < scene.length; at += 15 * UNIT) {
		unsigned char byte = scene.content[at] ^ 0x20;

		ck_assert_int_eq(pwrite(scene.options.fd, &byte, 1, (off_t)at), 1);
	}
	scene.options.segment = told_in_order;
	scene.options.read_again = _i % 2;
	told_up_to = 0;
	atomic_store(&scene.good, 0);
	restart(&scene);
	ck_assert_uint_eq(told_up_to, scene.length);
	ck_assert_int_eq(atomic_load(&scene.good), 38);
	ck_assert_str_eq(missing(&scene), "40960+4096 102400+4096 163840+10 ");
	scene.options.segment = count_segment;
	restart(&scene);
	repair(&scene);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

/* Who has heard enough stops it. */
START_TEST(read_again_may_be_stopped)
{
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, 0, 40 * UNIT, UNIT, &seed);
	begin(&scene);
	send(&scene, 0, scene.length);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	ssum_receiver_free(scene.receiver);
	scene.options.read_again = 1;
	scene.options.segment = stop_at_segment;
	atomic_store(&scene.good, 0);
	assert_code(ssum_receiver_load(NULL, &scene.options, scene.state, &scene.receiver),
		    SSUM_ERR_CANCELLED);
	ck_assert_ptr_null(scene.receiver);
	ck_assert_int_eq(atomic_load(&scene.good), 1);
	scene_free(&scene);
}
END_TEST

/* ---- States that are none ---- */

static const struct {
	const char *edit; /* of sed */
	int result;
} edits[] = {
	{"s/^sparsesum-receiver 1/sparsesum-receiver 2/", SSUM_ERR_MALFORMED},
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
	{"2s/[0-9]*$/1/", SSUM_ERR_STATE},
	{"2s/[0-9a-f]\t/g\t/", SSUM_ERR_STATE},
	{"3s/4096/8192/", SSUM_ERR_STATE},
	{"3s/.$/x/", SSUM_ERR_STATE},
};

START_TEST(malformed_states)
{
	uint64_t seed = test_seed();
	struct scene scene;
	int status;

	scene_new(&scene, 0, 5 * UNIT, UNIT, &seed);
	begin(&scene);
	send(&scene, 0, UNIT);
	send(&scene, 2 * UNIT + 5, 100);
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
	ck_assert_int_eq(lseek(scene.options.fd, 0, SEEK_END), 7); /* nothing was done to it */
	scene_free(&scene);
}
END_TEST

START_TEST(states_of_another_content)
{
	uint64_t seed = test_seed();
	struct scene scene;
	struct ssum_receiver *receiver;

	scene_new(&scene, 0, 5 * UNIT, UNIT, &seed);
	begin(&scene);
	send(&scene, 0, UNIT);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));

	/* What was proven with other checkpoints may be wrong data between wrong values. */
	spoil(&scene, 3);
	assert_code(ssum_receiver_load(NULL, &scene.options, scene.state, &receiver),
		    SSUM_ERR_STATE);
	spoil(&scene, 3);
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
	assert_code(ssum_receiver_load(NULL, &scene.options, scene.folder, &receiver),
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

/* ---- Failures ---- */

static void limit_file_size(rlim_t size)
{
	struct rlimit limit = {size, RLIM_INFINITY};

	signal(SIGXFSZ, SIG_IGN);
	ck_assert(!setrlimit(RLIMIT_FSIZE, &limit));
}

START_TEST(writes_that_fail)
{
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, _i, 5 * UNIT, UNIT, &seed);
	begin(&scene);
	send(&scene, 2 * UNIT, 600);
	send(&scene, 2 * UNIT + 1500, 600);
	limit_file_size(2 * UNIT + 1000);
	assert_code(ssum_receiver_write(scene.receiver, 0, scene.content, scene.length), -EFBIG);
	limit_file_size(RLIM_INFINITY);
	ck_assert_int_eq(atomic_load(&scene.good), 2);
	ck_assert_str_eq(missing(&scene), "8192+12288 "); /* what may be spoilt is missing too */

	send(&scene, 2 * UNIT, 600);
	send(&scene, 3 * UNIT - 20, 20);
	limit_file_size(2 * UNIT + 1000);
	assert_code(ssum_receiver_write(scene.receiver, 2 * UNIT + 500, scene.content, 1500),
		    -EFBIG);
	limit_file_size(RLIM_INFINITY);
	ck_assert_str_eq(missing(&scene), "8692+3576 12288+8192 ");
	repair(&scene);
	ck_assert_int_eq(atomic_load(&scene.damaged), 0);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

/* A tmpfs of that size on the folder, or false with the reason. */
static bool mount_small(const char *folder, const char *size)
{
	if (!mount("tmpfs", folder, "tmpfs", 0, size))
		return true;
	note_skip("full_file_system", "no tmpfs can be mounted here: %s", strerror(errno));
	return false;
}

/* The disk is full, not by a limit of the process: what did not fit is missing, no state is written
   over the one before, and when there is room again, all goes on. */
START_TEST(full_file_system)
{
	uint64_t seed = test_seed();
	char *folder = scratch_here(), *ballast = path_in(folder, "ballast");
	unsigned char full[24 * UNIT] = {1};
	struct ssum_receiver *loaded;
	struct scene scene;

	if (!mount_small(folder, "size=160k")) {
		scratch_remove(folder);
		free(ballast);
		return;
	}
	scene_in(&scene, folder, _i, 20 * UNIT, UNIT, &seed);
	begin(&scene);
	send(&scene, 0, 2 * UNIT);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	write_file(ballast, full, sizeof(full));

	assert_code(ssum_receiver_write(scene.receiver, 0, scene.content, scene.length), -ENOSPC);
	int good = atomic_load(&scene.good);
	ck_assert_msg(good > 2 && good < 20, "%d segments are good", good);
	ck_assert_str_ne(missing(&scene), "");
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_ERR_INCOMPLETE);
	assert_code(ssum_receiver_save(scene.receiver, scene.state), -ENOSPC);
	assert_ok(ssum_receiver_load(NULL, &scene.options, scene.state, &loaded));
	ssum_receiver_free(loaded);

	ck_assert(!unlink(ballast));
	repair(&scene);
	ck_assert_int_eq(atomic_load(&scene.damaged), 0);
	assert_received(&scene);
	assert_ok(ssum_receiver_save(scene.receiver, scene.state));
	scene_free(&scene);
	ck_assert(!umount2(folder, MNT_DETACH));
	scratch_remove(folder);
	free(ballast);
	tried(34, 3);
}
END_TEST

/* It has no length to be set, no holes, and no times that tell whether somebody else wrote. */
START_TEST(block_devices_are_refused)
{
	uint64_t seed = test_seed();
	struct ssum_receiver *receiver;
	struct scene scene;
	int status;

	scene_new(&scene, 0, 5 * UNIT, UNIT, &seed);
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

/* A file that somebody has cut cannot be read back. */
START_TEST(reads_that_fail)
{
	uint64_t seed = test_seed();
	struct scene scene;

	scene_new(&scene, 0, 2 * UNIT, UNIT, &seed);
	begin(&scene);
	send(&scene, 100, 100);
	send(&scene, UNIT + 100, UNIT - 100);
	ck_assert(!ftruncate(scene.options.fd, UNIT));
	assert_code(ssum_receiver_write(scene.receiver, UNIT, scene.content + UNIT, 100),
		    SSUM_ERR_CHANGED);
	ck_assert_str_eq(missing(&scene), "0+100 200+7992 ");
	assert_code(ssum_receiver_finish(scene.receiver), SSUM_ERR_CHANGED);
	ck_assert(!ftruncate(scene.options.fd, 2 * UNIT));
	repair(&scene);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

START_TEST(bounded)
{
	uint64_t seed = test_seed();
	size_t limit = _i ? 100 : 65536;
	struct scene scene;

	scene_new(&scene, 0, 300001, _i == 2 ? UNIT : 512 * KIB, &seed);
	scene.options.pieces = _i ? limit : 0;
	begin(&scene);
	for (uint64_t at = 1; at < scene.length; at += 2) {
		send(&scene, at, 1);
		ck_assert_uint_le(scene.receiver->pieces, limit);
	}
	ck_assert_uint_eq(scene.receiver->pieces, limit);
	repair(&scene);
	assert_received(&scene);
	scene_free(&scene);
}
END_TEST

START_TEST(bad_arguments)
{
	uint64_t seed = test_seed();
	struct scene scene;
	struct ssum_receiver *receiver;
	struct ssum_receiver_options options;

	scene_new(&scene, 0, 5 * UNIT, UNIT, &seed);
	begin(&scene);
	assert_code(ssum_receiver_write(scene.receiver, scene.length, "x", 1), -EINVAL);
	assert_code(ssum_receiver_write(scene.receiver, scene.length - 1, "xx", 2), -EINVAL);
	assert_code(ssum_receiver_write(scene.receiver, UINT64_MAX, "xx", 2), -EINVAL);
	assert_code(ssum_receiver_hole(scene.receiver, 1, UINT64_MAX), -EINVAL);
	assert_code(ssum_receiver_hole(scene.receiver, UINT64_MAX, UINT64_MAX), -EINVAL);
	assert_ok(ssum_receiver_write(scene.receiver, scene.length, "x", 0));
	assert_ok(ssum_receiver_write(scene.receiver, 0, NULL, 0));
	assert_code(ssum_receiver_write(scene.receiver, 0, NULL, 1), -EINVAL);
	ck_assert_str_eq(missing(&scene), "0+20480 ");

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

int main(void)
{
	const struct test tests[] = {
		{in_order, ALGORITHMS},
		{every_length, ALGORITHMS},
		{nothing_differs_from_another_digest, 0},
		{other_algorithms, 0},
		{random_orders, MAP_SEEDS},
		{backwards, ALGORITHMS},
		{only_what_has_to_be_is_read, 0},
		{damage_is_located, ALGORITHMS},
		{no_byte_may_be_wrong, ALGORITHMS},
		{what_is_proven_stays, 0},
		{the_last_piece_counts, 0},
		{wrong_checkpoints_decide_nothing, ALGORITHMS},
		{wrong_checkpoints_beside_damage, ALGORITHMS},
		{checkpoints_of_wrong_data, ALGORITHMS},
		{holes_are_holes, FILE_SYSTEMS},
		{zeros_where_no_hole_can_be, 0},
		{holes_and_bytes_over_each_other, 2},
		{several_threads, 10},
		{a_write_while_all_is_judged, 0},
		{callbacks_may_call_back, 0},
		{callbacks_may_stop, 0},
		{cancelled, 0},
		{restarts, MAP_SEEDS / 2},
		{changed_file, 7},
		{a_loaded_hole_is_read, 0},
		{a_loaded_segment_that_is_complete, 0},
		{loaded_segments_that_are_complete, ALGORITHMS},
		{read_again_by_threads, 6},
		{read_again_may_be_stopped, 0},
		{malformed_states, ARRAY_SIZE(edits)},
		{states_of_another_content, 0},
		{writes_that_fail, ALGORITHMS},
		{full_file_system, ALGORITHMS},
		{block_devices_are_refused, 0},
		{reads_that_fail, 0},
		{bounded, 3},
		{bad_arguments, 0},
	};

	return run_suite("receiver", tests, ARRAY_SIZE(tests));
}
