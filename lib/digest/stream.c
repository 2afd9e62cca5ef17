/* SPDX-License-Identifier: MIT */
#include "digest/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "digest/compress.h"

/* Zeros for algorithms and lengths that need a buffer. */
static const unsigned char zeros[4 * KIB];

/* Runs of zeros from the first length on need no buffer. They are hashed in pieces of the second,
   which fits into every size_t. */
#define ZERO_BLOCKS_MIN (2 * BLOCK_MAX)
#define ZERO_BLOCKS_MAX (1024 * MIB)

static int stream_check_room(const struct ssum_stream *stream, uint64_t more)
{
	if (stream->finished)
		return SSUM_ERR_FINISHED;
	return more > stream->algorithm->max_length - stream->length ? SSUM_ERR_TOO_LONG : 0;
}

/* ---- Chains of the library's own ---- */

/* Hash data with the kernels: first fill up a block that was begun, then whole blocks from where
   they are; keep what is left for later. */
static void chain_absorb(struct ssum_stream *stream, const unsigned char *data, size_t length)
{
	const size_t block_length = stream->algorithm->block_length;
	union chain *chains[] = {&stream->chain};

	if (stream->partial) {
		size_t taken = (size_t)min_u64(length, block_length - stream->partial);

		memcpy(stream->block + stream->partial, data, taken);
		stream->partial += taken;
		data += taken;
		length -= taken;
		if (stream->partial < block_length)
			return;
		compress_blocks(stream->algorithm, chains,
				(const unsigned char *const[]){stream->block}, 1, 1);
		stream->partial = 0;
	}
	size_t blocks = length / block_length;
	if (blocks)
		compress_blocks(stream->algorithm, chains, &data, 1, blocks);
	stream->partial = length % block_length;
	if (stream->partial)
		memcpy(stream->block, data + blocks * block_length, stream->partial);
}

/* As many bytes of the chaining value as the digest or the value has. */
static void chain_bytes(const struct ssum_stream *stream, struct ssum_digest *value)
{
	size_t size = stream->algorithm->family->word_length;

	for (size_t i = 0; i < value->length; i++) {
		uint64_t word = size == 4 ? stream->chain.w32[i / 4] : stream->chain.w64[i / 8];

		value->bytes[i] = (unsigned char)(word >> (8 * (size - 1 - i % size)));
	}
}

static void chain_set(struct ssum_stream *stream, const struct ssum_digest *value)
{
	size_t size = stream->algorithm->family->word_length;

	for (size_t i = 0; i < value->length; i += size) {
		uint64_t word = 0;

		for (size_t j = 0; j < size; j++)
			word = word << 8 | value->bytes[i + j];
		if (size == 4)
			stream->chain.w32[i / size] = (uint32_t)word;
		else
			stream->chain.w64[i / size] = word;
	}
}

/* Padding: a one bit, zeros, and the length in bits, big-endian (FIPS 180-4, section 5.1). */
static void chain_final(struct ssum_stream *stream, struct ssum_digest *digest)
{
	const struct kernel_family *family = stream->algorithm->family;
	unsigned char tail[BLOCK_MAX] = {0x80};
	unsigned char bits[16] = {0};
	uint64_t length = stream->length;
	size_t end = family->block_length - family->length_length;
	size_t padding =
		(stream->partial < end ? end : end + family->block_length) - stream->partial;

	bits[7] = (unsigned char)(length >> 61);
	for (int i = 0; i < 8; i++)
		bits[8 + i] = (unsigned char)(length << 3 >> (56 - 8 * i));

	chain_absorb(stream, tail, padding);
	chain_absorb(stream, bits + sizeof(bits) - family->length_length, family->length_length);
	chain_bytes(stream, digest);
}

/* ---- Both kinds ---- */

static int stream_absorb(struct ssum_stream *stream, const unsigned char *data, size_t length)
{
	if (stream->evp) {
		if (!EVP_DigestUpdate(stream->evp, data, length)) {
			stream->finished = true; /* there is no digest after an error */
			return SSUM_ERR_CRYPTO;
		}
	} else {
		chain_absorb(stream, data, length);
	}
	stream->length += length;
	return 0;
}

int stream_init(struct ssum_stream *stream, const struct algorithm *algorithm)
{
	*stream = (struct ssum_stream){.algorithm = algorithm, .chain = algorithm->initial};
	if (algorithm->family)
		return 0;

	stream->evp = EVP_MD_CTX_new();
	if (!stream->evp)
		return -ENOMEM;
	if (!EVP_DigestInit_ex2(stream->evp, algorithm->evp, NULL)) {
		stream_clear(stream);
		return SSUM_ERR_CRYPTO;
	}
	return 0;
}

size_t chain_length(const struct algorithm *algorithm)
{
	const struct kernel_family *family = algorithm->family;

	return family ? family->word_length * family->chain_words : 0;
}

