/* SPDX-License-Identifier: MIT */
/* Streams: bytes and zeros in pieces of any size, with saving, restoring and copying, against
   libcrypto. An input is a program. */
#include <openssl/evp.h>
#include <string.h>

#include "digest/stream.h"
#include "support/fuzz.h"
#include "support/reference.h"

#define CONTENT_MAX 65536

static const char *const algorithms[] = {"sha1",   "sha224",   "sha256", "sha384",
					 "sha512", "sha3-256", "md5"};

struct state {
	const char *algorithm;
	struct ssum_stream *stream;
	EVP_MD_CTX *oracle;
	unsigned char content[CONTENT_MAX];
	size_t length;
	size_t block;
	bool has_values; /* between two blocks */
};

static void append(struct state *state, size_t length, uint64_t seed)
{
	unsigned char *at = state->content + state->length;

	length = min_u64(length, CONTENT_MAX - state->length);
	for (size_t i = 0; i < length; i++)
		at[i] = seed ? (unsigned char)(seed * (i + 1) >> 3) : 0;
	if (seed)
		require(!ssum_stream_update(state->stream, at, length));
	else
		require(!ssum_stream_zeros(state->stream, length));
	require(EVP_DigestUpdate(state->oracle, at, length));
	state->length += length;
}

/* Between two blocks, the chaining value is that of libcrypto, and a stream can continue from
   it. */
static void save_and_restore(struct state *state)
{
	struct ssum_digest value, expected;
	int rc = ssum_stream_save(state->stream, &value);

	require((rc == 0) == (state->has_values && state->length % state->block == 0));
	if (rc) {
		require(rc == SSUM_ERR_NO_CHECKPOINT && !value.length);
		return;
	}
	expected = reference_of_bytes(state->algorithm, state->content, state->length);
	require(ssum_digest_equal(&value, &expected));
	ssum_stream_free(state->stream);
	require(!ssum_stream_restore(state->algorithm, state->length, &value, &state->stream));
}

/* Data appended to a copy do not change the original. */
static void copy(struct state *state)
{
	struct ssum_digest peeked, expected = {0};
	struct ssum_stream other;
	EVP_MD_CTX *oracle = EVP_MD_CTX_new();
	unsigned length;

	require(!stream_copy(&other, state->stream));
	require(!stream_peek(&other, &peeked));
	require(!ssum_stream_update(&other, "other", 5));
	stream_clear(&other);
	require(oracle && EVP_MD_CTX_copy_ex(oracle, state->oracle) &&
		EVP_DigestFinal_ex(oracle, expected.bytes, &length));
	expected.length = length;
	require(ssum_digest_equal(&peeked, &expected));
	EVP_MD_CTX_free(oracle);
}

/* Near the maximum length of the algorithm, no byte beyond it is accepted. */
static void end_of_range(struct state *state, uint64_t blocks, size_t length)
{
	struct ssum_algorithm_info info = {.size = sizeof(info)};
	struct ssum_digest value = {0};
	struct ssum_stream *stream;

	require(!ssum_algorithm(state->algorithm, &info));
	if (info.max_length == UINT64_MAX || ssum_stream_save(state->stream, &value))
		return;
	uint64_t offset = info.max_length / info.block_length * info.block_length -
			  blocks * info.block_length;
	bool fits = length <= info.max_length - offset;

	require(!ssum_stream_restore(state->algorithm, offset, &value, &stream));
	require(ssum_stream_zeros(stream, length) == (fits ? 0 : SSUM_ERR_TOO_LONG));
	require(ssum_stream_update(stream, state->content, 0) == 0);
	ssum_stream_free(stream);
}

static void step(struct state *state, struct program *program)
{
	switch (take_below(program, 8)) {
	case 0:
	case 1:
		append(state, take_below(program, 256), 1 + take_below(program, 255));
		break;
	case 2:
		append(state, take_below(program, 20000), 1 + take_below(program, 255));
		break;
	case 3:
		append(state, take_below(program, 20000), 0);
		break;
	case 4: /* up to the next block */
		append(state, state->block - state->length % state->block, take_below(program, 2));
		break;
	case 5:
		save_and_restore(state);
		break;
	case 6:
		copy(state);
		break;
	default:
		end_of_range(state, take_below(program, 4), take_below(program, 600));
	}
}

static void require_digest(struct state *state)
{
	struct ssum_digest digest, expected = {0}, again;
	unsigned length;

	require(EVP_DigestFinal_ex(state->oracle, expected.bytes, &length));
	expected.length = length;
	require(!ssum_stream_final(state->stream, &digest));
	require(ssum_digest_equal(&digest, &expected));
	require(ssum_stream_final(state->stream, &again) == SSUM_ERR_FINISHED);
	require(ssum_stream_update(state->stream, "x", 1) == SSUM_ERR_FINISHED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	static struct state state;
	struct ssum_algorithm_info info = {.size = sizeof(info)};
	struct program program = {data, length};

	size_t row = take_below(&program, ARRAY_SIZE(algorithms));
	state.algorithm = algorithms[row];
	state.has_values = row < REFERENCES;
	require(!ssum_algorithm(state.algorithm, &info));
	state.block = info.block_length;
	state.length = 0;
	state.oracle = EVP_MD_CTX_new();
	require(!ssum_stream_new(state.algorithm, &state.stream));
	require(state.oracle &&
		EVP_DigestInit_ex2(state.oracle, EVP_get_digestbyname(state.algorithm), NULL));
	while (program.left)
		step(&state, &program);
	require_digest(&state);
	ssum_stream_free(state.stream);
	EVP_MD_CTX_free(state.oracle);
	return 0;
}
