/* SPDX-License-Identifier: MIT */
#include "digest/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "digest/compress.h"

/* Zeros, where a buffer is needed. Its size stays in the first-level cache. */
static const unsigned char stream_zeros[16 * KIB];

/* From this length on, zeros are hashed without a buffer. */
#define ZERO_BLOCKS_MIN (2 * BLOCK_MAX)

/* At most this many zeros at once, so that the number fits into a size_t of 32 bits. */
#define ZERO_BLOCKS_MAX (1024 * MIB)

static int stream_check_room(const struct ssum_stream *stream, uint64_t more)
{
	if (stream->finished)
		return SSUM_ERR_FINISHED;
	return more > stream->algorithm->max_length - stream->length ? SSUM_ERR_TOO_LONG : 0;
}

/* ---- Algorithms of this library ---- */

/* Hash data with the kernels: complete the partial block first, then hash whole blocks in place,
   and keep the remaining bytes as the new partial block. */
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

/* Write the first value->length bytes of the chaining value, big-endian. */
static void chain_bytes(const struct ssum_stream *stream, struct ssum_digest *value)
{
	size_t size = stream->algorithm->family->word_length;

	for (size_t i = 0; i < value->length; i++) {
		uint64_t word = size == 4 ? stream->chain.w32[i / 4] : stream->chain.w64[i / 8];

		value->bytes[i] = (unsigned char)(word >> (8 * (size - 1 - i % size)));
	}
}

/* ---- All algorithms ---- */

static int stream_absorb(struct ssum_stream *stream, const unsigned char *data, size_t length)
{
	if (stream->evp) {
		if (!EVP_DigestUpdate(stream->evp, data, length)) {
			stream->finished = true; /* no digest after an error */
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

	/* The value is big-endian; the chain has words in host byte order. */
	size_t size = algorithm->family->word_length;
	for (size_t i = 0; i < value->length; i += size) {
		uint64_t word = 0;

		for (size_t j = 0; j < size; j++)
			word = word << 8 | value->bytes[i + j];
		if (size == 4)
			stream->chain.w32[i / size] = (uint32_t)word;
		else
			stream->chain.w64[i / size] = word;
	}
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

	/* The kernels hash whole blocks of zeros without reading memory. */
	while (!rc && stream->algorithm->family && length >= ZERO_BLOCKS_MIN) {
		uint64_t most = min_u64(length, ZERO_BLOCKS_MAX);
		size_t odd = stream->partial ? block_length - stream->partial : 0;
		size_t blocks = (size_t)(most - odd) / block_length;

		chain_absorb(stream, stream_zeros, odd);
		compress_blocks(stream->algorithm, (union chain *[]){&stream->chain}, NULL, 1,
				blocks);
		stream->length += odd + blocks * block_length;
		length -= odd + blocks * block_length;
	}
	while (length && !rc) {
		size_t step = (size_t)min_u64(length, sizeof(stream_zeros));

		rc = stream_absorb(stream, stream_zeros, step);
		length -= step;
	}
	return rc;
}

int ssum_stream_final(struct ssum_stream *stream, struct ssum_digest *digest)
{
	const struct kernel_family *family = stream->algorithm->family;

	*digest = (struct ssum_digest){0};
	if (stream->finished)
		return SSUM_ERR_FINISHED;
	stream->finished = true;
	if (stream->evp && !EVP_DigestFinal_ex(stream->evp, digest->bytes, NULL))
		return SSUM_ERR_CRYPTO;
	digest->length = stream->algorithm->digest_length;
	if (stream->evp)
		return 0;

	/* Padding: a one bit, zeros, and the length in bits, big-endian (FIPS 180-4, section 5.1).
	   The length in bits can exceed 64 bits: it is 8 * stream->length. */
	unsigned char padding[BLOCK_MAX] = {0x80}, bits[16] = {0};
	uint64_t length = stream->length;
	size_t end = family->block_length - family->length_length;

	if (stream->partial >= end)
		end += family->block_length;
	bits[7] = (unsigned char)(length >> 61);
	for (int i = 0; i < 8; i++)
		bits[8 + i] = (unsigned char)(length << 3 >> (56 - 8 * i));
	chain_absorb(stream, padding, end - stream->partial);
	chain_absorb(stream, bits + sizeof(bits) - family->length_length, family->length_length);
	chain_bytes(stream, digest);
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

/* ---- Several streams ---- */

void batch_add(struct batch *batch, struct ssum_stream *stream, const unsigned char *data)
{
	batch->streams[batch->count] = stream;
	batch->data[batch->count++] = data;
	batch->zeros += !data;
}

int batch_advance(struct batch *batch, uint64_t length)
{
	const struct algorithm *algorithm = batch->streams[0]->algorithm;
	uint64_t whole = algorithm->family ? length - length % BATCH_UNIT : 0;
	union chain *chains[LANES_MAX];
	int rc = 0;

	for (unsigned i = 0; i < batch->count; i++) {
		chains[i] = &batch->streams[i]->chain;
		batch->streams[i]->length += whole;
	}
	if (whole && batch->zeros == batch->count) {
		compress_blocks(algorithm, chains, NULL, batch->count,
				(size_t)(whole / algorithm->block_length));
	} else {
		/* If only some of the streams append zeros, these read them from the buffer, so a
		   step is at most as long as the buffer. */
		uint64_t most = batch->zeros ? sizeof(stream_zeros) : whole;

		for (uint64_t done = 0, step; done < whole; done += step) {
			const unsigned char *data[LANES_MAX];

			step = min_u64(whole - done, most);
			for (unsigned i = 0; i < batch->count; i++)
				data[i] = batch->data[i] ? batch->data[i] + done : stream_zeros;
			compress_blocks(algorithm, chains, data, batch->count,
					(size_t)(step / algorithm->block_length));
		}
	}

	/* The remaining bytes; for algorithms of libcrypto, all bytes. */
	for (unsigned i = 0; i < batch->count && whole < length && !rc; i++)
		rc = stream_put(batch->streams[i], batch->data[i] ? batch->data[i] + whole : NULL,
				length - whole);
	return rc;
}

/* ---- Streams for callers of the library ---- */

/* A stream with the algorithm that it uses. */
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