int stream_restore(struct ssum_stream *stream, const struct algorithm *algorithm, uint64_t offset,
		   const struct ssum_digest *value)
{
	int rc;

	if (!chain_length(algorithm) || value->length != chain_length(algorithm) ||
	    offset % algorithm->block_length || offset > algorithm->max_length)
		return SSUM_ERR_NO_CHECKPOINT;
	rc = stream_init(stream, algorithm);
	if (rc)
		return rc;
	stream->length = offset;
	chain_set(stream, value);
	return 0;
}

int stream_copy(struct ssum_stream *copy, const struct ssum_stream *stream)
{
	*copy = *stream;
	if (!stream->evp)
		return 0;
	copy->evp = EVP_MD_CTX_new();
	if (!copy->evp)
		return -ENOMEM;
	if (!EVP_MD_CTX_copy_ex(copy->evp, stream->evp)) {
		stream_clear(copy);
		return SSUM_ERR_CRYPTO;
	}
	return 0;
}

int stream_peek(const struct ssum_stream *stream, struct ssum_digest *digest)
{
	struct ssum_stream copy;
	int rc = stream_copy(&copy, stream);

	if (!rc)
		rc = ssum_stream_final(&copy, digest);
	stream_clear(&copy);
	return rc;
}

void stream_clear(struct ssum_stream *stream)
{
	EVP_MD_CTX_free(stream->evp);
	*stream = (struct ssum_stream){0};
}

int ssum_stream_update(struct ssum_stream *stream, const void *data, size_t length)
{
	int rc = stream_check_room(stream, length);

	return rc || !length ? rc : stream_absorb(stream, data, length);
}

int ssum_stream_zeros(struct ssum_stream *stream, uint64_t length)
{
	const size_t block_length = stream->algorithm->block_length;
	int rc = stream_check_room(stream, length);

	/* Whole blocks of zeros come from a kernel that loads nothing. */
	while (!rc && stream->algorithm->family && length >= ZERO_BLOCKS_MIN) {
		uint64_t most = min_u64(length, ZERO_BLOCKS_MAX);
		size_t odd = stream->partial ? block_length - stream->partial : 0;
		size_t blocks = (size_t)(most - odd) / block_length;

		chain_absorb(stream, zeros, odd);
		compress_zeros(stream->algorithm, (union chain *[]){&stream->chain}, 1, blocks);
		stream->length += odd + blocks * block_length;
		length -= odd + blocks * block_length;
	}
	while (length && !rc) {
		size_t piece = (size_t)min_u64(length, sizeof(zeros));

		rc = stream_absorb(stream, zeros, piece);
		length -= piece;
	}
	return rc;
}

int ssum_stream_final(struct ssum_stream *stream, struct ssum_digest *digest)
{
	*digest = (struct ssum_digest){0};
	if (stream->finished)
		return SSUM_ERR_FINISHED;
	stream->finished = true;

	if (stream->evp && !EVP_DigestFinal_ex(stream->evp, digest->bytes, NULL))
		return SSUM_ERR_CRYPTO;
	digest->length = stream->algorithm->digest_length;
	if (!stream->evp)
		chain_final(stream, digest);
	return 0;
}

int ssum_stream_save(const struct ssum_stream *stream, struct ssum_digest *value)
{
	*value = (struct ssum_digest){0};
	if (stream->finished)
		return SSUM_ERR_FINISHED;
	if (stream->partial || !chain_length(stream->algorithm))
		return SSUM_ERR_NO_CHECKPOINT;
	value->length = chain_length(stream->algorithm);
	chain_bytes(stream, value);
	return 0;
}

/* ---- A stream on its own, with its algorithm ---- */

struct owned_stream {
	struct ssum_stream stream;
	struct algorithm algorithm;
};

static int stream_new(const char *name, uint64_t offset, const struct ssum_digest *value,
		      struct ssum_stream **stream)
{
	struct owned_stream *owned = calloc(1, sizeof(*owned));
	int rc;

	*stream = NULL;
	if (!owned)
		return -ENOMEM;
	rc = algorithm_find(name, &owned->algorithm);
	if (!rc)
		rc = value ? stream_restore(&owned->stream, &owned->algorithm, offset, value)
			   : stream_init(&owned->stream, &owned->algorithm);
	if (rc) {
		algorithm_release(&owned->algorithm);
		free(owned);
		return rc;
	}
	*stream = &owned->stream;
	return 0;
}

int ssum_stream_new(const char *algorithm, struct ssum_stream **stream)
{
	return stream_new(algorithm, 0, NULL, stream);
}

int ssum_stream_restore(const char *algorithm, uint64_t offset, const struct ssum_digest *value,
			struct ssum_stream **stream)
{
	return stream_new(algorithm, offset, value, stream);
}

void ssum_stream_free(struct ssum_stream *stream)
{
	if (!stream)
		return;
	struct owned_stream *owned = container_of(stream, struct owned_stream, stream);
	stream_clear(stream);
	algorithm_release(&owned->algorithm);
	free(owned);
}
