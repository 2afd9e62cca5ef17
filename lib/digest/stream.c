/* SPDX-License-Identifier: MIT */
#include "digest/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "digest/compress.h"

/* Zeros for what cannot do without a buffer. */
static const unsigned char zeros[4 * KIB];

/* Runs of zeros from the first length on need no buffer; a length that every size_t holds. */
#define ZERO_BLOCKS_MIN (2 * BLOCK_MAX)
#define ZERO_BLOCKS_MAX (1024 * MIB)

static int check_room(const struct ssum_stream *stream, uint64_t more)
{
	if (stream->finished)
		return SSUM_ERR_FINISHED;
	return more > stream->algorithm->max_length - stream->length ? SSUM_ERR_TOO_LONG : 0;
}

/* ---- Chains of the library's own ---- */

static void absorb_blocks(struct ssum_stream *stream, const unsigned char *data, size_t blocks)
{
	union chain *chains[] = {&stream->chain};
	const unsigned char *const inputs[] = {data};

	compress(stream->algorithm, chains, inputs, 1, blocks);
}

static void fill_block(struct ssum_stream *stream, const unsigned char **data, size_t *length)
{
	size_t room = stream->algorithm->block_length - stream->partial;
	size_t taken = *length < room ? *length : room;

	memcpy(stream->block + stream->partial, *data, taken);
	stream->partial += taken;
	*data += taken;
	*length -= taken;
	if (stream->partial == stream->algorithm->block_length) {
		absorb_blocks(stream, stream->block, 1);
		stream->partial = 0;
	}
}

static void chain_absorb(struct ssum_stream *stream, const unsigned char *data, size_t length)
{
	if (stream->partial)
		fill_block(stream, &data, &length);

	size_t blocks = length / stream->algorithm->block_length;
	if (blocks) {
		absorb_blocks(stream, data, blocks);
		data += blocks * stream->algorithm->block_length;
		length -= blocks * stream->algorithm->block_length;
	}
	if (length)
		fill_block(stream, &data, &length);
}

/* Padding: a one bit, zeros, and the length in bits, big-endian (FIPS 180-4, section 5.1). */
static void chain_pad(struct ssum_stream *stream)
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
}

static unsigned char chain_byte(const struct ssum_stream *stream, size_t index)
{
	size_t size = stream->algorithm->family->word_length;
	uint64_t word = size == 4 ? stream->chain.w32[index / 4] : stream->chain.w64[index / 8];

	return (unsigned char)(word >> (8 * (size - 1 - index % size)));
}

/* As many bytes of the chaining value as the digest or the value has. */
static void chain_bytes(const struct ssum_stream *stream, struct ssum_digest *value)
{
	for (size_t i = 0; i < value->length; i++)
		value->bytes[i] = chain_byte(stream, i);
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

static void chain_final(struct ssum_stream *stream, struct ssum_digest *digest)
{
	chain_pad(stream);
	chain_bytes(stream, digest);
}

/* ---- Both kinds ---- */

static int absorb(struct ssum_stream *stream, const unsigned char *data, size_t length)
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

void stream_clear(struct ssum_stream *stream)
{
	EVP_MD_CTX_free(stream->evp);
	*stream = (struct ssum_stream){0};
}

int ssum_stream_update(struct ssum_stream *stream, const void *data, size_t length)
{
	int rc = check_room(stream, length);

	return rc || !length ? rc : absorb(stream, data, length);
}

/* All but the odd bytes at the end, of at least two blocks. Returns how many bytes that were. */
static uint64_t absorb_zero_blocks(struct ssum_stream *stream, uint64_t length)
{
	size_t block_length = stream->algorithm->block_length;
	size_t odd = stream->partial ? block_length - stream->partial : 0;
	union chain *chains[] = {&stream->chain};

	chain_absorb(stream, zeros, odd);
	size_t blocks = (size_t)(length - odd) / block_length;
	compress_zeros(stream->algorithm, chains, 1, blocks);
	stream->length += odd + blocks * block_length;
	return odd + blocks * block_length;
}

int ssum_stream_zeros(struct ssum_stream *stream, uint64_t length)
{
	int rc = check_room(stream, length);

	while (!rc && stream->algorithm->family && length >= ZERO_BLOCKS_MIN)
		length -= absorb_zero_blocks(stream, min_u64(length, ZERO_BLOCKS_MAX));
	while (length && !rc) {
		size_t piece = (size_t)min_u64(length, sizeof(zeros));

		rc = absorb(stream, zeros, piece);
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

static int new_stream(const char *name, uint64_t offset, const struct ssum_digest *value,
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
	return new_stream(algorithm, 0, NULL, stream);
}

int ssum_stream_restore(const char *algorithm, uint64_t offset, const struct ssum_digest *value,
			struct ssum_stream **stream)
{
	return new_stream(algorithm, offset, value, stream);
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
