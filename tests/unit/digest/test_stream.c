/* SPDX-License-Identifier: MIT */
/* Streams: published vectors, splits, zeros, the limit of the length, and the end. */
#include <string.h>

#include "digest/stream.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/reference.h"
#include "support/streams.h"
#include "support/suite.h"

static const char *const algorithms[] = {"sha1",   "sha224", "sha256",
					 "sha384", "sha512", "sha3-256"};
#define ALGORITHMS ((int)ARRAY_SIZE(algorithms))
#define OWN 5

/* ---- The examples of FIPS 180-4 and of NIST ---- */

#define TWO_BLOCKS_64 "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
#define TWO_BLOCKS_128                                                                             \
	"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"                                 \
	"hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"

static const struct {
	const char *algorithm, *text;
	size_t times;
	const char *digest;
} vectors[] = {
	{"sha1", "abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
	{"sha1", "", 1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
	{"sha1", TWO_BLOCKS_64, 1, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
	{"sha1", "a", 1000000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"},
	{"sha224", "abc", 1, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
	{"sha224", "", 1, "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f"},
	{"sha224", TWO_BLOCKS_64, 1, "75388b16512776cc5dba5da1fd890150b0c6455cb4f58b1952522525"},
	{"sha224", "a", 1000000, "20794655980c91d8bbb4c1ea97618a4bf03f42581948b2ee4ee7ad67"},
	{"sha256", "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"sha256", "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{"sha256", TWO_BLOCKS_64, 1,
	 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	{"sha256", "a", 1000000,
	 "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
	{"sha384", "abc", 1,
	 "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
	 "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
	{"sha384", "", 1,
	 "38b060a751ac96384cd9327eb1b1e36a21fdb71114be0743"
	 "4c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b"},
	{"sha384", TWO_BLOCKS_128, 1,
	 "09330c33f71147e83d192fc782cd1b4753111b173b3b05d2"
	 "2fa08086e3b0f712fcc7c71a557e2db966c3e9fa91746039"},
	{"sha384", "a", 1000000,
	 "9d0e1809716474cb086e834e310a4a1ced149e9c00f24852"
	 "7972cec5704c2a5b07b8b3dc38ecc4ebae97ddd87f3d8985"},
	{"sha512", "abc", 1,
	 "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	 "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
	{"sha512", "", 1,
	 "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
	 "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"},
	{"sha512", TWO_BLOCKS_128, 1,
	 "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
	 "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909"},
	{"sha512", "a", 1000000,
	 "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
	 "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b"},
	{"sha3-256", "abc", 1, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
};

START_TEST(published_vector)
{
	struct ssum_stream *stream = new_stream(vectors[_i].algorithm);
	struct ssum_digest expected;

	for (size_t i = 0; i < vectors[_i].times; i++)
		ssum_stream_update(stream, vectors[_i].text, strlen(vectors[_i].text));
	assert_ok(ssum_digest_parse(vectors[_i].digest, &expected));
	assert_digest_eq(finish_stream(stream), expected);
}
END_TEST

/* ---- Splits ---- */

#define LONGEST 100000
#define ROUNDS 20

/* Append data and zeros in pieces: near the length of a block or of a buffer, or of any length. */
static struct ssum_digest hash_in_pieces(const char *algorithm, unsigned char *data, size_t length,
					 uint64_t *random)
{
	static const size_t near[] = {0, 1, 63, 64, 65, 127, 128, 129, 16384, 16385};
	struct ssum_stream *stream = new_stream(algorithm);

	for (size_t at = 0; at < length;) {
		uint64_t choice = next_random(random);
		size_t piece = choice % 3 ? near[choice / 8 % ARRAY_SIZE(near)]
					  : choice / 8 % (length - at + 1);

		piece = piece < length - at ? piece : length - at;
		if (choice % 5) {
			assert_ok(ssum_stream_update(stream, data + at, piece));
		} else {
			memset(data + at, 0, piece);
			assert_ok(ssum_stream_zeros(stream, piece));
		}
		at += piece;
	}
	return finish_stream(stream);
}

START_TEST(any_split_gives_the_same_digest)
{
	static unsigned char data[LONGEST];
	uint64_t seed = test_seed(), random = seed;

	for (int round = 0; round < ROUNDS; round++) {
		size_t length = next_random(&random) % (round % 2 ? 600 : LONGEST);
		fill_random(data, length, &random);
		struct ssum_digest digest = hash_in_pieces(algorithms[_i], data, length, &random);
		struct ssum_digest expected = oracle_of_bytes(algorithms[_i], data, length);

		ck_assert_msg(ssum_digest_equal(&digest, &expected), "%s, %zu bytes, seed %llu",
			      algorithms[_i], length, (unsigned long long)seed);
	}
}
END_TEST

START_TEST(every_length_up_to_300_bytes)
{
	unsigned char data[300];
	uint64_t random = 1;

	fill_random(data, sizeof(data), &random);
	for (size_t length = 0; length <= sizeof(data); length++) {
		struct ssum_stream *stream = new_stream(algorithms[_i]);

		assert_ok(ssum_stream_update(stream, data, length));
		assert_digest_eq(finish_stream(stream),
				 oracle_of_bytes(algorithms[_i], data, length));
	}
}
END_TEST

/* ---- Zeros ---- */

START_TEST(zeros_at_every_alignment)
{
	static const size_t runs[] = {0,   1,   62,   63,    64,    65,   127,
				      128, 129, 1000, 16383, 16384, 16385};
	static unsigned char data[130 + 16385 + 1];

	for (size_t before = 0; before <= 129; before++) {
		size_t run = runs[before % ARRAY_SIZE(runs)];
		struct ssum_stream *stream = new_stream(algorithms[_i]);

		memset(data, 0, sizeof(data));
		memset(data, 0xa5, before);
		data[before + run] = 0x5a;
		assert_ok(ssum_stream_update(stream, data, before));
		assert_ok(ssum_stream_zeros(stream, run));
		assert_ok(ssum_stream_update(stream, data + before + run, 1));
		assert_digest_eq(finish_stream(stream),
				 oracle_of_bytes(algorithms[_i], data, before + run + 1));
	}
}
END_TEST

START_TEST(many_zeros)
{
	static const uint64_t length = 300 * MIB + 17;
	struct ssum_stream *stream = new_stream("sha1");
	int status;

	assert_ok(ssum_stream_zeros(stream, length));
	char *said = run_command(&status, "head -c %llu /dev/zero | sha1sum",
				 (unsigned long long)length);
	ck_assert_int_eq(status, 0);
	said[40] = '\0';
	struct ssum_digest expected;
	assert_ok(ssum_digest_parse(said, &expected));
	assert_digest_eq(finish_stream(stream), expected);
	free(said);
}
END_TEST

/* ---- Lengths that take too long to read ---- */

/* A stream in the state after `length` bytes, with the initial chaining value. The length must be a
   multiple of the block size, because nothing is pending. */
static struct ssum_stream *pretend(const char *algorithm, uint64_t length)
{
	struct ssum_stream *stream = new_stream(algorithm);

	stream->length = length;
	return stream;
}

START_TEST(large_lengths_are_counted)
{
	static const uint64_t lengths[] = {
		0,
		UINT64_C(1) << 29, /* 2^32 bits */
		UINT64_C(1) << 31,
		UINT64_C(1) << 32,
		(UINT64_C(1) << 53) + 128,
		(UINT64_C(1) << 61) - 128, /* then 64 bits overflow */
		UINT64_C(1) << 61,         /* 2^64 bits */
		UINT64_MAX - 127,
	};

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		if (_i < 3 && lengths[i] >> 61)
			continue;
		struct ssum_stream *stream = pretend(algorithms[_i], lengths[i]);

		assert_ok(ssum_stream_update(stream, "abc", 3));
		assert_digest_eq(finish_stream(stream),
				 reference_pretends(algorithms[_i], lengths[i], "abc"));
	}
}
END_TEST

/* hazard 14 */
START_TEST(input_beyond_the_limit_is_refused)
{
	uint64_t limit = _i < 3 ? (UINT64_C(1) << 61) - 1 : UINT64_MAX;
	struct ssum_stream *stream = pretend(algorithms[_i], limit - 100), before;

	assert_ok(ssum_stream_update(stream, "0123456789", 10));
	memcpy(&before, stream, sizeof(before));
	assert_code(ssum_stream_update(stream, vectors, 91), SSUM_ERR_TOO_LONG);
	assert_code(ssum_stream_update(stream, "", SIZE_MAX), SSUM_ERR_TOO_LONG);
	assert_code(ssum_stream_zeros(stream, 91), SSUM_ERR_TOO_LONG);
	assert_code(ssum_stream_zeros(stream, limit), SSUM_ERR_TOO_LONG);
	assert_code(ssum_stream_zeros(stream, UINT64_MAX), SSUM_ERR_TOO_LONG);
	ck_assert_mem_eq(stream, &before, sizeof(before));

	assert_ok(ssum_stream_zeros(stream, 90));
	ck_assert_uint_eq(stream->length, limit);
	assert_code(ssum_stream_update(stream, "x", 1), SSUM_ERR_TOO_LONG);
	assert_code(ssum_stream_zeros(stream, 1), SSUM_ERR_TOO_LONG);
	assert_ok(ssum_stream_update(stream, NULL, 0));
	assert_ok(ssum_stream_zeros(stream, 0));
	finish_stream(stream);
	tried(14, 1);
}
END_TEST

START_TEST(refused_input_does_not_change_the_digest)
{
	struct ssum_stream *stream = new_stream(algorithms[_i]);

	assert_ok(ssum_stream_update(stream, "ab", 2));
	assert_code(ssum_stream_zeros(stream, UINT64_MAX), SSUM_ERR_TOO_LONG);
	assert_ok(ssum_stream_update(stream, "c", 1));
	assert_digest_eq(finish_stream(stream), oracle_of_bytes(algorithms[_i], "abc", 3));
}
END_TEST

/* ---- The end ---- */

START_TEST(finished_stream_is_refused)
{
	struct ssum_stream *stream = new_stream(algorithms[_i]);
	struct ssum_digest digest;

	assert_ok(ssum_stream_final(stream, &digest));
	assert_digest_eq(digest, oracle_of_bytes(algorithms[_i], "", 0));
	assert_code(ssum_stream_update(stream, "x", 1), SSUM_ERR_FINISHED);
	assert_code(ssum_stream_update(stream, NULL, 0), SSUM_ERR_FINISHED);
	assert_code(ssum_stream_zeros(stream, 1), SSUM_ERR_FINISHED);
	assert_code(ssum_stream_zeros(stream, 0), SSUM_ERR_FINISHED);
	assert_code(ssum_stream_final(stream, &digest), SSUM_ERR_FINISHED);
	ck_assert_uint_eq(digest.length, 0);
	ssum_stream_free(stream);
}
END_TEST

START_TEST(streams_can_be_freed_in_any_state)
{
	struct ssum_stream *stream = new_stream(algorithms[_i]);

	ssum_stream_free(NULL);
	ssum_stream_free(stream);
	stream = new_stream(algorithms[_i]);
	assert_ok(ssum_stream_update(stream, "abc", 3));
	ssum_stream_free(stream);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{published_vector, ARRAY_SIZE(vectors)},
		{any_split_gives_the_same_digest, ALGORITHMS},
		{every_length_up_to_300_bytes, ALGORITHMS},
		{zeros_at_every_alignment, ALGORITHMS},
		{many_zeros, 0},
		{large_lengths_are_counted, OWN},
		{input_beyond_the_limit_is_refused, OWN},
		{refused_input_does_not_change_the_digest, ALGORITHMS},
		{finished_stream_is_refused, ALGORITHMS},
		{streams_can_be_freed_in_any_state, ALGORITHMS},
	};

	return run_suite("stream", tests, ARRAY_SIZE(tests));
}
